// Fetches single rooms anew: those that are new to the person, and those whose number of members changed.

import { Backoff } from "./backoff.js";
import { asChatError } from "./errors.js";

// A member who comes or goes makes every client in the room ask for the new count. However large the room is, they ask
// at about this rate together.
const MILLISECONDS_PER_MEMBER = 20;
const LONGEST_SPREAD = 60_000;
const AT_LEAST = 300;

export class RoomRefresh {
  /** What happened in a room while it is fetched. @type {Map<number, import("./schema.js").ChatEvent[]>} */
  #events = new Map();
  /** @type {Map<number, Promise<import("./errors.js").ChatError | null>>} */
  #loads = new Map();
  /** @type {Map<number, {timer: any, at: number}>} */
  #planned = new Map();
  /** Rooms that I left: what is still on its way from there asks for nothing. @type {Set<number>} */
  #left = new Set();
  /** Counts the calls of clear(): a load that began before one plans no other. */
  #generation = 0;
  #backoff;

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {import("./store.js").Store} store
   */
  constructor(clock, store) {
    this.clock = clock;
    this.store = store;
    this.#backoff = new Backoff(clock);
  }

  /**
   * Fetch a room now. A room that is not mine is removed. Returns the error.
   * @param {number} roomId
   */
  load(roomId) {
    const load = this.#loads.get(roomId) ?? this.#load(roomId).finally(() => this.#loads.delete(roomId));
    this.#loads.set(roomId, load);
    return load;
  }

  /**
   * Fetch it as soon as the server can be reached.
   * @param {number} roomId
   * @param {number} [wait] in ms
   */
  plan(roomId, wait = 0) {
    const at = this.clock.now() + wait;
    const planned = this.#planned.get(roomId);
    if (planned && planned.at <= at) return;
    this.clock.clearTimeout(planned?.timer);
    const generation = this.#generation;
    const act = async () => {
      this.#planned.delete(roomId);
      const error = await this.load(roomId);
      if (generation !== this.#generation) return;
      if (error?.isTemporary) this.plan(roomId, this.#backoff.next(error.retryAfter));
      else this.#backoff.reset();
    };
    this.#planned.set(roomId, { timer: this.clock.setTimeout(act, wait), at });
  }

  /**
   * It has news, and is not in the store.
   * @param {number} roomId
   */
  planUnlessLeft(roomId) {
    if (!this.#left.has(roomId)) this.plan(roomId);
  }

  /**
   * It is not mine any more, unless an event says so again.
   * @param {number} roomId
   */
  forget(roomId) {
    this.clock.clearTimeout(this.#planned.get(roomId)?.timer);
    this.#planned.delete(roomId);
    this.#left.add(roomId);
  }

  /** @param {import("./storedrooms.js").StoredRoom | undefined} room */
  planCount(room) {
    if (!room) return;
    const spread = Math.min(room.members_count * MILLISECONDS_PER_MEMBER, LONGEST_SPREAD);
    this.plan(room.id, AT_LEAST + this.clock.random() * spread);
  }

  /** @param {import("./schema.js").ChatEvent} event */
  note(event) {
    if (!("position" in event)) return;
    this.#events.forEach((events, roomId) => (event.room_id ?? roomId) === roomId && events.push(event));
  }

  /** Forget what is planned: everything is fetched anew, or the client is closed. */
  clear() {
    this.#generation += 1;
    this.#planned.forEach(({ timer }) => this.clock.clearTimeout(timer));
    this.#planned.clear();
    this.#left.clear();
  }

  /** @param {number} roomId */
  async #load(roomId) {
    /** @type {import("./schema.js").ChatEvent[]} */
    const events = [];
    this.#events.set(roomId, events);
    try {
      this.store.putRoom(await this.store.api.get(`/api/v1/rooms/${roomId}/`));
      return null;
    } catch (error) {
      const known = asChatError(error);
      if (known.status === 404) this.store.leave(roomId);
      return known;
    } finally {
      this.#events.delete(roomId);
      // The answer may be older than some of them, and newer than others.
      events.forEach((event) => this.store.apply(event));
    }
  }
}
