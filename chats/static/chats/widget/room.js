// <chat-room room="external:order-551">, or the number of a room: its messages, and where one writes.

import { el } from "../dom.js";
import { Scroller } from "../scroller.js";
import { Composer } from "./composer.js";
import { ChatElement } from "./element.js";
import { Log } from "./log.js";

const EXTERNAL = "external:";

export class ChatRoom extends ChatElement {
  static observedAttributes = ["room"];
  #timeline = null;
  #roomId = null;
  #error = null;
  #log = null;

  attributeChangedCallback(_, before) {
    if (before === null || !this.client) return;
    this.stop();
    this.start();
  }

  start() {
    const { client, texts } = this;
    this.scrollBox = el("div", { class: "scroll", tabindex: 0, role: "log", "aria-live": "polite", "aria-labelledby": this.heading.id });
    this.list = el("ul", { class: "log" });
    this.empty = el("p", { class: "empty" });
    this.scrollBox.append(this.empty, this.list);
    const pill = el("button", { type: "button", class: "pill", hidden: true });
    this.scroller = new Scroller(this.scrollBox, pill, texts.toNewest);
    this.scroller.hasBelow = () => this.#timeline?.hasNewer ?? false;
    this.scroller.addEventListener("top", () => this.#timeline?.loadOlder()?.catch(() => {}));
    this.scroller.addEventListener("bottom", () => this.#timeline?.loadNewer()?.catch(() => {}));
    this.scroller.addEventListener("to-end", () => this.#toEnd());
    this.scroller.addEventListener("end", () => this.#markRead());
    this.typing = el("p", { class: "typing", "aria-live": "polite" });
    this.composer = new Composer(texts, {
      send: (text) => this.#send(text),
      typed: () => client.typing.announce(this.#roomId),
      emptied: () => client.typing.stop(this.#roomId),
    });
    const middle = el("div", { class: "body" }, this.scrollBox, pill);
    this.body.replaceChildren(middle, this.typing, this.composer.form);
    this.#log = new Log(this.list, client, texts);
    this.listen(client.outbox, "changed", () => this.draw());
    this.listen(client.typing, "changed", () => this.draw());
    this.visible = new IntersectionObserver(() => this.#markRead());
    this.visible.observe(this.scrollBox);
    this.onvisibility = () => this.#markRead();
    document.addEventListener("visibilitychange", this.onvisibility);
    this.#openRoom();
  }

  stop() {
    this.#timeline?.close();
    this.#timeline = this.#roomId = this.#error = null;
    this.visible?.disconnect();
    document.removeEventListener("visibilitychange", this.onvisibility);
  }

  shown() {
    this.scroller?.toEnd();
    this.composer?.focus();
    this.#markRead();
  }

  async #openRoom() {
    const wanted = this.getAttribute("room") ?? "";
    const isLate = () => wanted !== this.getAttribute("room") || !this.client;
    try {
      const roomId = await this.#idOf(wanted);
      if (isLate()) return;
      this.#roomId = roomId;
      this.#timeline = this.client.openTimeline(roomId, { placeOf: () => this.#place });
      this.#timeline.on("history", () => this.scroller.hush());
      this.#timeline.on("changed", () => this.draw());
      this.#timeline.load();
    } catch (error) {
      if (isLate()) return;
      this.#error = error;
    }
    this.draw();
  }

  /** The id of the room, which one may have entered just now by one's token. */
  async #idOf(wanted) {
    if (!wanted.startsWith(EXTERNAL)) return Number(wanted);
    const externalId = wanted.slice(EXTERNAL.length);
    const known = [...this.client.store.rooms.values()].find((room) => room.external_id === externalId);
    if (known) return known.id;
    const room = await this.client.api.get(`/api/v1/rooms/external/${encodeURIComponent(externalId)}/`);
    return room.id;
  }

  get #room() {
    return this.client.store.rooms.get(this.#roomId) ?? null;
  }

  /** The seq that is looked at; null at the end. */
  get #place() {
    const item = this.scroller.isAtEnd ? null : this.scroller.firstVisible();
    return item?.dataset.seq ? Number(item.dataset.seq) : null;
  }

  #send(text) {
    if (this.#timeline?.hasNewer) this.#timeline.load();
    this.scroller.toEnd();
    this.client.send({ room_id: this.#roomId }, text);
  }

  #toEnd() {
    if (this.#timeline?.hasNewer) this.#timeline.load();
    this.scroller.toEnd();
    this.#markRead();
  }

  #markRead() {
    const last = this.#timeline?.last;
    const room = this.client && this.#room;
    if (!last || !room || document.hidden || !this.isOpen || !this.scroller.isAtEnd) return;
    if (this.scrollBox.getClientRects().length && last.seq > (room.read_seq ?? 0)) this.client.markRead(this.#roomId, last.seq);
  }

  drawNow() {
    const { texts, client } = this;
    const room = this.#room;
    this.heading.textContent = this.getAttribute("label") ?? room?.name ?? texts.title;
    const pending = this.#roomId === null ? [] : client.outbox.itemsTo({ room_id: this.#roomId });
    const messages = this.#timeline?.messages ?? [];
    const before = this.lastSeq ?? 0;
    this.scroller.keep(() => this.#log.draw(messages, this.#timeline?.hasNewer ? [] : pending));
    const last = messages.at(-1);
    if (this.lastSeq && last?.seq > before && last.kind !== "system" && last.sent_by !== client.store.me.id) this.scroller.announceNews();
    this.lastSeq = last?.seq ?? this.lastSeq;
    const error = this.#error ?? this.#timeline?.error;
    const isEmpty = messages.length + pending.length === 0;
    this.empty.hidden = !isEmpty;
    this.empty.textContent = error ? (error.status === 404 ? texts.refused : error.message) : this.#timeline?.isLoaded ? texts.empty : texts.loading;
    const isClosed = Boolean(room?.archived_at);
    this.composer.form.hidden = this.#timeline === null || isClosed || Boolean(error && error.status < 500);
    const typing = this.#roomId === null ? [] : client.typing.in(this.#roomId).map((id) => nameOf(client.store.people.get(id)));
    this.typing.textContent = isClosed ? texts.closed : typing.length ? texts.typing(typing) : "";
    this.setUnread(room?.unread ?? 0);
    this.scroller.fill();
    this.#markRead();
  }
}

function nameOf(person) {
  return person ? person.display_name || person.username : "…";
}
