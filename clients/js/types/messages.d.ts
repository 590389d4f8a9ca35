/** @typedef {import("./schema.js").Message} Message */
export class Messages {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * A page of a room's history, oldest first; without a cursor the newest.
     * @param {number} roomId
     * @param {{before?: number, after?: number, around?: number, around_seq?: number, limit?: number}} [query] message ids, or a seq
     * @returns {Promise<import("./api.js").ListPage<Message>>}
     */
    list(roomId: number, query?: {
        before?: number;
        after?: number;
        around?: number;
        around_seq?: number;
        limit?: number;
    }): Promise<import("./api.js").ListPage<Message>>;
    /**
     * With a client_message_id it can be sent again safely.
     * @param {{message: string, client_message_id?: string} & ({room_id: number} | {user_id: number})} message
     * @returns {Promise<Message>}
     */
    send(message: {
        message: string;
        client_message_id?: string;
    } & ({
        room_id: number;
    } | {
        user_id: number;
    })): Promise<Message>;
}
export type Message = import("./schema.js").Message;
