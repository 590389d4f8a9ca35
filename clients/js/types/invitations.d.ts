/** @typedef {import("./schema.js").Invitation} Invitation */
/** @typedef {import("./schema.js").Member} Member */
export class Invitations {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * A page of the open invitations to a room, for those who may invite people there.
     * @param {number} roomId
     * @param {{limit?: number, after?: number}} [query]
     * @returns {Promise<import("./api.js").ListPage<Invitation>>}
     */
    list(roomId: number, query?: {
        limit?: number;
        after?: number;
    }): Promise<import("./api.js").ListPage<Invitation>>;
    /**
     * Invite a person, or, without user_id, make a link: its `code` is shown this once.
     * @param {number} roomId
     * @param {{user_id?: number, expires_in?: number, uses?: number}} [invitation] `expires_in` in seconds
     * @returns {Promise<Invitation & {code: string | null}>}
     */
    create(roomId: number, invitation?: {
        user_id?: number;
        expires_in?: number;
        uses?: number;
    }): Promise<Invitation & {
        code: string | null;
    }>;
    /**
     * One of mine, or one by its code: what room it leads to.
     * @param {number | string} idOrCode
     * @returns {Promise<Invitation>}
     */
    get(idOrCode: number | string): Promise<Invitation>;
    /**
     * @param {number | string} idOrCode
     * @returns {Promise<Member>}
     */
    accept(idOrCode: number | string): Promise<Member>;
    /**
     * Decline it, or revoke one of a room.
     * @param {number} id
     * @returns {Promise<null>}
     */
    remove(id: number): Promise<null>;
}
export type Invitation = import("./schema.js").Invitation;
export type Member = import("./schema.js").Member;
