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
    /** A snapshot came: move there what it does not know yet. */
    restore(): void;
    close(): void;
    #private;
}
