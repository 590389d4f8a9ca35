// The input for messages. Enter sends, also on a phone, whose key says so; Shift+Enter breaks the line. Drafts are kept
// on the device, so that nothing that closes the page loses one.

import { chat } from "./chat.js";
import { Completion } from "./completion.js";
import { byId, el } from "./dom.js";
import { draftOf, keepDraftOf } from "./drafts.js";
import { openEmojiPicker } from "./emoji/picker.js";
import { secondsToWait } from "./slowmode.js";
import { durationName } from "./times.js";
import { toast } from "./toast.js";

const MAX_TEXT = 4_000;
// When so many characters are left, they are counted.
const COUNTED = 200;
const SECOND = 1_000;
const LARGEST_HEIGHT = 180;
// To measure the text lays out the whole page at each key.
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");
// What browsers report for a key that an input method handles. Safari ends the composition before that.
const COMPOSING = 229;

export class Composer {
  #closed = null;
  #timer = null;
  /** The message that is edited here. */
  #edited = null;

  /** `conversation` is the open room or thread; `prefix` is that of the ids of the inputs. */
  constructor(conversation, prefix = "") {
    this.conversation = conversation;
    this.prefix = prefix;
    this.input = this.#part("text");
    this.isTouch = matchMedia("(pointer: coarse)");
    this.completion = new Completion(this.input, this.#part("completions"), () => conversation.room);
    addEventListener("pagehide", () => this.keepDraft());
    this.#part("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    this.input.addEventListener("input", () => {
      this.#draw();
      this.keepDraft();
      this.#announce();
    });
    this.input.onkeydown = (event) => {
      // While an input method composes, its keys choose a word.
      if (event.isComposing || event.keyCode === COMPOSING) return;
      if (this.completion.takes(event)) return;
      if (event.key === "Escape" && this.#edited) return this.#stopEditing();
      if (event.key === "ArrowUp" && !this.input.value && conversation.lastOfMine) {
        event.preventDefault();
        return this.edit(conversation.lastOfMine);
      }
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.#send();
    };
    // The keyboards of some phones report no key, only what it would do.
    this.input.onbeforeinput = (event) => {
      if (event.inputType !== "insertLineBreak" || event.isComposing || !this.isTouch.matches) return;
      event.preventDefault();
      this.#send();
    };
    this.#part("stop-editing").onclick = () => this.#stopEditing();
    this.#part("pick-emoji").onclick = ({ currentTarget }) => openEmojiPicker(currentTarget, (emoji) => this.insert(emoji), { returnFocus: this.input });
    // The button must not take the focus: the keyboard of a phone would close.
    this.#part("send").onpointerdown = (event) => event.preventDefault();
  }

  #part(name) {
    return byId(`${this.prefix}${name}`);
  }

  keepDraft() {
    if (this.conversation.to && !this.#edited) keepDraftOf(this.conversation.to, this.input.value);
  }

  bringDraft() {
    this.#edited = null;
    this.input.value = draftOf(this.conversation.to);
    this.#draw();
    if (!this.isTouch.matches) this.input.focus({ preventScroll: true });
  }

  /** Move what is being written to another conversation, which is about to be opened. */
  moveDraft(to) {
    const { value } = this.input;
    if (!value || this.#edited) return;
    this.input.value = "";
    this.keepDraft();
    keepDraftOf(to, value);
  }

  /** Have a message of mine here to change it. What was being written waits. */
  edit(message) {
    this.keepDraft();
    this.#edited = message;
    this.input.value = message.message;
    this.#draw();
    this.input.focus({ preventScroll: true });
  }

  /** At the cursor. */
  insert(text) {
    this.input.focus({ preventScroll: true });
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.input.dispatchEvent(new Event("input"));
  }

  #stopEditing() {
    this.bringDraft();
    this.input.focus({ preventScroll: true });
  }

  /** Why I can't write here, as whyClosed() says it; null: I can. */
  setClosed(reason) {
    if (reason?.text !== this.#closed?.text) {
      const { text, action } = reason ?? {};
      this.#part("closed").replaceChildren(text ?? "", action ? el("button", { type: "button", class: "link", onclick: action.act }, action.text) : "");
      this.#part("closed").hidden = reason === null;
      this.#part("composer").hidden = reason !== null;
    }
    this.#closed = reason;
    this.#draw();
  }

  get #text() {
    return this.input.value.trim();
  }

  #send() {
    const text = this.#text;
    if (!this.#isFine || !this.conversation.to) return;
    if (this.#edited) return void this.#saveEdit(this.#edited, text);
    this.input.value = "";
    this.keepDraft();
    this.#draw();
    this.conversation.follow();
    chat.send(this.conversation.to, text);
  }

  async #saveEdit(message, text) {
    this.#stopEditing();
    const waiting = this.input.value;
    try {
      chat.store.putMessage(await chat.messages.edit(message.id, text, message.version));
    } catch (error) {
      const now = this.conversation.find(message.id);
      // Only if nothing else was written here meanwhile.
      if (this.input.value === waiting && now?.removed_at === null) this.edit({ ...now, message: text });
      toast(`The message was not changed. ${error.message}`);
    }
  }

  get #longest() {
    return this.conversation.room?.max_length ?? MAX_TEXT;
  }

  /** Seconds of slow mode, for which a text stays here. An edit need not wait. */
  get #wait() {
    return this.#edited ? 0 : secondsToWait(this.conversation.room);
  }

  /** Characters as the service counts them: code points. */
  get #length() {
    return [...this.#text].length;
  }

  get #isFine() {
    return !this.#closed && !this.#wait && this.#length > 0 && this.#length <= this.#longest;
  }

  #announce() {
    const { room_id: roomId, parent_id: parentId } = this.conversation.to ?? {};
    if (roomId === undefined || roomId === null) return;
    if (this.#text) chat.typing.announce(roomId, parentId);
    else chat.typing.stop(roomId, parentId);
  }

  /** It goes on while there is something to wait for. */
  #drawWait() {
    const wait = this.#wait;
    clearTimeout(this.#timer);
    if (wait) this.#timer = setTimeout(() => this.#draw(), SECOND);
    this.#part("waiting").hidden = !wait;
    this.#part("waiting").textContent = wait ? `Slow mode: you can write again in ${durationName(wait)}.` : "";
  }

  #draw() {
    const length = this.#length;
    this.#drawWait();
    this.#part("send").disabled = !this.#isFine;
    this.#part("editing").hidden = !this.#edited;
    const left = this.#longest - length;
    this.#part("count").hidden = left > COUNTED || !length;
    this.#part("count").textContent = String(left);
    this.#part("count").classList.toggle("is-over", left < 0);
    if (GROWS_BY_ITSELF) return;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, LARGEST_HEIGHT)}px`;
  }
}
