// How long to wait before the next attempt: twice as long each time, within limits, spread by chance.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;
// A larger Retry-After is a mistake, or an outage whose end nobody knows.
const LONGEST_RETRY_AFTER = 300_000;

export class Backoff {
  #wait = FIRST_WAIT;

  /** @param {import("./clock.js").Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  /**
   * Milliseconds until the next attempt. Not less than the server's Retry-After, which clients must not all keep to
   * the millisecond.
   * @param {number | null} [retryAfter] in seconds
   */
  next(retryAfter = null) {
    const spread = 0.75 + this.clock.random() / 2;
    const least = Math.min((retryAfter ?? 0) * 1000, LONGEST_RETRY_AFTER);
    const wait = least + this.#wait * spread;
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    return wait;
  }

  /** It worked. */
  reset() {
    this.#wait = FIRST_WAIT;
  }
}
