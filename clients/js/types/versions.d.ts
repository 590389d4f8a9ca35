/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/**
 * The newer of two messages; of the same one, the later version: what was removed stays so.
 * @param {Message | null | undefined} one
 * @param {Message | null | undefined} other
 * @returns {Message | null}
 */
export function newerMessage(one: Message | null | undefined, other: Message | null | undefined): Message | null;
/**
 * What I set for myself in a room: a hidden one shows again as soon as somebody writes there, other than in a thread.
 * @param {import("./schema.js").MemberSettings | null} settings
 * @param {number} mainSeq of the room
 */
export function settingsAt(settings: import("./schema.js").MemberSettings | null, mainSeq: number): {
    hidden: boolean;
    room_id: number;
    notify: import("./schema.js").NotifyEnum;
    muted_until: string | null;
    pinned: boolean;
    hidden_seq: number | null;
} | null;
/**
 * What is known of a room, with what an answer or an event says of it. Numbers only rise.
 * @param {StoredRoom | undefined} known
 * @param {import("./schema.js").Room & Partial<import("./schema.js").FullRoom>} room
 * @param {number} place if it is new, or has news
 * @returns {StoredRoom}
 */
export function mergedRoom(known: StoredRoom | undefined, room: import("./schema.js").Room & Partial<import("./schema.js").FullRoom>, place: number): StoredRoom;
export function laterTime(one: string, other: string): string;
export type Message = import("./schema.js").Message;
export type StoredRoom = import("./storedrooms.js").StoredRoom;
