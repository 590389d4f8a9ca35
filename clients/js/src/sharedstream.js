// One stream for all tabs of a person in one browser. The tab that holds a Web Lock reads it and tells the others over a
// BroadcastChannel. Where a browser has neither (pages without https), each tab reads a stream of its own.
//
// Each tab knows how far it has heard, so that the next one can go on from there when the reading tab is closed.

import { Emitter } from "./emitter.js";

// The reading tab says something at each heartbeat. One that is silent for longer was frozen by the browser.
const LONGEST_SILENCE = 45_000;
const CHECK_EVERY = 5_000;

/** @typedef {{
 *   kind: "ask" | "lead" | "state" | "hello" | "event" | "fresh" | "heard",
 *   lastId: string,
 *   state: import("./stream.js").StreamState,
 *   detail?: any,
 * }} Note */
/** @typedef {{
 *   locks?: Pick<LockManager, "request">,
 *   BroadcastChannel?: typeof globalThis.BroadcastChannel,
 * }} Sharing */

/** As Stream, for this tab and others. @extends {Emitter<import("./stream.js").StreamEvents>} */
export class SharedStream extends Emitter {
  /** @type {import("./stream.js").StreamState} */
  state = "closed";
  isLeading = false;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** @type {(() => void) | null} */
  #release = null;
  #attempt = 0;
  #heardAt = 0;
  /** Whether this tab has heard from where on the stream goes on. */
  #isKnown = false;
  /** @type {any} */
  #ticker = null;

  /**
   * @param {import("./stream.js").Stream} stream
   * @param {string} name of the lock and the channel: the same for the tabs that share
   * @param {Sharing} sharing
   */
  constructor(stream, name, { locks, BroadcastChannel }) {
    super();
    this.stream = stream;
    this.clock = stream.clock;
    this.name = name;
    this.locks = BroadcastChannel && locks;
    this.Channel = BroadcastChannel;
    stream.on("state", (state) => this.isLeading && this.#tell("state", state));
    for (const kind of /** @type {const} */ (["hello", "event", "fresh", "heard"])) {
      stream.on(kind, (detail) => this.#tell(kind, detail));
    }
    stream.on("ended", (reason) => this.emit("ended", reason));
  }

  open() {
    this.close();
    this.#say("connecting");
    if (!this.locks || !this.Channel) return this.#lead();
    this.#channel = new this.Channel(this.name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#heardAt = this.clock.now();
    this.#queue(this.locks);
    this.#post("ask");
    this.#tick();
  }

  /** Read here, whichever tab does now: after a sleep, when the network is back, or because a person wants this one. */
  take() {
    if (this.isLeading) return this.stream.open();
    if (this.locks) this.#queue(this.locks, { steal: true });
  }

  /** The network is back. */
  reopen() {
    if (this.isLeading) this.stream.reopen();
  }

  /** The network is gone. */
  suspend() {
    if (this.isLeading) this.stream.suspend();
  }

  close() {
    this.#attempt += 1;
    this.clock.clearTimeout(this.#ticker);
    this.#step();
    this.#channel?.close();
    this.#channel = null;
    this.#isKnown = false;
    this.#say("closed");
  }

  /**
   * Lead as soon as nobody else does; or at once.
   * @param {Pick<LockManager, "request">} locks
   * @param {LockOptions} [options]
   */
  #queue(locks, options = {}) {
    const attempt = (this.#attempt += 1);
    this.#release?.();
    const hold = () => {
      if (attempt !== this.#attempt) return;
      this.#lead();
      return /** @type {Promise<void>} */ (new Promise((resolve) => (this.#release = resolve)));
    };
    locks.request(this.name, options, hold).catch(() => {
      if (attempt !== this.#attempt) return;
      // Some pages may not use locks at all.
      if (!this.isLeading) return this.#lead();
      // Another tab has taken it.
      this.#step();
      this.#heardAt = this.clock.now();
      this.#queue(locks);
    });
  }

  #lead() {
    this.isLeading = true;
    this.#post("lead");
    this.stream.open();
  }

  /** No longer lead. */
  #step() {
    this.isLeading = false;
    this.stream.close();
    this.#release?.();
    this.#release = null;
  }

  /**
   * What the stream here says, for this tab and the others.
   * @param {"state" | "hello" | "event" | "fresh" | "heard"} kind
   * @param {any} detail
   */
  #tell(kind, detail) {
    this.#heardAt = this.clock.now();
    this.#post(kind, detail);
    if (kind === "state") return this.#say(detail);
    this.#isKnown = true;
    this.emit(kind, detail);
  }

  /**
   * @param {Note["kind"]} kind
   * @param {any} [detail]
   */
  #post(kind, detail) {
    const { lastId, state } = this.stream;
    this.#channel?.postMessage({ kind, lastId, state, detail });
  }

  /** @param {Note} note */
  #hear({ kind, lastId, state, detail }) {
    if (kind === "ask") return void (this.isLeading && this.#post("heard"));
    // Two lead for the moment in which one takes the lock from the other.
    if (this.isLeading) return;
    this.#heardAt = this.clock.now();
    const known = this.stream.lastId;
    const isNews = Number(lastId) > Number(known);
    // What a tab that has heard less repeats is taken once.
    if (kind === "event" && detail.position !== undefined && detail.position <= Number(known)) return;
    const isFirst = !this.#isKnown;
    this.#isKnown = true;
    // Only a reset leads back, as far as a backup does.
    if (isNews || kind === "fresh") this.stream.lastId = lastId;
    if (kind !== "lead") this.#say(state);
    // One that has heard more goes on behind what this tab has missed.
    if (isFirst || kind === "fresh" || (kind === "lead" && isNews)) this.emit("fresh");
    if (kind === "hello" || kind === "event") this.emit(kind, detail);
  }

  #tick() {
    this.#ticker = this.clock.setTimeout(() => this.#tick(), CHECK_EVERY);
    if (!this.isLeading && Math.abs(this.clock.now() - this.#heardAt) >= LONGEST_SILENCE) {
      this.#heardAt = this.clock.now();
      this.take();
    }
  }

  /** @param {import("./stream.js").StreamState} state */
  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }
}
