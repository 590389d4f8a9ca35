/** @typedef {import("./schema.js").Message} Message */
/** Emits `changed`, and `history` before it where the change is a page. @extends {Emitter<{changed: undefined, history: undefined}>} */
export class Timeline extends Emitter<{
    changed: undefined;
    history: undefined;
}> {
    /**
     * @param {import("./store.js").Store} store
     * @param {number} roomId
     * @param {() => number | null} placeOf the seq that the reader looks at; null at the end of the room
     */
    constructor(store: import("./store.js").Store, roomId: number, placeOf: () => number | null);
    isLoaded: boolean;
    /** Why it could not be loaded. @type {import("./errors.js").ChatError | null} */
    error: import("./errors.js").ChatError | null;
    store: import("./store.js").Store;
    roomId: number;
    placeOf: () => number | null;
    clock: import("./clock.js").Clock;
    onclose: () => void;
    /** Oldest first. */
    get messages(): import("./schema.js").Message[];
    get hasOlder(): boolean;
    /** The messages end before the room does. New ones are not shown then. */
    get hasNewer(): boolean;
    get last(): import("./schema.js").Message | null;
    /** @param {number} seq */
    has(seq: number): boolean;
    /**
     * Start again with the newest page, or with the page around a seq. Tried again while the server is away.
     * @param {number | null} [around]
     */
    load(around?: number | null): Promise<void>;
    /** Fetch anew where the reader is: after a reset. */
    reload(): Promise<void>;
    /** Load what could not be loaded while the server was away. */
    recover(): void;
    /** Fetch the page above. Does nothing while one is being fetched. Throws ChatError. */
    loadOlder(): Promise<void>;
    /** Fetch the page below. Does nothing while one is being fetched. Throws ChatError. */
    loadNewer(): Promise<void>;
    /** No longer follow the room. */
    close(): void;
    #private;
}
export type Message = import("./schema.js").Message;
import { Emitter } from "./emitter.js";
