/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").Following} Following */
/**
 * @template Item
 * @typedef {import("./api.js").ListPage<Item>} ListPage
 */
/** The totals of a thread, as an event of a reply has them.
 * @typedef {NonNullable<import("./schema.js").MessageCreatedEvent["thread"]>} ToldThread */
/**
 * A root with the new totals of its thread.
 * @param {Message} message
 * @param {ToldThread} told
 * @returns {Message}
 */
export function withThread(message: Message, { root_id, last_reply_at, ...totals }: ToldThread): Message;
/**
 * A message where a person has a new name.
 * @param {Message} message
 * @param {Person} person
 * @returns {Message}
 */
export function withPerson(message: Message, person: Person): Message;
export class Threads {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * A page of the threads that I follow, the latest reply first.
     * @param {{unread?: boolean, limit?: number, after?: number}} [query]
     * @returns {Promise<ListPage<Following & {unread: number, root: Message}>>}
     */
    list(query?: {
        unread?: boolean;
        limit?: number;
        after?: number;
    }): Promise<ListPage<Following & {
        unread: number;
        root: Message;
    }>>;
    /**
     * A page of the replies to a message, the first ones first. To reply: `messages.send({ ..., parent_id })`.
     * @param {number} rootId
     * @param {{limit?: number, after?: number, before?: number}} [query] message ids
     * @returns {Promise<ListPage<Message>>}
     */
    replies(rootId: number, query?: {
        limit?: number;
        after?: number;
        before?: number;
    }): Promise<ListPage<Message>>;
    /**
     * Whether I follow a thread, and how far I have read it.
     * @param {number} rootId
     * @returns {Promise<Following>}
     */
    get(rootId: number): Promise<Following>;
    /**
     * @param {number} rootId
     * @returns {Promise<Following>}
     */
    follow(rootId: number): Promise<Following>;
    /**
     * @param {number} rootId
     * @returns {Promise<null>}
     */
    unfollow(rootId: number): Promise<null>;
    /**
     * I have read a thread up to this thread_seq.
     * @param {number} rootId
     * @param {number} seq
     * @returns {Promise<Following>}
     */
    markRead(rootId: number, seq: number): Promise<Following>;
}
export type Message = import("./schema.js").Message;
export type Person = import("./schema.js").Person;
export type Following = import("./schema.js").Following;
export type ListPage<Item> = import("./api.js").ListPage<Item>;
/**
 * The totals of a thread, as an event of a reply has them.
 */
export type ToldThread = NonNullable<import("./schema.js").MessageCreatedEvent["thread"]>;
