export class Presence {
    /** @param {import("./store.js").Store} store */
    constructor(store: import("./store.js").Store);
    /** Ids. @type {Set<number>} */
    online: Set<number>;
    store: import("./store.js").Store;
    /** Fetch it. Presence may be unavailable (503) while the chat is not: then the old data stays. */
    load(): Promise<void>;
    /**
     * @param {number} id
     * @param {boolean} isOnline
     */
    set(id: number, isOnline: boolean): void;
    #private;
}
