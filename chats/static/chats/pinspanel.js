// The pinned messages of the open room. A press leads to one.

import { chat } from "./chat.js";
import { byId, oncePerFrame } from "./dom.js";
import { mayPin } from "./messagerights.js";
import { MessageList } from "./messages.js";
import { roomName } from "./names.js";
import { goTo, messageAddress } from "./route.js";

const MOST = 100;

export class PinsPanel {
  #end = null;
  #messages = null;
  #list = null;
  #load = oncePerFrame(() => this.#fetch());

  constructor(conversation) {
    this.conversation = conversation;
  }

  open() {
    this.#messages = [];
    this.#list = new MessageList(byId("panel-log"));
    this.#end = chat.store.on("message", ({ room_id, version }) => room_id === this.conversation.roomId && version > 1 && this.#load());
    byId("panel-title").textContent = "Pinned messages";
    byId("panel-about").textContent = this.conversation.room ? roomName(this.conversation.room) : "";
    this.#say("Loading…");
    byId("panel-log").onclick = ({ target }) => this.#go(target);
    byId("panel-close").focus({ preventScroll: true });
    this.#fetch();
  }

  close() {
    this.#end?.();
    this.#messages = null;
    byId("panel-log").onclick = null;
  }

  async #fetch() {
    const { roomId } = this.conversation;
    try {
      const { results } = await chat.messages.pinned(roomId, { limit: MOST });
      if (!this.#messages || roomId !== this.conversation.roomId) return;
      this.#messages = results;
      this.#list.draw(results, []);
      this.#say(results.length ? null : this.#emptyText);
    } catch (error) {
      if (this.#messages && roomId === this.conversation.roomId) this.#say(error.message);
    }
  }

  get #emptyText() {
    const { room } = this.conversation;
    return `Nothing is pinned here.${room && mayPin(room) ? " Pin a message by its menu, and everybody finds it here." : ""}`;
  }

  #go(target) {
    const item = target.closest("[data-message-id]");
    if (item && !target.closest("a, button")) goTo(messageAddress({ room_id: this.conversation.roomId, id: item.dataset.messageId }));
  }

  #say(text) {
    byId("panel-empty").hidden = text === null;
    byId("panel-empty").textContent = text ?? "";
  }
}
