// What one can do with a message: a toolbar at the one under the pointer or with the focus, and a menu by its button, a
// long press or a key. There is one toolbar, which moves.

import { el, icon } from "./dom.js";
import { openEmojiPicker } from "./emoji/picker.js";
import { recentEmoji } from "./emoji/recent.js";
import { openMenu } from "./menu.js";
import { messageActions } from "./messageactions.js";
import { isMine, toggleReaction } from "./reactions.js";
import { rightsOver } from "./messagerights.js";

const QUICK_IN_BAR = 3;
const QUICK_IN_MENU = 6;
const LONG_PRESS_MILLISECONDS = 450;
const STEADY_PIXELS = 10;
// The click of a lifted finger comes within this time, if at all.
const CLICK_AFTER_LIFT_MILLISECONDS = 100;

export class MessageToolbar {
  #item = null;
  #bar = null;
  #press = null;

  /** `host` is {find(id), edit(message), roomId}: the message with an id, if it is loaded. */
  constructor(log, host) {
    this.log = log;
    this.host = host;
    // Not where the messages move: while one scrolls it would be made anew in each frame.
    log.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.#showAt(event.target));
    log.addEventListener("pointerleave", () => this.#bar?.contains(document.activeElement) || this.#hide());
    log.addEventListener("focusin", (event) => this.#showAt(event.target));
    log.addEventListener("keydown", (event) => this.#key(event));
    this.#watchLongPress();
  }

  /** The items were drawn anew: keep the toolbar at its message, one message in the tab order, and the focus. */
  drawn() {
    const items = this.#items;
    const active = this.#item && this.log.querySelector(`[data-message-id="${this.#item.dataset.messageId}"]`);
    if (active && active !== this.#item) {
      const had = this.focused;
      this.#hide();
      this.#showAt(active);
      if (had === "item") active.focus({ preventScroll: true });
      else if (had) this.#bar?.querySelector(`[data-key="${had}"]`)?.focus({ preventScroll: true });
    }
    this.focused = null;
    if (!items.some((item) => item.tabIndex === 0)) items.at(-1)?.setAttribute("tabindex", "0");
  }

  /** Before they are drawn anew. */
  note() {
    const active = document.activeElement;
    this.focused = active === this.#item ? "item" : this.#bar?.contains(active) ? active.dataset.key : null;
  }

  get #items() {
    return [...this.log.querySelectorAll("[data-message-id][tabindex]")];
  }

  #messageOf(item) {
    return item && this.host.find(Number(item.dataset.messageId));
  }

  #showAt(target) {
    const item = target.closest?.("[data-message-id][tabindex]");
    if (!item || item === this.#item) return;
    this.#hide();
    const message = this.#messageOf(item);
    if (!message) return;
    this.#item = item;
    this.#bar = this.#makeBar(message);
    (item.querySelector(".bubble") ?? item).append(this.#bar);
  }

  #hide() {
    this.#bar?.remove();
    this.#bar = this.#item = null;
  }

  #makeBar(message) {
    const rights = rightsOver(message);
    const mayReact = rights.includes("react");
    const button = (key, label, content, onclick, testid = key) =>
      el("button", { type: "button", "data-key": key, "data-testid": testid, "aria-label": label, title: label, onclick }, content);
    const quick = mayReact ? recentEmoji().slice(0, QUICK_IN_BAR) : [];
    return el(
      "div",
      { class: "actions", role: "toolbar", "aria-label": "Message actions", "data-testid": "message-actions" },
      ...quick.map((emoji) => button(`react-${emoji}`, isMine(message, emoji) ? `Take back ${emoji}` : `React with ${emoji}`, emoji, () => toggleReaction(this.#now(message), emoji), "react")),
      mayReact ? button("pick-reaction", "Add a reaction", icon("smile"), (event) => this.#pick(message, event.currentTarget)) : null,
      ...this.#actions(message).filter(({ isInBar }) => isInBar).map(({ text, symbol, act, testid }) => button(testid, text, icon(symbol), act)),
      button("message-more", "More actions", icon("more"), (event) => this.#menu(message, event.currentTarget)),
    );
  }

  #actions(message) {
    const itemNow = () => this.log.querySelector(`[data-message-id="${message.id}"]`);
    const returnFocus = { focus: (options) => itemNow()?.focus(options) };
    return messageActions(message, this.host, (open) => {
      // It would look out from below what opens; it is there again with the focus.
      this.#hide();
      open(itemNow().querySelector(".bubble"), returnFocus);
    });
  }

  /** It may have changed since the toolbar was made. */
  #now(message) {
    return this.host.find(message.id) ?? message;
  }

  #pick(message, anchor) {
    openEmojiPicker(anchor, (emoji) => toggleReaction(this.#now(message), emoji), { returnFocus: this.#item ?? anchor });
  }

  #menu(message, anchor) {
    const item = this.log.querySelector(`[data-message-id="${message.id}"]`);
    const mayReact = rightsOver(message).includes("react");
    const react = (emoji) => () => {
      close();
      toggleReaction(this.#now(message), emoji);
    };
    const more = () => {
      close();
      this.#pick(message, anchor.isConnected === false ? item : anchor);
    };
    const quick = recentEmoji().slice(0, QUICK_IN_MENU).map((emoji) =>
      el("button", { type: "button", "data-testid": "menu-react", "aria-pressed": String(isMine(message, emoji)), "aria-label": `React with ${emoji}`, onclick: react(emoji) }, emoji),
    );
    const header = mayReact
      ? el("div", { class: "quick" }, ...quick, el("button", { type: "button", "aria-label": "Other emoji", onclick: more }, icon("smile")))
      : null;
    const close = openMenu(anchor, "Message actions", this.#actions(message), { header, returnFocus: item ?? anchor });
  }

  #key(event) {
    const item = event.target.closest("[data-message-id]");
    const message = this.#messageOf(item);
    const isOnItem = event.target === item;
    if (!message || !(isOnItem || this.#bar?.contains(event.target)) || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.#actions(message).find(({ key }) => key?.toLowerCase() === event.key.toLowerCase());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && isOnItem) this.#step(item, step);
    else if ((isOnItem && event.key === "Enter") || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) this.#menu(message, item);
    else if (event.key === "r" && rightsOver(message).includes("react")) this.#pick(message, item);
    else if (action) action.act();
    else return;
    event.preventDefault();
  }

  #step(item, step) {
    const items = this.#items;
    const next = items[items.indexOf(item) + step];
    if (!next) return;
    item.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  #watchLongPress() {
    const end = () => {
      clearTimeout(this.#press?.timer);
      this.#press = null;
    };
    const begin = (event) => {
      end();
      const item = event.target.closest("[data-message-id][tabindex]");
      const isOther = event.target.closest("a, button");
      if (event.pointerType === "mouse" || !item || isOther) return;
      const { clientX: x, clientY: y } = event;
      const open = () => {
        const message = this.#messageOf(item);
        this.#press.isOpen = true;
        if (message) this.#menu(message, { x, y });
        navigator.vibrate?.(10);
      };
      this.#press = { x, y, isOpen: false, timer: setTimeout(open, LONG_PRESS_MILLISECONDS) };
    };
    this.log.addEventListener("pointerdown", begin);
    this.log.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (this.#press && Math.hypot(clientX - this.#press.x, clientY - this.#press.y) > STEADY_PIXELS) end();
    });
    this.log.addEventListener("pointercancel", end);
    this.log.addEventListener("pointerup", () => {
      if (this.#press?.isOpen) ignoreClickOfLift();
      end();
    });
    // The browser's own menu for a long press.
    this.log.addEventListener("contextmenu", (event) => this.#press && event.preventDefault());
  }
}

/** Ignore the click of the finger that is lifted now: it would choose from the menu that opened below it. */
function ignoreClickOfLift() {
  const ignore = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", ignore, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", ignore, { capture: true }), CLICK_AFTER_LIFT_MILLISECONDS);
}
