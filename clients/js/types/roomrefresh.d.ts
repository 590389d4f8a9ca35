export class RoomRefresh {
    /**
     * @param {import("./clock.js").Clock} clock
     * @param {import("./store.js").Store} store
     */
    constructor(clock: import("./clock.js").Clock, store: import("./store.js").Store);
    clock: import("./clock.js").Clock;
    store: import("./store.js").Store;
    /**
     * Fetch a room now. A room that is not mine is removed. Returns the error.
     * @param {number} roomId
     */
    load(roomId: number): Promise<import("./errors.js").ChatError | null>;
    /**
     * Fetch it as soon as the server can be reached.
     * @param {number} roomId
     * @param {number} [wait] in ms
     */
    plan(roomId: number, wait?: number): void;
    /**
     * It has news, and is not in the store.
     * @param {number} roomId
     */
    planUnlessLeft(roomId: number): void;
    /**
     * It is not mine any more, unless an event says so again.
     * @param {number} roomId
     */
    forget(roomId: number): void;
    /** @param {import("./storedrooms.js").StoredRoom | undefined} room */
    planCount(room: import("./storedrooms.js").StoredRoom | undefined): void;
    /** @param {import("./schema.js").ChatEvent} event */
    note(event: import("./schema.js").ChatEvent): void;
    /** Forget what is planned: everything is fetched anew, or the client is closed. */
    clear(): void;
    #private;
}
