// Who is typing in which room or thread, and announcing that I am.

import { Emitter } from "./emitter.js";

// A little longer than the server's pause, so that no announcement comes too early for it.
const ANNOUNCE_EVERY = 3_500;
const FORGET_AFTER = 7_000;

/** @typedef {number | null} ParentId the root of a thread; null: the room itself */

/** Emits `changed` with the id of the room. @extends {Emitter<{changed: number}>} */
export class Typing extends Emitter {
  /** Timers by user, by place. @type {Map<string, Map<number, any>>} */
  #typists = new Map();
  /** When I announced it, by place, and whether others still see it. @type {Map<string, {at: number, isShown: boolean}>} */
  #announced = new Map();

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    super();
    this.store = store;
    this.api = store.api;
    this.clock = store.api.clock;
    store.on("typing", (typing) => typing.user_id !== store.me.id && this.#start(typing));
    store.on("typingEnded", ({ room_id, parent_id, user_id }) => this.#end(room_id, parent_id, user_id));
    store.on("message", ({ room_id, parent_id, sent_by }) => this.#end(room_id, parent_id, sent_by));
    store.on("left", (roomId) => this.#leave(roomId));
  }

  /**
   * Ids of those who are typing in a room, or in a thread there; without those whom I block.
   * @param {number} roomId
   * @param {ParentId} [parentId]
   */
  in(roomId, parentId = null) {
    const typists = [...(this.#typists.get(placeOf(roomId, parentId))?.keys() ?? [])];
    return typists.filter((userId) => !this.store.blocked.has(userId));
  }

  /**
   * I typed something. Announced once in some seconds; it does not matter if it fails.
   * @param {number} roomId
   * @param {ParentId} [parentId]
   */
  announce(roomId, parentId = null) {
    const now = this.clock.now();
    const place = placeOf(roomId, parentId);
    const last = this.#announced.get(place);
    if (last && Math.abs(now - last.at) < ANNOUNCE_EVERY) return;
    this.#announced.set(place, { at: now, isShown: true });
    const body = parentId === null ? {} : { parent_id: parentId };
    this.api.request("POST", pathOf(roomId), body).catch(() => {});
  }

  /**
   * I took back what I typed: others see it no longer.
   * @param {number} roomId
   * @param {ParentId} [parentId]
   */
  stop(roomId, parentId = null) {
    const last = this.#announced.get(placeOf(roomId, parentId));
    if (!last?.isShown || Math.abs(this.clock.now() - last.at) > FORGET_AFTER) return;
    last.isShown = false;
    const query = parentId === null ? "" : `?parent_id=${parentId}`;
    this.api.request("DELETE", pathOf(roomId) + query).catch(() => {});
  }

  /**
   * I sent it, which tells others that I am done: the next text is announced at once.
   * @param {number} roomId
   * @param {ParentId} [parentId]
   */
  sent(roomId, parentId = null) {
    this.#announced.delete(placeOf(roomId, parentId));
  }

  close() {
    for (const typists of this.#typists.values()) typists.forEach((timer) => this.clock.clearTimeout(timer));
    this.#typists.clear();
    this.#announced.clear();
  }

  /** @param {import("./schema.js").Typing} typing */
  #start({ room_id, parent_id, user_id, expires_in }) {
    const place = placeOf(room_id, parent_id);
    const typists = this.#typists.get(place) ?? new Map();
    const lasts = expires_in === undefined ? FORGET_AFTER : expires_in * 1_000;
    this.clock.clearTimeout(typists.get(user_id));
    typists.set(user_id, this.clock.setTimeout(() => this.#end(room_id, parent_id, user_id), lasts));
    this.#typists.set(place, typists);
    this.emit("changed", room_id);
  }

  /**
   * @param {number} roomId
   * @param {ParentId | undefined} parentId
   * @param {number} userId
   */
  #end(roomId, parentId, userId) {
    const place = placeOf(roomId, parentId);
    const typists = this.#typists.get(place);
    if (!typists?.has(userId)) return;
    this.clock.clearTimeout(typists.get(userId));
    typists.delete(userId);
    if (typists.size === 0) this.#typists.delete(place);
    this.emit("changed", roomId);
  }

  /** @param {number} roomId */
  #leave(roomId) {
    for (const [place, typists] of this.#typists) {
      if (!place.startsWith(`${roomId}/`)) continue;
      typists.forEach((timer) => this.clock.clearTimeout(timer));
      this.#typists.delete(place);
    }
    this.emit("changed", roomId);
  }
}

/** @param {number} roomId @param {ParentId} [parentId] */
const placeOf = (roomId, parentId) => `${roomId}/${parentId ?? ""}`;

/** @param {number} roomId */
const pathOf = (roomId) => `/api/v1/rooms/${roomId}/typing/`;
