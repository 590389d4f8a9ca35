// A thread beside its room: the message, the replies, and where one replies.

import { chat } from "./chat.js";
import { Composer } from "./composer.js";
import { byId, oncePerFrame } from "./dom.js";
import { MessageList } from "./messages.js";
import { rightsOver } from "./messagerights.js";
import { MessageToolbar } from "./messagetoolbar.js";
import { roomName } from "./names.js";
import { goTo, threadAddress } from "./route.js";
import { Scroller } from "./scroller.js";
import { ThreadMessages } from "./threadmessages.js";
import { toast } from "./toast.js";
import { drawTyping } from "./typing.js";
import { whyClosed } from "./writing.js";

export class ThreadPanel {
  #thread = null;
  #list = null;
  #isMarking = false;
  #draw = oncePerFrame(() => this.#drawNow());

  constructor(conversation) {
    this.conversation = conversation;
    this.scroller = new Scroller(byId("panel-scroller"), byId("panel-to-end"));
    this.composer = new Composer(this, "thread-");
    this.toolbar = new MessageToolbar(byId("panel-log"), this);
    this.scroller.addEventListener("to-end", () => this.follow());
    this.scroller.addEventListener("end", () => this.#markRead());
    chat.outbox.on("changed", () => this.#draw());
    chat.typing.on("changed", (roomId) => roomId === this.roomId && drawTyping(this.to, "thread-"));
    byId("thread-follow").onclick = () => this.#toggleFollowing();
  }

  get roomId() {
    return this.conversation.roomId;
  }

  get room() {
    return this.conversation.room;
  }

  get to() {
    return this.#thread && { room_id: this.roomId, parent_id: this.#thread.rootId };
  }

  get lastOfMine() {
    return this.#thread?.messages.findLast((message) => message.parent_id && rightsOver(message).includes("edit")) ?? null;
  }

  find(messageId) {
    return this.#thread?.find(messageId);
  }

  edit(message) {
    this.composer.edit(message);
  }

  follow() {
    this.scroller.reset();
    this.#draw();
  }

  open(rootId) {
    this.#thread = new ThreadMessages(rootId);
    this.#list = new MessageList(byId("panel-log"));
    this.#thread.addEventListener("changed", () => this.#draw());
    this.#thread.load();
    this.scroller.reset();
    byId("thread-text").placeholder = "Reply";
    this.composer.bringDraft();
    drawTyping(this.to, "thread-");
    this.#draw();
  }

  close() {
    this.composer.keepDraft();
    this.#thread?.close();
    this.#thread = null;
    drawTyping(null, "thread-");
  }

  drawComposer() {
    if (this.#thread) this.composer.setClosed(whyClosed(this));
  }

  #drawNow() {
    const thread = this.#thread;
    if (!thread) return;
    // A link may name another room than that of the thread.
    if (thread.root && thread.root.room_id !== this.roomId) return goTo(threadAddress(thread.root), { replace: true });
    byId("panel-title").textContent = "Thread";
    byId("panel-about").textContent = this.room ? roomName(this.room) : "";
    byId("panel-empty").hidden = thread.isLoaded;
    byId("panel-empty").textContent = thread.error?.message ?? "Loading…";
    this.drawComposer();
    this.#drawFollowing(thread.following);
    this.toolbar.note();
    this.scroller.keep(() => this.#list.draw(thread.messages, chat.outbox.itemsTo(this.to)));
    this.toolbar.drawn();
    this.#markRead();
  }

  #drawFollowing(following) {
    const button = byId("thread-follow");
    const label = following?.following ? "Stop following this thread" : "Follow this thread";
    button.hidden = following === null;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.querySelector("use").setAttribute("href", following?.following ? "#icon-bell" : "#icon-bell-off");
  }

  async #toggleFollowing() {
    try {
      await this.#thread.toggleFollowing();
    } catch (error) {
      toast(error.message);
    }
  }

  async #markRead() {
    const thread = this.#thread;
    const { following, lastSeq } = thread ?? {};
    if (!following?.following || lastSeq <= following.read_seq || this.#isMarking || document.hidden || !this.scroller.isAtEnd) return;
    this.#isMarking = true;
    const read = await chat.threads.markRead(thread.rootId, lastSeq).catch(() => null);
    this.#isMarking = false;
    if (read) thread.following = read;
  }
}
