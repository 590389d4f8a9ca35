/** @typedef {{
 *   state: import("./stream.js").StreamState,
 *   event: import("./schema.js").ChatEvent,
 *   loaded: undefined,
 *   problem: ChatError,
 *   signedOut: string,
 * }} ClientEvents */
/**
 * Emits `state` of the connection; `event` for each event, once; `loaded` after a snapshot; `problem` where an attempt
 * fails that is made again; `signedOut` with the reason, after which this client is closed.
 *
 * @extends {Emitter<ClientEvents>}
 */
export class ChatClient extends Emitter<ClientEvents> {
    /** @param {import("./options.js").ClientOptions} [options] */
    constructor(options?: import("./options.js").ClientOptions);
    clock: import("./clock.js").Clock;
    api: Api;
    session: Session;
    people: People;
    rooms: Rooms;
    members: Members;
    invitations: Invitations;
    messages: Messages;
    threads: Threads;
    store: Store;
    typing: Typing;
    activity: Activity;
    readMarkers: ReadMarkers;
    outbox: Outbox;
    /** Of the connection. */
    get state(): import("./stream.js").StreamState;
    /**
     * Sign in, open the stream and fetch the snapshot (`loaded`). Tried again while the server is away, each failure being
     * a `problem`. Returns me. Throws ChatError 401 where nobody is signed in.
     * @returns {Promise<import("./schema.js").User>}
     */
    connect(): Promise<import("./schema.js").User>;
    /** Read the stream in this tab: where the person has too many windows open, another one ends. */
    takeStream(): void;
    /** Stop everything. */
    close(): void;
    /**
     * The messages of a room, kept up to date until its close().
     * @param {number} roomId
     * @param {{placeOf?: () => number | null}} [options] the seq that the reader looks at; null, the default: at the end
     */
    openTimeline(roomId: number, { placeOf }?: {
        placeOf?: () => number | null;
    }): import("./timeline.js").Timeline;
    /**
     * The members of a room, kept up to date until its close(). Fetched by its load().
     * @param {number} roomId
     */
    openMembers(roomId: number): import("./memberlist.js").MemberList;
    /**
     * Leave a room, and remove it from the store. How far I have read is told before: afterwards it would be 404. Throws
     * ChatError.
     * @param {number} roomId
     */
    leaveRoom(roomId: number): Promise<void>;
    /**
     * Send a message as soon as possible, after those before it; see `outbox`.
     * @param {import("./outbox.js").Destination} to
     * @param {string} text
     */
    send(to: import("./outbox.js").Destination, text: string): import("./outbox.js").OutboxItem;
    /**
     * I have read a room up to this seq.
     * @param {number} roomId
     * @param {number} seq
     */
    markRead(roomId: number, seq: number): void;
    #private;
}
export type ClientEvents = {
    state: import("./stream.js").StreamState;
    event: import("./schema.js").ChatEvent;
    loaded: undefined;
    problem: ChatError;
    signedOut: string;
};
import { Emitter } from "./emitter.js";
import { Api } from "./api.js";
import { Session } from "./session.js";
import { People } from "./people.js";
import { Rooms } from "./rooms.js";
import { Members } from "./rooms.js";
import { Invitations } from "./invitations.js";
import { Messages } from "./messages.js";
import { Threads } from "./threads.js";
import { Store } from "./store.js";
import { Typing } from "./typing.js";
import { Activity } from "./activity.js";
import { ReadMarkers } from "./readmarkers.js";
import { Outbox } from "./outbox.js";
import { ChatError } from "./errors.js";
