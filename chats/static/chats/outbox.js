// Messages that are being sent. Each has a client_message_id, so that sending it again is safe: the service keeps one.
//
// They are sent one after the other, so that they arrive in order, and kept in the tab's session storage, so that a
// reload in an outage loses none. Dispatches "changed", and "sent" (detail: {item, message}).

import { post } from "./api.js";
import { tabStorage } from "./place.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

export class Outbox extends EventTarget {
  items = [];
  #key;
  #wait = FIRST_WAIT;
  #timer = null;
  #isSending = false;

  constructor(me) {
    super();
    this.#key = `outbox:${me.id}`;
    this.items = JSON.parse(tabStorage.get(this.#key) ?? "[]");
    addEventListener("online", () => this.flush());
  }

  /** `to` is {room_id} or {user_id}. */
  add(to, text) {
    this.items.push({ id: newId(), to, text, at: new Date().toISOString(), problem: null });
    this.#save();
    this.flush();
  }

  itemsTo(to) {
    return this.items.filter((item) => item.to.room_id === to.room_id && item.to.user_id === to.user_id);
  }

  retry(id) {
    const item = this.#find(id);
    if (item) item.problem = null;
    this.#save();
    this.flush();
  }

  discard(id) {
    this.items = this.items.filter((item) => item.id !== id);
    this.#save();
  }

  /** The service has it: its answer or its event came, whichever was first. */
  confirm(message) {
    const item = this.#find(message.client_message_id);
    if (!item) return;
    this.discard(item.id);
    this.dispatchEvent(new CustomEvent("sent", { detail: { item, message } }));
  }

  /** Send the waiting messages now. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let item; (item = this.items.find(({ problem }) => problem === null)); ) {
        if (!(await this.#send(item))) break;
      }
    } finally {
      this.#isSending = false;
    }
  }

  /** Whether to continue with the next one. */
  async #send(item) {
    try {
      const body = { ...item.to, message: item.text, client_message_id: item.id };
      const message = await post("/api/v1/chats/", body);
      this.#wait = FIRST_WAIT;
      this.onanswer?.(message);
      this.confirm(message);
    } catch (error) {
      if (error.status === 401) return false;
      if (error.isTemporary) return this.#waitFor(error.retryAfter);
      item.problem = error.message;
      this.#save();
    }
    return true;
  }

  #waitFor(seconds) {
    this.#timer = setTimeout(() => this.flush(), seconds ? seconds * 1000 : this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    return false;
  }

  #find(id) {
    return this.items.find((item) => item.id === id);
  }

  #save() {
    tabStorage.set(this.#key, JSON.stringify(this.items));
    this.dispatchEvent(new Event("changed"));
  }
}

/** 128 random bits. crypto.randomUUID() exists on https and localhost only. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
