// Fetches everything anew, once at a time; a request for it meanwhile means once more afterwards.

import { Backoff } from "./backoff.js";
import { pause } from "./clock.js";
import { asChatError } from "./errors.js";

export class Snapshot {
  #isFetching = false;
  #isStale = false;
  #isOpen = false;

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {() => Promise<void>} fetchAll
   * @param {(problem: import("./errors.js").ChatError) => void} onproblem before each further attempt
   */
  constructor(clock, fetchAll, onproblem) {
    this.clock = clock;
    this.fetchAll = fetchAll;
    this.onproblem = onproblem;
  }

  /** Fetch until it succeeds. */
  async load() {
    this.#isStale = this.#isOpen = true;
    if (this.#isFetching) return;
    this.#isFetching = true;
    const backoff = new Backoff(this.clock);
    while (this.#isStale && this.#isOpen) {
      this.#isStale = false;
      try {
        await this.fetchAll();
      } catch (error) {
        const problem = asChatError(error);
        this.#isStale = true;
        this.onproblem(problem);
        await pause(this.clock, backoff.next(problem.retryAfter));
      }
    }
    this.#isFetching = false;
  }

  /** No longer try. */
  close() {
    this.#isOpen = false;
  }
}
