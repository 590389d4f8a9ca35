// What both elements are: a panel in a shadow root, inline or behind a floating button, that is drawn from the client.

import { el, oncePerFrame } from "../dom.js";
import { connect } from "./connection.js";
import { styles } from "./styles.js";

let lastId = 0;

export class ChatElement extends HTMLElement {
  client = null;
  texts = null;
  #ends = [];
  #isBuilt = false;
  draw = oncePerFrame(() => this.isConnected && this.client && this.drawNow());

  async connectedCallback() {
    if (!this.#isBuilt) this.#build();
    this.#isBuilt = true;
    try {
      const { client, texts } = await connect();
      if (!this.isConnected || this.client) return;
      [this.client, this.texts] = [client, texts];
    } catch (error) {
      return this.#fail(error);
    }
    this.#label();
    this.listen(this.client, "state", () => this.#drawNote());
    this.listen(this.client, "signedOut", () => this.#drawNote(this.texts.signedOut));
    this.listen(this.client.store, "rooms", () => this.draw());
    this.listen(this.client.store, "people", () => this.draw());
    this.listen(this.client.store, "personal", () => this.draw());
    this.#drawNote();
    this.start();
    this.draw();
  }

  disconnectedCallback() {
    this.#ends.forEach((end) => end());
    this.#ends = [];
    this.client = null;
    this.stop();
  }

  /** Listen until the element is taken out of the page. */
  listen(emitter, name, listener) {
    this.#ends.push(emitter.on(name, listener));
  }

  get isFloating() {
    return this.getAttribute("mode") === "floating";
  }

  /** Whether the person can see the panel: it is not behind its button. */
  get isOpen() {
    return !this.panel.hidden;
  }

  setUnread(count) {
    this.badge.hidden = count === 0;
    this.badge.textContent = count > 99 ? "99+" : String(count);
    this.badge.setAttribute("aria-label", this.texts.unread(count));
    if (this.unread === count) return;
    this.unread = count;
    this.dispatchEvent(new CustomEvent("chat-unread", { detail: { count }, bubbles: true, composed: true }));
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    lastId += 1;
    this.heading = el("h2", { id: `chat-title-${lastId}`, dir: "auto" });
    this.headerStart = el("span", {});
    this.closeButton = el("button", { type: "button", hidden: !this.isFloating, onclick: () => this.#toggle(false) }, "✕");
    this.note = el("p", { class: "note", role: "status", hidden: true });
    this.body = el("div", { class: "body" });
    this.panel = el(
      "section",
      { class: "panel", "aria-labelledby": this.heading.id, hidden: this.isFloating },
      el("header", { hidden: this.hasAttribute("bare") }, this.headerStart, this.heading, this.closeButton),
      this.note,
      this.body,
    );
    this.badge = el("span", { class: "badge", hidden: true });
    this.launcherText = el("span", {});
    this.launcher = el(
      "button",
      { type: "button", class: "launcher", "aria-expanded": "false", hidden: !this.isFloating, onclick: () => this.#toggle(!this.isOpen) },
      this.launcherText,
      " ",
      this.badge,
    );
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape" && this.isFloating) this.#toggle(false);
    };
    root.append(this.panel, this.launcher);
  }

  #label() {
    this.closeButton.setAttribute("aria-label", this.texts.close);
    this.launcher.setAttribute("aria-label", this.texts.open);
    this.launcherText.textContent = this.texts.title;
  }

  #toggle(isOpen) {
    this.panel.hidden = !isOpen;
    this.launcher.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.shown();
    else this.launcher.focus();
  }

  #drawNote(text = null) {
    const { state } = this.client ?? {};
    const waiting = state === "live" ? "" : state === "connecting" ? this.texts.connecting : this.texts.offline;
    this.note.textContent = text ?? waiting;
    this.note.hidden = !this.note.textContent;
  }

  #fail(error) {
    this.note.textContent = error.detail ?? error.message ?? String(error);
    this.note.hidden = false;
    this.dispatchEvent(new CustomEvent("chat-error", { detail: { error }, bubbles: true, composed: true }));
  }

  /** The panel was opened by its button. */
  shown() {}
}
