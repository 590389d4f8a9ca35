/** @typedef {import("./schema.js").Message} Message */
/** @typedef {{id: number, change: (message: Message) => Message}} ToldChange */
export class HistoryPages {
    /**
     * @param {import("./store.js").Store} store
     * @param {number} roomId
     */
    constructor(store: import("./store.js").Store, roomId: number);
    store: import("./store.js").Store;
    roomId: number;
    /**
     * What changes a message, which may be newer than a page that is under way.
     * @param {number} id
     * @param {(message: Message) => Message} change
     */
    note(id: number, change: (message: Message) => Message): void;
    /**
     * @param {import("./api.js").Query} query
     * @returns {Promise<import("./run.js").Page>}
     */
    fetch(query: import("./api.js").Query): Promise<import("./run.js").Page>;
    #private;
}
export type Message = import("./schema.js").Message;
export type ToldChange = {
    id: number;
    change: (message: Message) => Message;
};
