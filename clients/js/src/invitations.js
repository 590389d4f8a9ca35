// Invitations to rooms over REST. The store has mine, as `invitations`.

/** @typedef {import("./schema.js").Invitation} Invitation */
/** @typedef {import("./schema.js").Member} Member */

export class Invitations {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * A page of the open invitations to a room, for those who may invite people there.
   * @param {number} roomId
   * @param {{limit?: number, after?: number}} [query]
   * @returns {Promise<import("./api.js").ListPage<Invitation>>}
   */
  list(roomId, query) {
    return this.api.get(`/api/v1/rooms/${roomId}/invitations/`, query);
  }

  /**
   * Invite a person, or, without user_id, make a link: its `code` is shown this once.
   * @param {number} roomId
   * @param {{user_id?: number, expires_in?: number, uses?: number}} [invitation] `expires_in` in seconds
   * @returns {Promise<Invitation & {code: string | null}>}
   */
  create(roomId, invitation = {}) {
    return this.api.request("POST", `/api/v1/rooms/${roomId}/invitations/`, invitation);
  }

  /**
   * One of mine, or one by its code: what room it leads to.
   * @param {number | string} idOrCode
   * @returns {Promise<Invitation>}
   */
  get(idOrCode) {
    return this.api.get(pathOf(idOrCode));
  }

  /**
   * @param {number | string} idOrCode
   * @returns {Promise<Member>}
   */
  accept(idOrCode) {
    return this.api.request("POST", `${pathOf(idOrCode)}accept/`);
  }

  /**
   * Decline it, or revoke one of a room.
   * @param {number} id
   * @returns {Promise<null>}
   */
  remove(id) {
    return this.api.request("DELETE", pathOf(id));
  }
}

/** @param {number | string} idOrCode */
const pathOf = (idOrCode) => `/api/v1/invitations/${encodeURIComponent(idOrCode)}/`;
