/** @typedef {import("./schema.js").Presence["status"]} Status */
export class Presence {
    /** @param {import("./store.js").Store} store */
    constructor(store: import("./store.js").Store);
    /** Ids, also of those who are away. @type {Set<number>} */
    online: Set<number>;
    /** Ids. @type {Set<number>} */
    away: Set<number>;
    store: import("./store.js").Store;
    /**
     * @param {number} id
     * @returns {Status}
     */
    of(id: number): Status;
    /** Fetch it. Presence may be unavailable (503) while the chat is not: then the old data stays. */
    load(): Promise<void>;
    /**
     * @param {number} id
     * @param {Status} status
     */
    set(id: number, status: Status): void;
    #private;
}
export type Status = import("./schema.js").Presence["status"];
