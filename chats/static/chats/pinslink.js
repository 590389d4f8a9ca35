// The link to the pinned messages. It is hidden where there are none and I may not pin one.

import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { mayPin } from "./messagerights.js";
import { pinsAddress } from "./route.js";

export class PinsLink {
  #room = null;
  /** The room that was asked about, and whether something is pinned there. */
  #askedId = null;
  #hasPins = false;

  constructor() {
    chat.store.on("message", ({ room_id, pinned_at }) => {
      if (!pinned_at || room_id !== this.#askedId) return;
      this.#hasPins = true;
      this.draw(this.#room);
    });
  }

  /** Of the open room; null: it is not known yet. */
  draw(room) {
    this.#room = room;
    const link = byId("room-pins");
    if (room) link.href = pinsAddress(room.id);
    if (room && !mayPin(room) && room.id !== this.#askedId) this.#ask(room.id);
    link.hidden = !room || !(mayPin(room) || this.#hasPins);
  }

  async #ask(roomId) {
    this.#askedId = roomId;
    this.#hasPins = false;
    // Where that fails, the panel says why.
    const hasPins = await chat.messages.pinned(roomId, { limit: 1 }).then(({ results }) => results.length > 0, () => true);
    if (roomId !== this.#askedId) return;
    this.#hasPins ||= hasPins;
    this.draw(this.#room);
  }
}
