// Who is typing in the open room, and announcing that I am.

import { post } from "./api.js";
import { byId } from "./dom.js";
import { personName } from "./names.js";

const ANNOUNCE_EVERY = 3_000;
const FORGET_AFTER = 5_000;

export class Typing {
  #typists = new Map();
  #announcedAt = 0;

  constructor(state, conversation) {
    this.state = state;
    this.conversation = conversation;
    state.addEventListener("typing", ({ detail }) => this.#started(detail));
  }

  /** I typed something. Announced at most once in three seconds. */
  announce() {
    const { roomId } = this.conversation;
    if (roomId === null || Date.now() - this.#announcedAt < ANNOUNCE_EVERY) return;
    this.#announcedAt = Date.now();
    post(`/api/v1/rooms/${roomId}/typing/`).catch(() => {});
  }

  /** I sent it: the next key is announced again. */
  sent() {
    this.#announcedAt = 0;
  }

  stopped(userId) {
    clearTimeout(this.#typists.get(userId));
    if (this.#typists.delete(userId)) this.#draw();
  }

  clear() {
    this.#announcedAt = 0;
    for (const userId of [...this.#typists.keys()]) this.stopped(userId);
  }

  #started({ room_id, user_id }) {
    if (room_id !== this.conversation.roomId || user_id === this.state.me.id) return;
    clearTimeout(this.#typists.get(user_id));
    this.#typists.set(user_id, setTimeout(() => this.stopped(user_id), FORGET_AFTER));
    this.#draw();
  }

  #draw() {
    const names = [...this.#typists.keys()].map((id) => personName(this.state.people.get(id)));
    const place = byId("typing");
    place.classList.toggle("is-on", names.length > 0);
    if (names.length === 0) place.textContent = "";
    else if (names.length === 1) place.textContent = `${names[0]} is typing…`;
    else if (names.length === 2) place.textContent = `${names[0]} and ${names[1]} are typing…`;
    else place.textContent = "Several people are typing…";
  }
}
