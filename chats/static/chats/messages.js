// The messages of the open conversation as list items, with lines between days. An item is made once and kept.

import { chat } from "./chat.js";
import { avatar, el, reconcile } from "./dom.js";
import { rightsOver } from "./messagerights.js";
import { personName } from "./names.js";
import { reactionsOf } from "./reactions.js";
import { textBlock } from "./text.js";
import { clockTime, dayKey, dayName, fullTime } from "./times.js";

// Messages of one person within this time are grouped under one name.
const GROUP_MILLISECONDS = 5 * 60_000;

export class MessageList {
  /** Where the line "New" is: how far I had read when I opened the room. Null: not known yet. */
  readUpTo = null;
  /** How far the other one of a direct room has read. */
  seenUpTo = 0;
  #made = new Map();

  constructor(place) {
    this.place = place;
    place.replaceChildren();
  }

  draw(messages, pending) {
    const made = new Map();
    const keep = (key, signature, make) => {
      const old = this.#made.get(key);
      made.set(key, old?.signature === signature ? old : { signature, item: make() });
    };
    const seen = this.#lastSeen(messages);
    let above = null;
    for (const [index, message] of messages.entries()) {
      const day = dayKey(message.sent_at);
      if (!above || dayKey(above.sent_at) !== day) {
        keep(`day ${day}`, dayName(message.sent_at), () => line(dayName(message.sent_at), "day"));
        above = null;
      }
      if (this.#isFirstNew(message, messages[index - 1])) {
        keep("new", "", () => line("New", "new"));
        above = null;
      }
      const isContinued = above !== null && belongTogether(above, message);
      const name = personName(chat.store.people.get(message.sent_by) ?? message.sender);
      const isSeen = message === seen;
      const signature = JSON.stringify([isContinued, name, isSeen, message.version, message.removed_at, message.reactions, rightsOver(message)]);
      keep(`message ${message.id}`, signature, () => this.#messageItem(message, name, isContinued, isSeen));
      above = message;
    }
    for (const item of pending) {
      const isContinued = above?.sent_by === chat.store.me.id;
      keep(`pending ${item.id}`, `${isContinued} ${item.problem}`, () => this.#pendingItem(item, isContinued));
      above = { sent_by: chat.store.me.id };
    }
    this.#made = made;
    reconcile(this.place, [...made.values()].map(({ item }) => item));
  }

  /** The line is above the first message that I had not read, unless I wrote it. */
  #isFirstNew(message, before) {
    if (this.readUpTo === null || message.seq <= this.readUpTo || (before?.seq ?? 0) > this.readUpTo) return false;
    return message.sent_by !== chat.store.me.id;
  }

  /** My newest message that the other one has read. */
  #lastSeen(messages) {
    return messages.findLast((message) => message.sent_by === chat.store.me.id && message.seq <= this.seenUpTo);
  }

  #messageItem(message, name, isContinued, isSeen) {
    const isMine = message.sent_by === chat.store.me.id;
    const isRemoved = message.removed_at !== null;
    const time = el("time", { dir: "auto", datetime: message.sent_at, title: fullTime(message.sent_at) }, clockTime(message.sent_at));
    const edited = isRemoved || !message.edited_at ? null : el("span", { class: "edited", title: fullTime(message.edited_at) }, "edited ");
    const tail = el("span", { class: "tail" }, edited, time);
    const body = isRemoved
      ? el("p", { class: "text removed" }, "This message was deleted", tail)
      : textBlock(message.message, { tail, "data-testid": "message-text" });
    return el(
      "li",
      {
        class: `message ${isMine ? "mine" : "theirs"} ${isContinued ? "continued" : ""}`,
        "data-testid": "message",
        "data-message-id": message.id,
        "data-seq": message.seq,
        "data-sender-id": message.sent_by,
        "data-removed": isRemoved,
        // For the keys of the toolbar.
        tabindex: isRemoved ? null : "-1",
      },
      isMine || isContinued ? null : avatar(name, message.sent_by, { size: "small" }),
      el(
        "div",
        { class: "bubble" },
        isMine ? el("span", { class: "for-readers" }, "You: ") : el("span", { class: isContinued ? "for-readers" : "sender", dir: "auto" }, name),
        body,
      ),
      reactionsOf(message),
      isSeen ? el("span", { class: "seen", "data-testid": "seen" }, "Seen") : null,
    );
  }

  #pendingItem(item, isContinued) {
    const status = item.problem
      ? el(
          "span",
          { class: "status failed", role: "alert" },
          `Not sent: ${item.problem} `,
          el("button", { type: "button", class: "link", "data-testid": "retry", onclick: () => chat.outbox.retry(item.id) }, "Try again"),
          " ",
          el("button", { type: "button", class: "link", "data-testid": "discard", onclick: () => chat.outbox.discard(item.id) }, "Discard"),
        )
      : el("span", { class: "status" }, "Sending…");
    return el(
      "li",
      { class: `message mine pending ${isContinued ? "continued" : ""}`, "data-testid": "pending-message", "data-client-message-id": item.id },
      el("div", { class: "bubble" }, textBlock(item.text)),
      status,
    );
  }
}

function belongTogether(above, message) {
  if (above.sent_by !== message.sent_by) return false;
  return new Date(message.sent_at) - new Date(above.sent_at) < GROUP_MILLISECONDS;
}

function line(text, kind) {
  return el("li", { class: `line ${kind}`, "data-testid": `${kind}-line` }, el("span", {}, text));
}
