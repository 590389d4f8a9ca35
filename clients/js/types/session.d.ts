/** @typedef {import("./schema.js").Session} SessionBody */
export class Session {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * Who I am, by which credential and until when. `user` is null for nobody.
     * @returns {Promise<SessionBody>}
     */
    get(): Promise<SessionBody>;
    /**
     * Sign in.
     * @param {{username: string, password?: string}} body
     * @returns {Promise<SessionBody>}
     */
    create(body: {
        username: string;
        password?: string;
    }): Promise<SessionBody>;
    /**
     * Sign out.
     * @returns {Promise<null>}
     */
    end(): Promise<null>;
}
export type SessionBody = import("./schema.js").Session;
