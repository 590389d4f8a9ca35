/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {import("./markers.js").Marker} Marker */
/** @typedef {Omit<import("./schema.js").MovedReadMarker, "user_id">} ToldMarker */
/**
 * Returns whether it moves the room up. A reply in a thread has a seq, and changes nothing else; a system message is the
 * last one of the room, and is never unread.
 * @param {StoredRoom} room
 * @param {Message} message
 * @param {number} me my id
 * @param {boolean} isTold an event says that it was posted
 */
export function addMessage(room: StoredRoom, message: Message, me: number, isTold: boolean): boolean;
/**
 * Returns whether the mentions have to be counted anew.
 * @param {StoredRoom} room
 * @param {Marker} marker
 * @param {boolean} [isBack] else a lower one is old news
 */
export function moveMarker(room: StoredRoom, marker: Marker, isBack?: boolean): boolean;
/**
 * The marker at a seq, as if what comes after it were no replies: at most what it is.
 * @param {StoredRoom} room
 * @param {number} seq
 * @returns {Marker}
 */
export function markerAt(room: StoredRoom, seq: number): Marker;
export type Message = import("./schema.js").Message;
export type StoredRoom = import("./storedrooms.js").StoredRoom;
export type Marker = import("./markers.js").Marker;
export type ToldMarker = Omit<import("./schema.js").MovedReadMarker, "user_id">;
