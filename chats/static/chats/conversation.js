// The open conversation: its heading, its history, the reader's place in it, and how far they have read.

import { get } from "./api.js";
import { Composer } from "./composer.js";
import { byId, oncePerFrame } from "./dom.js";
import { drawEmpty } from "./empty.js";
import { drawHeading } from "./heading.js";
import { MessageList } from "./messages.js";
import { unreadOf } from "./names.js";
import { readerOf, ReadMarker } from "./readmarker.js";
import { roomAddress, goTo } from "./route.js";
import { Scroller } from "./scroller.js";
import { Timeline } from "./timeline.js";
import { toast } from "./toast.js";
import { Typing } from "./typing.js";
import { UnreadJump } from "./unreadjump.js";

const RETRY_AFTER = 3_000;

export class Conversation extends EventTarget {
  roomId = null;
  personId = null;
  timeline = null;
  #list = null;
  #draw = oncePerFrame(() => this.#drawNow());
  #drawHeading = oncePerFrame(() => this.#drawHeadingNow());

  constructor(state, outbox) {
    super();
    this.state = state;
    this.outbox = outbox;
    this.scroller = new Scroller(byId("scroller"), byId("to-end"));
    this.scroller.hasBelow = () => this.timeline?.hasNewer ?? false;
    this.jump = new UnreadJump(this, byId("to-unread"));
    this.marker = new ReadMarker(state);
    this.typing = new Typing(state, this);
    this.composer = new Composer(this, outbox);
    this.scroller.addEventListener("top", () => this.#extend((timeline) => timeline.loadOlder()));
    this.scroller.addEventListener("bottom", () => this.#extend((timeline) => timeline.loadNewer()));
    this.scroller.addEventListener("to-end", () => this.follow());
    this.scroller.addEventListener("end", () => this.#markRead());
    document.addEventListener("visibilitychange", () => this.#markRead());
    outbox.addEventListener("changed", () => this.#draw());
    outbox.addEventListener("sent", ({ detail }) => this.#follow(detail));
    state.addEventListener("message", ({ detail }) => this.#take(detail));
    state.addEventListener("people", () => this.#drawAll());
    state.addEventListener("rooms", () => this.#drawHeading());
    state.addEventListener("members", ({ detail }) => detail === this.roomId && state.loadRoom(detail));
    state.addEventListener("read", ({ detail }) => this.#seeReader(detail));
    state.addEventListener("left", ({ detail }) => detail === this.roomId && goTo("#/", { replace: true }));
    byId("nothing-new").onclick = () => byId("new-conversation").click();
  }

  get room() {
    return this.state.rooms.get(this.roomId) ?? null;
  }

  /** Where a message written here is sent to; null if nothing is open. */
  get to() {
    if (this.roomId !== null) return { room_id: this.roomId };
    return this.personId === null ? null : { user_id: this.personId };
  }

  openRoom(roomId) {
    if (roomId === this.roomId) return;
    this.#leave();
    this.roomId = roomId;
    this.timeline = new Timeline(roomId);
    this.timeline.addEventListener("changed", () => this.#draw());
    this.timeline.addEventListener("history", () => this.scroller.hush());
    this.#show();
    if (this.state.isLoaded) this.refresh();
  }

  openPerson(personId) {
    this.#leave();
    this.personId = personId;
    this.#show();
    if (!this.state.people.has(personId)) this.#meet(personId);
  }

  close() {
    this.#leave();
    document.body.classList.remove("is-open");
    byId("open").hidden = true;
    byId("nothing").hidden = false;
    this.dispatchEvent(new Event("opened"));
  }

  /** Fetch the open conversation anew: at the start, and after a reset. */
  async refresh() {
    if (this.roomId === null) return this.#drawAll();
    const { roomId, timeline } = this;
    const problem = this.room ? null : await this.state.loadRoom(roomId);
    if (timeline !== this.timeline) return;
    if (problem?.isTemporary) return void setTimeout(() => timeline === this.timeline && this.refresh(), RETRY_AFTER);
    if (!this.room) {
      toast("This room is not yours, or not there any more.");
      return goTo("#/", { replace: true });
    }
    // If nothing is unread, messages that come while one is reading need no line above them.
    this.#list.readUpTo ??= unreadOf(this.room) ? this.room.read_seq : -1;
    this.jump.offer(this.#list.readUpTo, unreadOf(this.room));
    await timeline.load(this.scroller.isAtEnd ? null : this.#seqInView);
    if (this.room?.kind === "direct") this.#seeReader(await readerOf(this.room, this.state));
  }

  /** To the newest message, and stay there. */
  follow() {
    this.scroller.reset();
    if (this.timeline?.hasNewer) this.timeline.load();
    this.#draw();
  }

  /** The connection is back: load what failed meanwhile. */
  recover() {
    this.timeline?.recover();
  }

  get #seqInView() {
    return Number(this.scroller.firstVisible()?.dataset.seq) || null;
  }

  #leave() {
    this.composer.keepDraft();
    this.jump.withdraw();
    this.timeline?.close();
    this.timeline = this.roomId = this.personId = null;
    this.typing.clear();
  }

  #show() {
    this.#list = new MessageList(byId("log"), this.state, this.outbox);
    this.scroller.reset();
    document.body.classList.add("is-open");
    byId("nothing").hidden = true;
    byId("open").hidden = false;
    this.composer.bringDraft();
    this.#drawAll();
    this.dispatchEvent(new Event("opened"));
  }

  #drawAll() {
    this.#drawHeading();
    this.#draw();
  }

  #drawHeadingNow() {
    if (this.to === null) return;
    drawHeading(this, this.state);
    const reason = this.room?.archived_at ? "This room is archived." : null;
    this.composer.setClosed(reason);
    if (reason) byId("text").placeholder = reason;
  }

  #drawNow() {
    if (this.to === null) return;
    this.scroller.keep(() => {
      // Below a part of the history, what is being sent would stand in the wrong place.
      this.#list.draw(this.timeline?.messages ?? [], this.timeline?.hasNewer ? [] : this.outbox.itemsTo(this.to));
      drawEmpty(this.timeline);
      byId("older").hidden = !this.timeline?.hasOlder;
    });
    this.jump.draw();
    this.scroller.fill();
    this.#markRead();
  }

  #take(message) {
    if (message.room_id !== this.roomId) return;
    const isNews = message.seq > (this.timeline.last?.seq ?? 0) && message.sent_by !== this.state.me.id;
    this.timeline.put(message, this.scroller.isAtEnd);
    this.typing.stopped(message.sent_by);
    this.#seeReader({ room_id: message.room_id, user_id: message.sent_by, seq: message.seq }); // who sends has read
    if (isNews) this.scroller.announceNews();
  }

  async #extend(load) {
    try {
      if (this.timeline) await load(this.timeline);
    } catch (error) {
      toast(`More messages could not be loaded. ${error.message}`);
    }
  }

  #markRead() {
    const last = this.timeline?.last;
    if (last && !document.hidden && this.scroller.isAtEnd) this.marker.move(this.roomId, last.seq);
  }

  /** The first message to a person created or found the direct room. */
  #follow({ item, message }) {
    if (item.to.user_id === this.personId && this.personId !== null) {
      goTo(roomAddress(message.room_id), { replace: true });
    }
  }

  async #meet(personId) {
    try {
      this.state.know(await get(`/api/v1/users/${personId}/`));
      this.#drawAll();
    } catch (error) {
      toast(error.message);
      goTo("#/", { replace: true });
    }
  }

  #seeReader({ room_id, user_id, seq }) {
    if (room_id !== this.roomId || user_id === this.state.me.id || this.room?.kind !== "direct") return;
    this.#list.seenUpTo = Math.max(this.#list.seenUpTo, seq);
    this.#draw();
  }
}
