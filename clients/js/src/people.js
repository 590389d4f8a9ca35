// People over REST.

const PEOPLE = "/api/v1/users/";

/** @typedef {import("./schema.js").User} User */

export class People {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * A page of people, of those whose username begins with `q` if given.
   * @param {{q?: string, limit?: number, after?: number}} [query]
   * @returns {Promise<import("./api.js").ListPage<User>>}
   */
  list(query) {
    return this.api.get(PEOPLE, query);
  }

  /**
   * @param {number} userId
   * @returns {Promise<User>}
   */
  get(userId) {
    return this.api.get(`${PEOPLE}${userId}/`);
  }

  /**
   * Neither of us sends direct messages to the other then. The store has the ids, as `blocked`.
   * @param {number} userId
   * @returns {Promise<import("./schema.js").Block>}
   */
  block(userId) {
    return this.api.request("PUT", `/api/v1/blocks/${userId}/`);
  }

  /**
   * @param {number} userId
   * @returns {Promise<null>}
   */
  unblock(userId) {
    return this.api.request("DELETE", `/api/v1/blocks/${userId}/`);
  }

  /** @returns {Promise<User>} */
  me() {
    return this.api.get(`${PEOPLE}me/`);
  }

  /**
   * Change my profile.
   * @param {{display_name?: string, avatar_url?: string, email?: string | null}} changes
   * @returns {Promise<User>}
   */
  update(changes) {
    return this.api.request("PATCH", `${PEOPLE}me/`, changes);
  }

  /**
   * Appear offline to others, or no longer. The store has it as `isInvisible`.
   * @param {boolean} isInvisible
   * @returns {Promise<{invisible: boolean}>}
   */
  setInvisible(isInvisible) {
    return this.api.request("PUT", `${PEOPLE}me/presence/`, { invisible: isInvisible });
  }

  /**
   * Register.
   * @param {{username: string, password: string, email?: string}} person
   * @returns {Promise<User>}
   */
  create(person) {
    return this.api.request("POST", PEOPLE, person);
  }
}
