// Who is typing where, and announcing that I am.

import { Emitter } from "./emitter.js";

const ANNOUNCE_EVERY = 3_000;
const FORGET_AFTER = 5_000;

/** Emits `changed` with the id of the room. @extends {Emitter<{changed: number}>} */
export class Typing extends Emitter {
  /** Timers by user, by room. @type {Map<number, Map<number, any>>} */
  #typists = new Map();
  /** @type {Map<number, number>} */
  #announcedAt = new Map();

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this.store = store;
    this.api = store.api;
    this.clock = store.api.clock;
    store.on("typing", ({ room_id, user_id }) => user_id !== store.me.id && this.#start(room_id, user_id));
    store.on("message", ({ room_id, sent_by }) => this.#stop(room_id, sent_by));
    store.on("left", (roomId) => this.#typists.get(roomId)?.forEach((_, userId) => this.#stop(roomId, userId)));
  }

  /**
   * Ids of those who are typing in a room.
   * @param {number} roomId
   */
  in(roomId) {
    return [...(this.#typists.get(roomId)?.keys() ?? [])];
  }

  /**
   * I typed something. Announced at most once in three seconds; it does not matter if it fails.
   * @param {number} roomId
   */
  announce(roomId) {
    const now = this.clock.now();
    if (Math.abs(now - (this.#announcedAt.get(roomId) ?? -Infinity)) < ANNOUNCE_EVERY) return;
    this.#announcedAt.set(roomId, now);
    this.api.request("POST", `/api/v1/rooms/${roomId}/typing/`).catch(() => {});
  }

  /**
   * I sent it: the next key is announced again.
   * @param {number} roomId
   */
  sent(roomId) {
    this.#announcedAt.delete(roomId);
  }

  close() {
    for (const typists of this.#typists.values()) typists.forEach((timer) => this.clock.clearTimeout(timer));
    this.#typists.clear();
  }

  /**
   * @param {number} roomId
   * @param {number} userId
   */
  #start(roomId, userId) {
    const typists = this.#typists.get(roomId) ?? new Map();
    this.clock.clearTimeout(typists.get(userId));
    typists.set(userId, this.clock.setTimeout(() => this.#stop(roomId, userId), FORGET_AFTER));
    this.#typists.set(roomId, typists);
    this.emit("changed", roomId);
  }

  /**
   * @param {number} roomId
   * @param {number} userId
   */
  #stop(roomId, userId) {
    const typists = this.#typists.get(roomId);
    if (!typists?.has(userId)) return;
    this.clock.clearTimeout(typists.get(userId));
    typists.delete(userId);
    if (typists.size === 0) this.#typists.delete(roomId);
    this.emit("changed", roomId);
  }
}
