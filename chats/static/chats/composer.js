// The input for messages. Enter sends and Shift+Enter breaks the line; on a touch keyboard Enter breaks the line.

import { byId } from "./dom.js";

const MAX_TEXT = 4_000;
const COUNT_FROM = 3_800;
const LARGEST_HEIGHT = 180;

export class Composer {
  #drafts = new Map();
  #closed = null;

  constructor(conversation, outbox) {
    this.conversation = conversation;
    this.outbox = outbox;
    this.input = byId("text");
    this.isTouch = matchMedia("(pointer: coarse)");
    byId("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    this.input.oninput = () => {
      this.#draw();
      if (this.#text) conversation.typing.tell();
    };
    this.input.onkeydown = (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || this.isTouch.matches) return;
      event.preventDefault();
      this.#send();
    };
    // The button must not take the focus: the keyboard of a phone would close.
    byId("send").onpointerdown = (event) => event.preventDefault();
  }

  keepDraft() {
    if (this.conversation.to) this.#drafts.set(this.#key, this.input.value);
  }

  bringDraft() {
    this.input.value = this.#drafts.get(this.#key) ?? "";
    this.#draw();
    if (!this.isTouch.matches) this.input.focus({ preventScroll: true });
  }

  /** The reason why nobody can write here; null: one can. */
  setClosed(reason) {
    this.#closed = reason;
    this.input.disabled = reason !== null;
    if (reason) this.input.placeholder = reason;
    this.#draw();
  }

  get #key() {
    return JSON.stringify(this.conversation.to);
  }

  get #text() {
    return this.input.value.trim();
  }

  #send() {
    const text = this.#text;
    if (!this.#isFine || !this.conversation.to) return;
    this.input.value = "";
    this.#drafts.delete(this.#key);
    this.#draw();
    this.conversation.typing.told();
    this.conversation.scroller.reset();
    this.outbox.add(this.conversation.to, text);
  }

  /** Characters as the service counts them: code points. */
  get #length() {
    return [...this.#text].length;
  }

  get #isFine() {
    return !this.#closed && this.#length > 0 && this.#length <= MAX_TEXT;
  }

  #draw() {
    const length = this.#length;
    byId("send").disabled = !this.#isFine;
    byId("count").hidden = length < COUNT_FROM;
    byId("count").textContent = String(MAX_TEXT - length);
    byId("count").classList.toggle("is-over", length > MAX_TEXT);
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, LARGEST_HEIGHT)}px`;
  }
}
