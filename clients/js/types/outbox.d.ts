/** With `parent_id` it is a reply. @typedef {{room_id: number, user_id?: undefined, parent_id?: number} | {user_id: number, room_id?: undefined, parent_id?: undefined}} Destination */
/** Waits while `problem` is null; else the server refused it, and says why.
 * @typedef {{id: string, to: Destination, text: string, at: string, problem: string | null, code: string | null}} OutboxItem */
/** @typedef {{backoff: Backoff, timer: any, isSending: boolean, isBound: boolean}} Lane */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} KeptTexts */
/**
 * Emits `changed`; `sent` when the server has a message; `delayed` when it is to be sent again later; `failed` when the
 * server refused it.
 * @extends {Emitter<{
 *   changed: undefined,
 *   sent: {item: OutboxItem, message: Message},
 *   delayed: {item: OutboxItem, error: import("./errors.js").ChatError},
 *   failed: OutboxItem,
 * }>}
 */
export class Outbox extends Emitter<{
    changed: undefined;
    sent: {
        item: OutboxItem;
        message: Message;
    };
    delayed: {
        item: OutboxItem;
        error: import("./errors.js").ChatError;
    };
    failed: OutboxItem;
}> {
    /**
     * @param {import("./store.js").Store} store
     * @param {KeptTexts | null} storage
     */
    constructor(store: import("./store.js").Store, storage: KeptTexts | null);
    /** @type {OutboxItem[]} */
    items: OutboxItem[];
    store: import("./store.js").Store;
    api: import("./api.js").Api;
    storage: KeptTexts | null;
    /**
     * Load what an earlier page left unsent, and send it. What another person left unsent stays in the storage, for them.
     * @param {string} key of the storage: of one person at one server
     */
    open(key: string): void;
    /**
     * Returns the item, whose `id` is the message's client_message_id.
     * @param {Destination} to
     * @param {string} text
     */
    add(to: Destination, text: string): OutboxItem;
    /** @param {Destination} to */
    itemsTo(to: Destination): OutboxItem[];
    /** @param {string} id */
    retry(id: string): void;
    /** @param {string} id */
    discard(id: string): void;
    /**
     * The server has it: its answer or its event came, whichever was first.
     * @param {Message} message
     */
    confirm(message: Message): void;
    /** Send the waiting messages now: the server can be reached again. */
    flush(): void;
    close(): void;
    #private;
}
/**
 * With `parent_id` it is a reply.
 */
export type Destination = {
    room_id: number;
    user_id?: undefined;
    parent_id?: number;
} | {
    user_id: number;
    room_id?: undefined;
    parent_id?: undefined;
};
/**
 * Waits while `problem` is null; else the server refused it, and says why.
 */
export type OutboxItem = {
    id: string;
    to: Destination;
    text: string;
    at: string;
    problem: string | null;
    code: string | null;
};
export type Lane = {
    backoff: Backoff;
    timer: any;
    isSending: boolean;
    isBound: boolean;
};
export type Message = import("./schema.js").Message;
export type KeptTexts = Pick<Storage, "getItem" | "setItem" | "removeItem">;
import { Emitter } from "./emitter.js";
import { Backoff } from "./backoff.js";
