// How long a stream waits before it is opened again.

import { Backoff } from "./backoff.js";

// A connection that lasts shorter counts as a failed attempt.
const STABLE = 10_000;
// If a new sign-in ended the old session, its cookie may not be set yet, and an answer to the old one would delete it.
const AFTER_SIGN_OUT = 1_000;
const SIGNED_OUT = ["expired", "logged_out", "password_changed"];

export class Reopening {
  /** What the server said of it last, in ms. @type {number | null} */
  retry = null;
  #liveSince = 0;
  #backoff;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.clock = api.clock;
    this.credential = api.credential;
    this.#backoff = new Backoff(this.clock);
  }

  /** The stream is live from now on. */
  begin() {
    this.#liveSince = this.clock.now();
  }

  /** In ms, where the network is away. */
  wait() {
    return this.#backoff.next();
  }

  /**
   * In ms, after the end of a connection: by a bye, by an error, or just so.
   * @param {string | null} bye
   * @param {import("./errors.js").ChatError | null} error
   */
  waitAfter(bye, error) {
    const wasStable = this.#liveSince > 0 && this.clock.now() - this.#liveSince >= STABLE;
    this.#liveSince = 0;
    if (wasStable) this.#backoff.reset();
    const wait = this.#backoff.next(error?.retryAfter);
    if (bye !== null && SIGNED_OUT.includes(bye)) {
      this.credential.drop();
      if (!wasStable) return Math.max(wait, AFTER_SIGN_OUT);
      return bye === "expired" && this.credential.isRenewable ? 0 : AFTER_SIGN_OUT;
    }
    // The server spreads its clients by `retry:`.
    return wasStable && this.retry !== null ? this.retry : wait;
  }
}
