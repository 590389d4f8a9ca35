// Messages that are being sent. Each has a client_message_id, so that sending it again is safe: the server keeps one.
//
// Those of one destination are sent one after the other, so that they arrive in order; a destination that must wait
// holds up no other. They are kept in a storage, so that a reload in an outage loses none.

import { Backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { asChatError } from "./errors.js";

/** With `parent_id` it is a reply. @typedef {{room_id: number, user_id?: undefined, parent_id?: number} | {user_id: number, room_id?: undefined, parent_id?: undefined}} Destination */
/** Waits while `problem` is null; else the server refused it, and says why.
 * @typedef {{id: string, to: Destination, text: string, at: string, problem: string | null, code: string | null}} OutboxItem */
/** @typedef {{backoff: Backoff, timer: any, isSending: boolean, isBound: boolean}} Lane */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} KeptTexts */

/**
 * Emits `changed`; `sent` when the server has a message; `delayed` when it is to be sent again later; `failed` when the
 * server refused it.
 * @extends {Emitter<{
 *   changed: undefined,
 *   sent: {item: OutboxItem, message: Message},
 *   delayed: {item: OutboxItem, error: import("./errors.js").ChatError},
 *   failed: OutboxItem,
 * }>}
 */
export class Outbox extends Emitter {
  /** @type {OutboxItem[]} */
  items = [];
  #key = "";
  #isOpen = false;
  /** By destination. `isBound`: until the server's Retry-After. @type {Map<string, Lane>} */
  #lanes = new Map();

  /**
   * @param {import("./store.js").Store} store
   * @param {KeptTexts | null} storage
   */
  constructor(store, storage) {
    super();
    this.store = store;
    this.api = store.api;
    this.storage = storage;
    store.on("message", (message) => message.sent_by === store.me.id && this.confirm(message));
  }

  /**
   * Load what an earlier page left unsent, and send it. What another person left unsent stays in the storage, for them.
   * @param {string} key of the storage: of one person at one server
   */
  open(key) {
    const added = this.#key === "" || this.#key === key ? this.items : [];
    this.#key = key;
    this.#isOpen = true;
    const ids = new Set(added.map(({ id }) => id));
    this.items = [...this.#kept().filter(({ id }) => !ids.has(id)), ...added];
    this.#save();
    this.flush();
  }

  /**
   * Returns the item, whose `id` is the message's client_message_id.
   * @param {Destination} to
   * @param {string} text
   */
  add(to, text) {
    const at = new Date(this.api.clock.now()).toISOString();
    /** @type {OutboxItem} */
    const item = { id: newId(), to, text, at, problem: null, code: null };
    this.items.push(item);
    this.#save();
    if (this.#isOpen) this.#drain(laneOf(to));
    return item;
  }

  /** @param {Destination} to */
  itemsTo(to) {
    return this.items.filter((item) => laneOf(item.to) === laneOf(to));
  }

  /** @param {string} id */
  retry(id) {
    const item = this.#find(id);
    if (item) item.problem = item.code = null;
    this.#save();
    this.flush();
  }

  /** @param {string} id */
  discard(id) {
    this.items = this.items.filter((item) => item.id !== id);
    this.#save();
  }

  /**
   * The server has it: its answer or its event came, whichever was first.
   * @param {Message} message
   */
  confirm(message) {
    const item = this.#find(message.client_message_id);
    if (!item) return;
    this.discard(item.id);
    this.emit("sent", { item, message });
  }

  /** Send the waiting messages now: the server can be reached again. */
  flush() {
    if (!this.#isOpen) return;
    for (const name of new Set(this.items.map(({ to }) => laneOf(to)))) {
      const lane = this.#lanes.get(name);
      if (lane && !lane.isBound) this.#stop(lane);
      this.#drain(name);
    }
  }

  close() {
    this.#isOpen = false;
    this.#lanes.forEach((lane) => this.#stop(lane));
  }

  /** @param {Lane} lane */
  #stop(lane) {
    this.api.clock.clearTimeout(lane.timer);
    lane.timer = null;
  }

  /** @param {string} name */
  async #drain(name) {
    const lane = this.#lanes.get(name) ?? { backoff: new Backoff(this.api.clock), timer: null, isSending: false, isBound: false };
    this.#lanes.set(name, lane);
    if (lane.isSending || lane.timer !== null) return;
    lane.isSending = true;
    const isNext = (/** @type {OutboxItem} */ { to, problem }) => problem === null && laneOf(to) === name;
    let wait = null;
    for (let item; wait === null && this.#isOpen && (item = this.items.find(isNext)); ) wait = await this.#send(item, lane);
    lane.isSending = false;
    if (wait !== null && this.#isOpen) {
      lane.timer = this.api.clock.setTimeout(() => {
        lane.timer = null;
        this.#drain(name);
      }, wait);
    }
  }

  /**
   * How long to wait before the next attempt, in ms; null: go on.
   * @param {OutboxItem} item
   * @param {Lane} lane
   */
  async #send(item, lane) {
    try {
      const body = { ...item.to, message: item.text, client_message_id: item.id };
      const message = await this.api.request("POST", "/api/v1/chats/", body);
      lane.backoff.reset();
      this.store.putMessage(message);
      this.confirm(message);
    } catch (thrown) {
      const error = asChatError(thrown);
      // Without a sign-in it waits for the next one, perhaps of a page after this one.
      lane.isBound = error.retryAfter !== null;
      if (error.isTemporary || error.status === 401) {
        this.emit("delayed", { item, error });
        return lane.backoff.next(error.retryAfter);
      }
      if (!this.items.includes(item)) return null;
      item.problem = error.message;
      item.code = error.code;
      this.#save();
      this.emit("failed", item);
    }
    return null;
  }

  /** @param {string | null} id */
  #find(id) {
    return this.items.find((item) => item.id === id);
  }

  /** @returns {OutboxItem[]} */
  #kept() {
    try {
      return JSON.parse(this.storage?.getItem(this.#key) ?? "[]");
    } catch {
      return [];
    }
  }

  #save() {
    if (this.#isOpen) this.#keep();
    this.emit("changed");
  }

  /** A full storage, or one that the browser forbids, must not keep a message from being sent. */
  #keep() {
    try {
      if (this.items.length) this.storage?.setItem(this.#key, JSON.stringify(this.items));
      else this.storage?.removeItem(this.#key);
    } catch {
      // It is in memory.
    }
  }
}

/** @param {Destination} to */
function laneOf(to) {
  if (to.room_id === undefined) return `user ${to.user_id}`;
  return to.parent_id === undefined ? `room ${to.room_id}` : `room ${to.room_id} thread ${to.parent_id}`;
}

/** 128 random bits. crypto.randomUUID() exists on https and localhost only. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
