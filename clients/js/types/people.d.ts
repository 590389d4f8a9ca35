/** @typedef {import("./schema.js").User} User */
export class People {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * A page of people, of those whose username begins with `q` if given.
     * @param {{q?: string, limit?: number, after?: number}} [query]
     * @returns {Promise<import("./api.js").ListPage<User>>}
     */
    list(query?: {
        q?: string;
        limit?: number;
        after?: number;
    }): Promise<import("./api.js").ListPage<User>>;
    /**
     * @param {number} userId
     * @returns {Promise<User>}
     */
    get(userId: number): Promise<User>;
    /**
     * Neither of us sends direct messages to the other then. The store has the ids, as `blocked`.
     * @param {number} userId
     * @returns {Promise<import("./schema.js").Block>}
     */
    block(userId: number): Promise<import("./schema.js").Block>;
    /**
     * @param {number} userId
     * @returns {Promise<null>}
     */
    unblock(userId: number): Promise<null>;
    /** @returns {Promise<User>} */
    me(): Promise<User>;
    /**
     * Change my profile.
     * @param {{display_name?: string, avatar_url?: string, email?: string | null}} changes
     * @returns {Promise<User>}
     */
    update(changes: {
        display_name?: string;
        avatar_url?: string;
        email?: string | null;
    }): Promise<User>;
    /**
     * Appear offline to others, or no longer. The store has it as `isInvisible`.
     * @param {boolean} isInvisible
     * @returns {Promise<{invisible: boolean}>}
     */
    setInvisible(isInvisible: boolean): Promise<{
        invisible: boolean;
    }>;
    /**
     * Register.
     * @param {{username: string, password: string, email?: string}} person
     * @returns {Promise<User>}
     */
    create(person: {
        username: string;
        password: string;
        email?: string;
    }): Promise<User>;
}
export type User = import("./schema.js").User;
