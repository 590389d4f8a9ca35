// Where one writes. Enter sends, Shift+Enter breaks the line.

import { el } from "../dom.js";

// Characters, as the server counts them.
const MAX_TEXT = 4_000;
// What browsers report for a key that an input method handles.
const COMPOSING = 229;

export class Composer {
  constructor(texts, { send, typed, emptied }) {
    this.texts = texts;
    this.send = send;
    this.input = el("textarea", { rows: 1, dir: "auto", placeholder: texts.placeholder, "aria-label": texts.placeholder });
    this.button = el("button", { type: "submit", class: "send", disabled: true }, texts.send);
    this.problem = el("span", { class: "status failed", role: "status", hidden: true });
    this.form = el("form", {}, this.input, this.problem, this.button);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.input.oninput = () => {
      this.#draw();
      if (this.#text) typed();
      else emptied();
    };
    this.input.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === COMPOSING) return;
      event.preventDefault();
      this.#submit();
    };
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  get #text() {
    return this.input.value.trim();
  }

  get #excess() {
    return [...this.#text].length - MAX_TEXT;
  }

  #submit() {
    if (this.button.disabled) return;
    this.send(this.#text);
    this.input.value = "";
    this.#draw();
    this.focus();
  }

  #draw() {
    this.problem.hidden = this.#excess <= 0;
    this.problem.textContent = this.texts.tooLong(this.#excess);
    this.button.disabled = this.#text === "" || this.#excess > 0;
  }
}
