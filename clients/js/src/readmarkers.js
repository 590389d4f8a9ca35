// My read markers: moved in the store at once, and told to the server a moment later.

import { Backoff } from "./backoff.js";
import { asChatError } from "./errors.js";

const DELAY = 400;

export class ReadMarkers {
  /** The seq that is to be sent, by room. @type {Map<number, number>} */
  #due = new Map();
  /** @type {any} */
  #timer = null;
  #flushed = Promise.resolve();
  #backoff;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.clock = store.api.clock;
    this.#backoff = new Backoff(this.clock);
    store.on("left", (roomId) => this.#due.delete(roomId));
    // On another device I marked something as unread.
    store.on("read", (marker) => marker.is_back && marker.user_id === store.me.id && this.#due.delete(marker.room_id));
  }

  /**
   * @param {number} roomId
   * @param {number} seq
   */
  move(roomId, seq) {
    const room = this.store.rooms.get(roomId);
    if (!room || seq <= (room.read_seq ?? 0)) return;
    this.store.moveReadMarker(roomId, seq);
    this.#due.set(roomId, seq);
    this.#flushIn(DELAY);
  }

  /**
   * Make a message the first one that is unread. Throws ChatError.
   * @param {import("./schema.js").Message} message
   */
  async moveBefore({ room_id, id }) {
    this.#due.delete(room_id);
    const marker = await this.store.api.request("PUT", pathOf(room_id), { unread_from: id });
    this.store.putReadMarker({ ...marker, is_back: true });
  }

  /** All that is there is read, in all rooms. Throws ChatError. */
  async moveAll() {
    await this.store.api.request("PUT", "/api/v1/read-marker/");
    this.store.roomList().forEach((room) => this.store.moveReadMarker(room.id, room.last_seq));
  }

  /** A snapshot came: move there what it does not know yet. */
  restore() {
    this.#due.forEach((seq, roomId) => this.store.moveReadMarker(roomId, seq));
  }

  /** Tell the server now. Waits for what is on its way, too. */
  flush() {
    this.clock.clearTimeout(this.#timer);
    this.#flushed = this.#flushed.then(() => this.#flush());
    return this.#flushed;
  }

  close() {
    this.#due.clear();
    this.clock.clearTimeout(this.#timer);
  }

  /** @param {number} milliseconds */
  #flushIn(milliseconds) {
    this.clock.clearTimeout(this.#timer);
    this.#timer = this.clock.setTimeout(() => this.flush(), milliseconds);
  }

  async #flush() {
    // Not a copy: of a room that is left meanwhile nothing is sent.
    for (const [roomId, seq] of this.#due) {
      try {
        this.store.putReadMarker(await this.store.api.request("PUT", pathOf(roomId), { seq }));
      } catch (error) {
        const { isTemporary, retryAfter } = asChatError(error);
        if (isTemporary && this.#due.has(roomId)) return this.#flushIn(this.#backoff.next(retryAfter));
      }
      this.#backoff.reset();
      if (this.#due.get(roomId) === seq) this.#due.delete(roomId);
    }
  }
}

/** @param {number} roomId */
const pathOf = (roomId) => `/api/v1/rooms/${roomId}/read-marker/`;
