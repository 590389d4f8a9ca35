// Tells the server that the person uses this device: where none of their devices says so for minutes, they are away.

// Within the time after which the server holds them for away.
const REPORT_EVERY = 120_000;
const IDLE_AFTER = 300_000;
// Who is without a stream for so long may count as offline by then.
const SHORT_BREAK = 30_000;
const PATH = "/api/v1/users/me/activity/";
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "visibilitychange"];

export class Activity {
  /** Null where nobody ever said that the person does something, as in a program. @type {number | null} */
  #usedAt = null;
  #reportedAt = -Infinity;
  #isOpen = false;
  #closedAt = -Infinity;
  #note = () => this.note();

  /** @param {Pick<import("./api.js").Api, "clock" | "request">} api */
  constructor(api) {
    this.api = api;
    this.clock = api.clock;
  }

  /** The person does something. Told once in a while; it does not matter if it fails. */
  note() {
    if (globalThis.document?.hidden) return;
    const now = this.clock.now();
    this.#usedAt = now;
    if (Math.abs(now - this.#reportedAt) < REPORT_EVERY) return;
    this.#reportedAt = now;
    this.#report({});
  }

  /** The stream was opened. After a while without one, the server no longer knows what was reported. */
  opened() {
    const now = this.clock.now();
    const isShort = now - this.#closedAt < SHORT_BREAK;
    this.#isOpen = true;
    if (isShort || this.#usedAt === null) return;
    const isIdle = now - this.#usedAt >= IDLE_AFTER;
    this.#reportedAt = isIdle ? -Infinity : now;
    this.#report({ idle: isIdle });
  }

  /** There is no stream. */
  closed() {
    if (this.#isOpen) this.#closedAt = this.clock.now();
    this.#isOpen = false;
  }

  /** In a page, from now on. Other programs call note(). */
  watch() {
    if (globalThis.document === undefined) return;
    for (const sign of SIGNS) document.addEventListener(sign, this.#note, { passive: true });
    this.#usedAt = this.clock.now() - (document.hidden ? IDLE_AFTER : 0);
  }

  close() {
    this.closed();
    if (globalThis.document === undefined) return;
    for (const sign of SIGNS) document.removeEventListener(sign, this.#note);
  }

  /** @param {{idle?: boolean}} body */
  #report(body) {
    this.api.request("POST", PATH, body).catch(() => {});
  }
}
