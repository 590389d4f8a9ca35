// The open conversation: its heading, its history, the reader's place in it, and how far they have read.

import { chat } from "./chat.js";
import { Composer } from "./composer.js";
import { pendingIn, watchDirect } from "./direct.js";
import { byId, oncePerFrame } from "./dom.js";
import { drawEmpty } from "./empty.js";
import { drawHeading } from "./heading.js";
import { MessageJump } from "./messagejump.js";
import { rightsOver } from "./messagerights.js";
import { MessageList } from "./messages.js";
import { MessageToolbar } from "./messagetoolbar.js";
import { peerOf } from "./names.js";
import { goTo, threadAddress } from "./route.js";
import { Outside } from "./outside.js";
import { Panels } from "./panels.js";
import { ReadMark } from "./readmark.js";
import { Scroller } from "./scroller.js";
import { watchSlowMode } from "./slowmode.js";
import { toast } from "./toast.js";
import { drawTyping } from "./typing.js";
import { UnreadJump } from "./unreadjump.js";
import { whyClosed } from "./writing.js";

const RETRY_AFTER = 3_000;
const { store, outbox } = chat;

export class Conversation extends EventTarget {
  roomId = null;
  personId = null;
  /** Null until the room is known to be mine, and in a direct conversation that has not begun. */
  timeline = null;
  /** The two of a direct room. */
  #members = null;
  #list = null;
  /** Mine, when the messages were drawn. */
  #role = null;
  #draw = oncePerFrame(() => this.#drawNow());
  #drawHeading = oncePerFrame(() => this.#drawHeadingNow());

  constructor() {
    super();
    this.scroller = new Scroller(byId("scroller"), byId("to-end"));
    this.scroller.hasBelow = () => this.timeline?.hasNewer ?? false;
    this.jump = new UnreadJump(this, byId("to-unread"));
    this.asked = new MessageJump(this);
    this.composer = new Composer(this);
    this.toolbar = new MessageToolbar(byId("log"), this);
    this.readMark = new ReadMark(this);
    this.panels = new Panels(this);
    this.outside = new Outside(this);
    this.scroller.addEventListener("top", () => this.#extend((timeline) => timeline.loadOlder()));
    this.scroller.addEventListener("bottom", () => this.#extend((timeline) => timeline.loadNewer()));
    this.scroller.addEventListener("to-end", () => this.follow());
    outbox.on("changed", () => this.#drawAll());
    watchSlowMode((roomId) => roomId === this.roomId && this.#drawAll());
    watchDirect(this);
    outbox.on("sent", ({ message }) => this.#sent(message));
    store.on("message", (message) => this.#take(message));
    for (const name of ["people", "personal"]) store.on(name, () => this.#drawAll());
    // With another role, messages offer something else.
    store.on("rooms", () => (this.room?.role === this.#role ? this.#drawHeading() : this.#drawAll()));
    store.on("left", (roomId) => roomId === this.roomId && this.timeline && goTo("#/", { replace: true }));
    chat.typing.on("changed", (roomId) => roomId === this.roomId && drawTyping(this.to));
    byId("nothing-new").onclick = () => byId("new-conversation").click();
  }

  get room() {
    return store.rooms.get(this.roomId) ?? null;
  }

  /** Where a message written here is sent to; null if nothing is open. */
  get to() {
    if (this.roomId !== null) return { room_id: this.roomId };
    return this.personId === null ? null : { user_id: this.personId };
  }

  /** At its end, or at a message. */
  openRoom(roomId, messageId = null) {
    this.asked.want(roomId, messageId);
    if (roomId === this.roomId) return;
    this.#leave();
    this.roomId = roomId;
    this.#show();
    if (store.isLoaded) this.refresh();
  }

  openPerson(personId) {
    this.#leave();
    this.personId = personId;
    this.#show();
    if (!store.people.has(personId)) this.#meet(personId);
  }

  close() {
    this.#leave();
    document.body.classList.remove("is-open");
    byId("open").hidden = true;
    byId("nothing").hidden = false;
    this.dispatchEvent(new Event("opened"));
  }

  /** The rooms are known, for the first time or anew. */
  async refresh() {
    if (this.roomId === null) return this.#drawAll();
    const { roomId } = this;
    const problem = this.room ? null : await store.loadRoom(roomId);
    if (roomId !== this.roomId) return;
    if (problem?.isTemporary) return void setTimeout(() => roomId === this.roomId && this.refresh(), RETRY_AFTER);
    if (!this.room) return this.outside.show(roomId);
    // If nothing is unread, messages that come while one is reading need no line above them.
    this.#list.readUpTo ??= this.room.unread ? this.room.read_seq : -1;
    this.jump.offer(this.#list.readUpTo, this.room.unread);
    if (this.timeline === null) this.#enter(roomId);
    this.asked.go();
    this.#drawAll();
  }

  /** My newest message that can be edited, if it is loaded. */
  get lastOfMine() {
    return this.timeline?.messages.findLast((message) => rightsOver(message).includes("edit")) ?? null;
  }

  /** A message that is loaded. */
  find(messageId) {
    return this.timeline?.messages.find(({ id }) => id === messageId);
  }

  edit(message) {
    this.composer.edit(message);
  }

  /** From this message on it is unread, until I come again or write here. */
  async markUnread(message) {
    // When the server has answered, another room may be open, with a list of its own.
    const list = this.#list;
    if (!(await this.readMark.moveBefore(message))) return;
    list.readUpTo = message.seq - 1;
    this.#draw();
  }

  openThread(message) {
    goTo(threadAddress(message));
  }

  /** To the newest message, and stay there. */
  follow() {
    this.scroller.reset();
    if (this.timeline?.hasNewer) this.timeline.load();
    this.#draw();
  }

  #enter(roomId) {
    const placeOf = () => (this.scroller.isAtEnd ? null : this.#seqInView);
    this.timeline = chat.openTimeline(roomId, { placeOf });
    this.timeline.on("changed", () => this.#draw());
    this.timeline.on("history", () => this.scroller.hush());
    if (this.room.kind !== "direct") return;
    this.#members = chat.openMembers(roomId);
    this.#members.on("changed", () => this.#seeReader());
    this.#members.load().catch(() => {});
  }

  get #seqInView() {
    return Number(this.scroller.firstVisible()?.dataset.seq) || null;
  }

  #leave() {
    this.composer.keepDraft();
    this.jump.withdraw();
    this.outside.hide();
    this.timeline?.close();
    this.#members?.close();
    this.timeline = this.#members = this.roomId = this.personId = null;
    drawTyping(null);
  }

  #show() {
    this.#list = new MessageList(byId("log"));
    this.readMark.isHeld = false;
    this.scroller.reset();
    document.body.classList.add("is-open");
    byId("nothing").hidden = true;
    byId("open").hidden = false;
    this.composer.bringDraft();
    drawTyping(this.to);
    this.#drawAll();
    this.dispatchEvent(new Event("opened"));
  }

  #drawAll() {
    this.#drawHeading();
    this.#draw();
  }

  #drawHeadingNow() {
    if (this.to === null) return;
    drawHeading(this);
    this.composer.setClosed(whyClosed(this));
    this.panels.thread.drawComposer();
  }

  #drawNow() {
    if (this.to === null) return;
    this.#role = this.room?.role;
    this.toolbar.note();
    this.scroller.keep(() => {
      // Below a part of the history, what is being sent would stand in the wrong place.
      this.#list.draw(this.timeline?.messages ?? [], this.timeline?.hasNewer ? [] : pendingIn(this));
      drawEmpty(this);
      byId("older").hidden = !this.timeline?.hasOlder;
    });
    this.toolbar.drawn();
    this.jump.draw();
    this.asked.draw();
    this.scroller.fill();
    this.readMark.move();
  }

  /** Before the timeline has it. */
  #take(message) {
    if (message.room_id !== this.roomId || this.timeline === null || message.parent_id) return;
    if (message.kind === "system") return;
    const isNews = message.seq > (this.timeline.last?.seq ?? 0) && message.sent_by !== store.me.id;
    if (isNews) this.scroller.announceNews();
  }

  async #extend(load) {
    try {
      if (this.timeline) await load(this.timeline);
    } catch (error) {
      toast(`More messages could not be loaded. ${error.message}`);
    }
  }

  #sent(message) {
    if (message.room_id === this.roomId && !message.parent_id) this.readMark.release();
  }

  async #meet(personId) {
    try {
      store.know(await chat.people.get(personId));
      this.#drawAll();
    } catch (error) {
      if (personId !== this.personId) return;
      toast(error.message);
      goTo("#/", { replace: true });
    }
  }

  #seeReader() {
    this.#list.seenUpTo = this.#members.get(peerOf(this.room).id)?.read_seq ?? 0;
    this.#draw();
  }
}
