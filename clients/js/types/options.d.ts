/**
 * @typedef {{
 *   url?: string,
 *   token?: import("./credential.js").TokenSource,
 *   storage?: import("./outbox.js").KeptTexts | null,
 *   share?: boolean,
 *   fetch?: typeof globalThis.fetch,
 *   clock?: import("./clock.js").Clock,
 * } & import("./sharedstream.js").Sharing} ClientOptions
 *
 * - `url` of the server, with its path if it has one. Default: this page's origin.
 * - `token`, or a function that gets one and is called again when it ends. Without one: the cookies of this page's origin.
 * - `storage` for messages that are not sent yet. Default: that of the tab, if there is one; null: none.
 * - `share` one stream between tabs. Default: where the browser can.
 */
/** What outlives a reload, but not the tab. Some pages may not use it. */
export function tabStorage(): Storage | null;
/**
 * - `url` of the server, with its path if it has one. Default: this page's origin.
 * - `token`, or a function that gets one and is called again when it ends. Without one: the cookies of this page's origin.
 * - `storage` for messages that are not sent yet. Default: that of the tab, if there is one; null: none.
 * - `share` one stream between tabs. Default: where the browser can.
 */
export type ClientOptions = {
    url?: string;
    token?: import("./credential.js").TokenSource;
    storage?: import("./outbox.js").KeptTexts | null;
    share?: boolean;
    fetch?: typeof globalThis.fetch;
    clock?: import("./clock.js").Clock;
} & import("./sharedstream.js").Sharing;
