/** So many results of a list, or ids asked for, are in one answer at most. */
export const LARGEST_PAGE: 100;
/**
 * @template Item
 * @typedef {{results: Item[], next: number | string | null, previous: number | string | null}} ListPage
 */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Query */
export class Api {
    /**
     * @param {{
     *   url: string,
     *   credential: import("./credential.js").Credential,
     *   clock: import("./clock.js").Clock,
     *   fetch: typeof globalThis.fetch,
     * }} options
     */
    constructor({ url, credential, clock, fetch }: {
        url: string;
        credential: import("./credential.js").Credential;
        clock: import("./clock.js").Clock;
        fetch: typeof globalThis.fetch;
    });
    url: string;
    credential: import("./credential.js").Credential;
    clock: import("./clock.js").Clock;
    fetch: typeof fetch;
    /** Called when a request is 401, and no other token helps. */
    onrefused: () => void;
    /**
     * Call, and return the JSON of the answer, null where it has none. Throws ChatError.
     * @param {string} method
     * @param {string} path such as "/api/v1/rooms/"
     * @param {unknown} [body]
     * @returns {Promise<any>}
     */
    request(method: string, path: string, body?: unknown): Promise<any>;
    /**
     * The answer to a request with the credential, as it is.
     * @param {string} path
     * @param {RequestInit & {headers: Record<string, string>}} init
     * @returns {Promise<Response>}
     */
    send(path: string, init: RequestInit & {
        headers: Record<string, string>;
    }): Promise<Response>;
    /**
     * @param {string} path
     * @param {Query} [query]
     * @returns {Promise<any>}
     */
    get(path: string, query?: Query): Promise<any>;
    /**
     * All results of a list, page by page, up to so many pages; those after the `after` of the query, if it has one.
     * @param {string} path
     * @param {Query} [query]
     * @param {number} [maxPages]
     * @returns {Promise<any[]>}
     */
    getAll(path: string, query?: Query, maxPages?: number): Promise<any[]>;
    #private;
}
export type ListPage<Item> = {
    results: Item[];
    next: number | string | null;
    previous: number | string | null;
};
export type Query = Record<string, string | number | boolean | null | undefined>;
