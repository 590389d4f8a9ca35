// The messages of a room as list items. An item is made once and kept until it looks different.

import { el, reconcile } from "../dom.js";
import { textBlock } from "../text.js";
import { clockTime, dayKey, dayName, fullTime } from "../times.js";
import { SystemLine } from "./systemline.js";

// Messages of one person within this time are below one name.
const GROUP_MILLISECONDS = 5 * 60_000;

export class Log {
  #made = new Map();

  constructor(place, client, texts) {
    this.place = place;
    this.client = client;
    this.texts = texts;
    this.system = new SystemLine(client, texts);
  }

  draw(messages, pending) {
    const made = new Map();
    const keep = (key, signature, make) => {
      const old = this.#made.get(key);
      made.set(key, old?.signature === signature ? old : { signature, item: make() });
    };
    let above = null;
    for (const message of messages) {
      if (!above || dayKey(above.sent_at) !== dayKey(message.sent_at)) {
        const day = dayName(message.sent_at);
        keep(`day ${dayKey(message.sent_at)}`, day, () => el("li", { class: "day" }, day));
        above = null;
      }
      if (message.kind === "system") {
        const text = message.removed_at ? this.texts.removed : this.system.of(message);
        keep(`message ${message.id}`, text, () => el("li", { class: "day", dir: "auto", "data-seq": message.seq }, text));
        above = null;
        continue;
      }
      const isContinued = above !== null && belongTogether(above, message);
      const name = this.#nameOf(message);
      const placeholder = this.#placeholderOf(message);
      const signature = JSON.stringify([isContinued, name, placeholder, message.message]);
      keep(`message ${message.id}`, signature, () => this.#messageItem(message, name, isContinued, placeholder));
      above = message;
    }
    for (const item of pending) keep(`pending ${item.id}`, item.problem, () => this.#pendingItem(item));
    this.#made = made;
    reconcile(this.place, [...made.values()].map(({ item }) => item));
  }

  #nameOf(message) {
    if (message.sent_by === this.client.store.me.id) return this.texts.you;
    const person = this.client.store.people.get(message.sent_by) ?? message.sender;
    return person.display_name || person.username;
  }

  /** What is shown in place of the text; null where the text is shown. */
  #placeholderOf(message) {
    if (message.removed_at) return this.texts.removed;
    return this.client.store.isHidden(message) ? this.texts.hidden : null;
  }

  #messageItem(message, name, isContinued, placeholder) {
    const isMine = message.sent_by === this.client.store.me.id;
    const time = el("time", { dir: "auto", datetime: message.sent_at, title: fullTime(message.sent_at) }, clockTime(message.sent_at));
    const tail = el("span", { class: "tail" }, time);
    const text = placeholder ? el("p", { class: "text removed" }, placeholder, tail) : textBlock(message.message, { tail });
    return el(
      "li",
      { class: `message ${isMine ? "mine" : ""} ${isContinued ? "continued" : ""}`, "data-seq": message.seq },
      el("span", { class: isMine || isContinued ? "for-readers" : "sender", dir: "auto" }, name),
      el("div", { class: "bubble" }, text),
    );
  }

  #pendingItem(item) {
    const { outbox } = this.client;
    const action = (text, act) => el("button", { type: "button", onclick: act }, text);
    const status =
      item.problem === null
        ? el("span", { class: "status" }, this.texts.sending)
        : el(
            "span",
            { class: "status failed", role: "alert" },
            this.texts.failed(item.problem),
            action(this.texts.retry, () => outbox.retry(item.id)),
            action(this.texts.discard, () => outbox.discard(item.id)),
          );
    return el("li", { class: "message mine" }, el("div", { class: "bubble" }, textBlock(item.text)), status);
  }
}

function belongTogether(above, message) {
  return above.sent_by === message.sent_by && new Date(message.sent_at) - new Date(above.sent_at) < GROUP_MILLISECONDS;
}
