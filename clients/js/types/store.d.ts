/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").Member} Member */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {{change: import("./schema.js").ReactionChange, isAdded: boolean}} ToldReaction */
/** @typedef {{
 *   rooms: undefined,
 *   people: undefined,
 *   personal: undefined,
 *   person: Person,
 *   message: Message,
 *   read: import("./schema.js").MovedReadMarker,
 *   typing: import("./schema.js").Typing,
 *   typingEnded: import("./schema.js").EndedTyping,
 *   reaction: ToldReaction,
 *   thread: import("./threads.js").ToldThread,
 *   following: import("./schema.js").Following,
 *   member: {type: "member.added" | "member.updated" | "member.removed", member: Member},
 *   entered: number,
 *   left: number,
 * }} StoreEvents */
/**
 * Emits `rooms`, `people` and `personal` (whom I block, my invitations, whether I am invisible) when a view of them is to be drawn anew; `person`, `message`, `read`, `typing`, `typingEnded`, `reaction` and
 * `member` for one change; `entered` and `left` with the id of a room that I am added to, or that is not mine any more.
 *
 * @extends {Emitter<StoreEvents>}
 */
export class Store extends Emitter<StoreEvents> {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    /** @type {Person} */
    me: Person;
    /** Those whom the store has met. */
    known: KnownPeople;
    isLoaded: boolean;
    api: import("./api.js").Api;
    /** Mine, by id. */
    get rooms(): Map<number, import("./storedrooms.js").StoredRoom>;
    /** By id: those whom the store has met. */
    get people(): Map<number, import("./schema.js").Person>;
    /** Ids of those whom I block: views hide what they write in groups. */
    get blocked(): Set<number>;
    /**
     * Whether views hide a message: somebody whom I block sent it, and not in a direct room.
     * @param {Message} message
     */
    isHidden({ sent_by, room_id }: Message): boolean;
    /** To me, by id. */
    get invitations(): Map<number, import("./schema.js").Invitation>;
    /** Whether I appear offline to others. */
    get isInvisible(): boolean;
    /** Whether I am staff, as of the last load. */
    get isStaff(): boolean;
    /** Ids of those who are online, or away. */
    get online(): Set<number>;
    /**
     * Whether somebody is "online", "away" or "offline".
     * @param {number} userId
     */
    statusOf(userId: number): import("./schema.js").PresenceStatusEnum;
    /** My rooms that are neither archived nor hidden, the most recently active one first. */
    roomList(): import("./storedrooms.js").StoredRoom[];
    /** Fetch everything anew. If it throws ChatError, the old data stays. */
    load(): Promise<void>;
    /** Fetch who is online. */
    loadOnline(): Promise<void>;
    /**
     * Fetch one room that is new to me, or that changed. A room that is not mine any more is removed. Returns the error.
     * @param {number} roomId
     */
    loadRoom(roomId: number): Promise<import("./errors.js").ChatError | null>;
    /**
     * From an answer, with what is mine; or from an event, without.
     * @param {import("./schema.js").Room & Partial<import("./schema.js").FullRoom>} room
     */
    putRoom(room: import("./schema.js").Room & Partial<import("./schema.js").FullRoom>): void;
    /** @param {Person} person */
    know(person: Person): void;
    /**
     * From the stream, where it `isTold` to be new, or from an answer.
     * @param {Message} message
     * @param {boolean} [isTold]
     */
    putMessage(message: Message, isTold?: boolean): void;
    /**
     * Forward, at once; the server tells the rest a moment later.
     * @param {number} roomId
     * @param {number} seq
     */
    moveReadMarker(roomId: number, seq: number): void;
    /**
     * From the server.
     * @param {import("./unread.js").ToldMarker} marker
     */
    putReadMarker(marker: import("./unread.js").ToldMarker): void;
    /** @param {ChatEvent} event */
    apply(event: ChatEvent): undefined;
    /**
     * The room is not mine any more.
     * @param {number} roomId
     */
    leave(roomId: number): void;
    /** Forget what is planned. */
    close(): void;
    #private;
}
export type ChatEvent = import("./schema.js").ChatEvent;
export type Message = import("./schema.js").Message;
export type Person = import("./schema.js").Person;
export type Member = import("./schema.js").Member;
export type StoredRoom = import("./storedrooms.js").StoredRoom;
export type ToldReaction = {
    change: import("./schema.js").ReactionChange;
    isAdded: boolean;
};
export type StoreEvents = {
    rooms: undefined;
    people: undefined;
    personal: undefined;
    person: Person;
    message: Message;
    read: import("./schema.js").MovedReadMarker;
    typing: import("./schema.js").Typing;
    typingEnded: import("./schema.js").EndedTyping;
    reaction: ToldReaction;
    thread: import("./threads.js").ToldThread;
    following: import("./schema.js").Following;
    member: {
        type: "member.added" | "member.updated" | "member.removed";
        member: Member;
    };
    entered: number;
    left: number;
};
import { Emitter } from "./emitter.js";
import { KnownPeople } from "./knownpeople.js";
