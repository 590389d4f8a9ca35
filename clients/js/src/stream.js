// The event stream over fetch, which can send a header. A lost connection is opened again with Last-Event-ID, so that
// nothing is missed; where the server can't continue it says so by a reset.

import { Emitter } from "./emitter.js";
import { asChatError, ChatError, errorOf } from "./errors.js";
import { EventParser } from "./parser.js";
import { Reopening } from "./reopening.js";

const PATH = "/api/v1/stream";
// The server says something each 15 s. After a silence this long the connection is dead, or the computer slept.
const LONGEST_SILENCE = 40_000;
const CHECK_EVERY = 5_000;
// A timer that is this late has slept.
const SLEPT = 3 * CHECK_EVERY;

/** @typedef {"connecting" | "live" | "reconnecting" | "crowded" | "closed"} StreamState */
/** @typedef {{
 *   state: StreamState,
 *   hello: import("./schema.js").Hello,
 *   event: import("./schema.js").ChatEvent,
 *   fresh: undefined,
 *   heard: undefined,
 *   ended: string,
 * }} StreamEvents */

/**
 * Emits `state`; `hello`; `event`; `fresh` where everything must be fetched again; `heard` after each chunk; `ended`
 * with the reason when the server does not want it back.
 *
 * @extends {Emitter<StreamEvents>}
 */
export class Stream extends Emitter {
  /** @type {StreamState} */
  state = "closed";
  /** Where to continue; "" for now. */
  lastId = "";
  /** @type {AbortController | null} */
  #connection = null;
  /** @type {any} */
  #waiting = null;
  /** @type {any} */
  #ticker = null;
  #tickedAt = 0;
  #heardAt = 0;
  /** @type {string | null} */
  #bye = null;
  #reopening;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    super();
    this.api = api;
    this.clock = api.clock;
    this.#reopening = new Reopening(api);
  }

  /** Open, or open anew, now. */
  open() {
    this.#disconnect();
    const connection = (this.#connection = new AbortController());
    this.#heardAt = this.clock.now();
    this.#bye = null;
    this.#say(this.state === "closed" || this.state === "connecting" ? "connecting" : "reconnecting");
    if (this.#ticker === null) this.#tick();
    this.#read(connection.signal).then(
      () => this.#lose(connection, null),
      (error) => this.#lose(connection, asChatError(error)),
    );
  }

  /** Open anew, if it is meant to be open. */
  reopen() {
    if (this.#isWanted) this.open();
  }

  /** Without a network nothing is live, whatever the old connection says. */
  suspend() {
    if (!this.#isWanted) return;
    this.#disconnect();
    this.#say("reconnecting");
    // Not every browser says when it is online again.
    this.#waiting = this.clock.setTimeout(() => this.open(), this.#reopening.wait());
  }

  close() {
    this.#end("closed");
  }

  get #isWanted() {
    return this.state !== "closed" && this.state !== "crowded";
  }

  /** @param {StreamState} state */
  #end(state) {
    this.#disconnect();
    this.clock.clearTimeout(this.#ticker);
    this.#ticker = null;
    this.#say(state);
  }

  #disconnect() {
    this.clock.clearTimeout(this.#waiting);
    this.#waiting = null;
    this.#connection?.abort();
    this.#connection = null;
  }

  /** @param {AbortSignal} signal */
  async #read(signal) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream" };
    if (this.lastId) headers["Last-Event-ID"] = this.lastId;
    const response = await this.api.send(PATH, { headers, signal });
    if (signal.aborted) return;
    if (!response.ok) throw errorOf(response, null, this.clock.now());
    if (!response.body || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) throw new ChatError(0);
    const reader = response.body.getReader();
    const parser = new EventParser();
    while (this.#bye === null) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#heardAt = this.clock.now();
      for (const event of parser.feed(value)) {
        if (signal.aborted) return;
        this.#take(event, parser);
      }
      if (parser.lastId) this.lastId = parser.lastId;
      this.emit("heard");
    }
  }

  /**
   * @param {import("./parser.js").ParsedEvent} event
   * @param {EventParser} parser
   */
  #take({ type, data, id }, parser) {
    const body = JSON.parse(data);
    if (type === "bye") {
      this.#bye = body.reason;
      this.#reopening.retry = parser.retry;
    } else if (type === "hello") {
      const isNew = !this.lastId;
      this.lastId = id;
      this.#reopening.retry = parser.retry;
      this.#reopening.begin();
      this.#say("live");
      this.emit("hello", body);
      if (isNew) this.emit("fresh");
    } else if (type === "reset") {
      this.lastId = id;
      this.emit("fresh");
    } else if (type !== "heartbeat") {
      // Whatever a proxy repeats, each event is taken once.
      if (body.position !== undefined && body.position <= Number(this.lastId)) return;
      if (id) this.lastId = id;
      this.emit("event", body);
    }
  }

  /**
   * The connection has ended: by a bye, by an error, or just so.
   * @param {AbortController} connection
   * @param {ChatError | null} error
   */
  #lose(connection, error) {
    if (connection !== this.#connection) return;
    this.#disconnect();
    const bye = this.#bye;
    if (error?.status === 401) return this.#leave("signed_out");
    if (bye === "banned" || bye === "deleted") return this.#leave(bye);
    // To come back would close the stream of the next window, and so on for ever.
    if (bye === "too_many_streams") return this.#end("crowded");
    // The server does not take it for a position at all.
    if (error?.status === 400) this.lastId = "";
    this.#say("reconnecting");
    this.#waiting = this.clock.setTimeout(() => this.open(), this.#reopening.waitAfter(bye, error));
  }

  /** @param {string} reason */
  #leave(reason) {
    this.#end("closed");
    this.emit("ended", reason);
  }

  #tick() {
    const now = this.clock.now();
    const hasSlept = this.#tickedAt > 0 && Math.abs(now - this.#tickedAt) > SLEPT;
    this.#tickedAt = now;
    this.#ticker = this.clock.setTimeout(() => this.#tick(), CHECK_EVERY);
    if (this.#connection === null) {
      if (this.#waiting !== null && hasSlept) this.open();
    } else if (Math.abs(now - this.#heardAt) >= LONGEST_SILENCE) {
      this.open();
    } else if (this.state === "live" && this.api.credential.isDue) {
      this.#renew(this.#connection);
    }
  }

  /**
   * Go on with another token before this one ends; with this one as long as there is no other.
   * @param {AbortController} connection
   */
  async #renew(connection) {
    try {
      await this.api.credential.token();
    } catch {
      return;
    }
    if (connection === this.#connection) this.open();
  }

  /** @param {StreamState} state */
  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }
}
