export class ReadMarkers {
    /** @param {import("./store.js").Store} store */
    constructor(store: import("./store.js").Store);
    store: import("./store.js").Store;
    clock: import("./clock.js").Clock;
    /**
     * @param {number} roomId
     * @param {number} seq
     */
    move(roomId: number, seq: number): void;
    /**
     * Make a message the first one that is unread. Throws ChatError.
     * @param {import("./schema.js").Message} message
     */
    moveBefore({ room_id, id }: import("./schema.js").Message): Promise<void>;
    /** All that is there is read, in all rooms. Throws ChatError. */
    moveAll(): Promise<void>;
    /** A snapshot came: move there what it does not know yet. */
    restore(): void;
    /** Tell the server now. Waits for what is on its way, too. */
    flush(): Promise<void>;
    close(): void;
    #private;
}
