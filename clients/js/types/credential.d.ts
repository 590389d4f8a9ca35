/** @typedef {string | (() => string | null | Promise<string | null>)} TokenSource */
export class Credential {
    /**
     * @param {TokenSource | undefined} source undefined: cookies
     * @param {import("./clock.js").Clock} clock
     */
    constructor(source: TokenSource | undefined, clock: import("./clock.js").Clock);
    source: TokenSource | undefined;
    clock: import("./clock.js").Clock;
    get usesCookies(): boolean;
    get isRenewable(): boolean;
    /** Whether it is time for another token. */
    get isDue(): boolean;
    /**
     * The token; null with cookies. Throws ChatError: 401 where the function has none, 0 where it fails.
     * @returns {Promise<string | null>}
     */
    token(): Promise<string | null>;
    /**
     * The server refused this token, or it has ended.
     * @param {string | null} [token]
     */
    drop(token?: string | null): void;
    /**
     * What the server says about the end of this token; a JWT says so itself.
     * @param {string | null} token
     * @param {string | null} expiresAt
     */
    learnExpiry(token: string | null, expiresAt: string | null): void;
    #private;
}
export type TokenSource = string | (() => string | null | Promise<string | null>);
