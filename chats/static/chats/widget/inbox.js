// <chat-inbox>: one's rooms, the most recently active first. A room opens in the same place.
//
// A host that shows rooms elsewhere listens to "chat-open" and calls its preventDefault().

import { el, reconcile } from "../dom.js";
import { plainText } from "../markdown/blocks.js";
import { shortTime } from "../times.js";
import { ChatElement } from "./element.js";
import { SystemLine } from "./systemline.js";

// No more of a text is parsed.
const LONGEST_INBOX_PREVIEW = 160;

export class ChatInbox extends ChatElement {
  #open = null;
  #made = new Map();

  start() {
    this.system = new SystemLine(this.client, this.texts);
    this.list = el("ul", { class: "rooms" });
    this.empty = el("p", { class: "empty" }, this.texts.noRooms);
    this.backButton = el("button", { type: "button", hidden: true, "aria-label": this.texts.back, onclick: () => this.#show(null) }, "←");
    this.headerStart.replaceChildren(this.backButton);
    this.body.replaceChildren(this.empty, this.list);
  }

  stop() {
    this.#open = null;
    this.#made.clear();
  }

  drawNow() {
    const { client, texts } = this;
    const rooms = client.store.roomList();
    this.setUnread(rooms.reduce((sum, room) => sum + unreadOf(room), 0));
    this.heading.textContent = this.#open === null ? (this.getAttribute("label") ?? texts.inbox) : this.#nameOf(client.store.rooms.get(this.#open));
    this.empty.hidden = rooms.length > 0 || this.#open !== null;
    const made = new Map();
    for (const room of rooms) {
      const signature = JSON.stringify([this.#nameOf(room), this.#statusOf(room), unreadOf(room), this.#lastOf(room), room.last_active_at]);
      const old = this.#made.get(room.id);
      made.set(room.id, old?.signature === signature ? old : { signature, item: this.#item(room) });
    }
    this.#made = made;
    const focused = this.shadowRoot.activeElement?.dataset.roomId;
    reconcile(this.list, [...made.values()].map(({ item }) => item));
    if (focused) this.list.querySelector(`[data-room-id="${focused}"]`)?.focus();
    if (this.#open !== null && !client.store.rooms.has(this.#open)) this.#show(null);
  }

  #item(room) {
    const unread = unreadOf(room);
    const status = this.#statusOf(room);
    const told = this.texts.status[status];
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "room", "data-room-id": room.id, onclick: () => this.#choose(room) },
        el("span", { class: "name", dir: "auto" }, this.#nameOf(room), told ? el("span", { class: `dot is-${status}`, role: "img", title: told, "aria-label": told }) : null),
        el("time", { dir: "auto", datetime: room.last_active_at }, shortTime(room.last_active_at)),
        el("span", { class: "last", dir: "auto" }, this.#lastOf(room)),
        unread ? el("span", { class: "badge", "aria-label": this.texts.unread(unread) }, String(unread)) : null,
      ),
    );
  }

  #lastOf({ last_message: last }) {
    if (!last) return this.texts.noMessages;
    if (last.removed_at) return this.texts.removed;
    if (last.kind === "system") return this.system.of(last);
    return this.client.store.isHidden(last) ? this.texts.hidden : plainText(last.message.slice(0, LONGEST_INBOX_PREVIEW));
  }

  #choose(room) {
    const detail = { room_id: room.id, external_id: room.external_id ?? null };
    const opening = new CustomEvent("chat-open", { detail, bubbles: true, composed: true, cancelable: true });
    if (this.dispatchEvent(opening)) this.#show(room.id);
  }

  #show(roomId) {
    const left = this.#open;
    this.#open = roomId;
    this.backButton.hidden = roomId === null;
    if (roomId === null) this.body.replaceChildren(this.empty, this.list);
    else this.body.replaceChildren(el("chat-room", { room: String(roomId), bare: true, theme: this.getAttribute("theme") }));
    this.drawNow();
    if (roomId === null) this.list.querySelector(`[data-room-id="${left}"]`)?.focus();
    else this.backButton.focus();
  }

  #peerOf(room) {
    return room?.people?.find((person) => person.id !== this.client.store.me.id);
  }

  /** Of the other one of a direct room. */
  #statusOf(room) {
    const other = this.#peerOf(room);
    return other ? this.client.store.statusOf(other.id) : null;
  }

  #nameOf(room) {
    const other = this.#peerOf(room);
    return room?.name || (other ? other.display_name || other.username : "") || this.texts.title;
  }
}

function unreadOf(room) {
  return room.unread ?? 0;
}
