// What requests prove their identity with: a token, a function that gets one, or the cookies of one's own origin.
//
// A function is asked again before the token expires, and after a 401. However many requests wait, it is asked once.

import { ChatError } from "./errors.js";

const RENEW_BEFORE = 60_000;
// Of a token that lives shorter than ten minutes, renew in the last tenth.
const LAST_PART = 10;
const TIMEOUT = 15_000;

/** @typedef {string | (() => string | null | Promise<string | null>)} TokenSource */

export class Credential {
  /** @type {string | null} */
  #token = null;
  /** @type {Promise<string> | null} */
  #asked = null;
  #renewAt = Infinity;

  /**
   * @param {TokenSource | undefined} source undefined: cookies
   * @param {import("./clock.js").Clock} clock
   */
  constructor(source, clock) {
    this.source = source;
    this.clock = clock;
  }

  get usesCookies() {
    return this.source === undefined;
  }

  get isRenewable() {
    return typeof this.source === "function";
  }

  /** Whether it is time for another token. */
  get isDue() {
    return this.isRenewable && this.clock.now() >= this.#renewAt;
  }

  /**
   * The token; null with cookies. Throws ChatError: 401 where the function has none, 0 where it fails.
   * @returns {Promise<string | null>}
   */
  async token() {
    if (typeof this.source === "string") return this.source;
    if (this.source === undefined) return null;
    if (this.#token !== null && !this.isDue) return this.#token;
    this.#asked ??= this.#ask(this.source).finally(() => (this.#asked = null));
    return this.#asked;
  }

  /**
   * The server refused this token, or it has ended.
   * @param {string | null} [token]
   */
  drop(token = this.#token) {
    if (this.#token === token) this.#token = null;
  }

  /**
   * What the server says about the end of this token; a JWT says so itself.
   * @param {string | null} token
   * @param {string | null} expiresAt
   */
  learnExpiry(token, expiresAt) {
    if (token !== null && token === this.#token && this.#renewAt === Infinity && expiresAt) this.#plan(Date.parse(expiresAt));
  }

  /** @param {() => string | null | Promise<string | null>} source */
  async #ask(source) {
    const token = await this.#inTime(source);
    if (!token) throw new ChatError(401, { code: "not_authenticated", detail: "There is no token." });
    this.#token = token;
    this.#renewAt = Infinity;
    this.#plan(expiryOf(token));
    return token;
  }

  /**
   * A function that never answers would stop everything.
   * @param {() => string | null | Promise<string | null>} source
   * @returns {Promise<string | null>}
   */
  #inTime(source) {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new ChatError(0, { detail: "There is no token at the moment." }));
      const timer = this.clock.setTimeout(fail, TIMEOUT);
      (async () => source())()
        .then(resolve, (error) => (error instanceof ChatError ? reject(error) : fail()))
        .finally(() => this.clock.clearTimeout(timer));
    });
  }

  /** @param {number} expiry in ms; one in the past means that this clock is wrong, and then a 401 tells */
  #plan(expiry) {
    const life = expiry - this.clock.now();
    if (life > 0) this.#renewAt = expiry - Math.min(RENEW_BEFORE, life / LAST_PART);
  }
}

/**
 * When a JWT ends, in ms. NaN for other tokens.
 * @param {string} token
 */
function expiryOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return Number(JSON.parse(atob(payload)).exp) * 1000;
  } catch {
    return NaN;
  }
}
