// Who is asking; and, on pages of the server's own origin, sign-in and sign-out with a cookie.

const SESSION = "/api/v1/session/";

/** @typedef {import("./schema.js").Session} SessionBody */

export class Session {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * Who I am, by which credential and until when. `user` is null for nobody.
   * @returns {Promise<SessionBody>}
   */
  get() {
    return this.api.get(SESSION);
  }

  /**
   * Sign in.
   * @param {{username: string, password?: string}} body
   * @returns {Promise<SessionBody>}
   */
  create(body) {
    return this.api.request("POST", SESSION, body);
  }

  /**
   * Sign out.
   * @returns {Promise<null>}
   */
  end() {
    return this.api.request("DELETE", SESSION);
  }
}
