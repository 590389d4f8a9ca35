// The messages of the open conversation as list items, with lines between days. An item is made once and kept.

import { chat } from "./chat.js";
import { avatar, el, icon, reconcile } from "./dom.js";
import { hasEarlierTexts, openEarlierTexts } from "./earliertexts.js";
import { drawMention, mentionSpans } from "./mentions.js";
import { rightsOver } from "./messagerights.js";
import { personName, systemLine } from "./names.js";
import { reactionsOf } from "./reactions.js";
import { textBlock } from "./text.js";
import { threadLine } from "./threadline.js";
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
    // The newest text so far.
    let before = null;
    for (const message of messages) {
      const day = dayKey(message.sent_at);
      if (!above || dayKey(above.sent_at) !== day) {
        keep(`day ${day}`, dayName(message.sent_at), () => line(dayName(message.sent_at), "day"));
        above = null;
      }
      if (message.kind === "system") {
        const text = message.removed_at ? "This message was deleted" : systemLine(message);
        keep(`message ${message.id}`, JSON.stringify([text, rightsOver(message)]), () => systemItem(message, text));
        above = null;
        continue;
      }
      if (this.#isFirstNew(message, before, messages[0])) {
        keep("new", "", () => line("New", "new"));
        above = null;
      }
      const isContinued = above !== null && belongTogether(above, message);
      const name = personName(chat.store.people.get(message.sent_by) ?? message.sender);
      const isSeen = message === seen;
      const isHidden = chat.store.isHidden(message);
      const signature = JSON.stringify([isHidden, isContinued, name, isSeen, message.version, message.removed_at, message.reactions, message.thread, message.pinned_at, message.mentions, rightsOver(message), hasEarlierTexts(message)]);
      keep(`message ${message.id}`, signature, () => this.#messageItem(isHidden ? { ...message, removed_at: message.sent_at, isHidden } : message, name, isContinued, isSeen));
      above = before = message;
    }
    for (const item of pending) {
      const isContinued = above?.sent_by === chat.store.me.id;
      keep(`pending ${item.id}`, `${isContinued} ${item.problem}`, () => this.#pendingItem(item, isContinued));
      above = { sent_by: chat.store.me.id };
    }
    this.#made = made;
    reconcile(this.place, [...made.values()].map(({ item }) => item));
  }

  /** The line is above the first message that I had not read, unless I wrote it. Replies in threads have seqs of the room, too. */
  #isFirstNew(message, before, first) {
    if (this.readUpTo === null || this.readUpTo < 0 || message.seq <= this.readUpTo || message.sent_by === chat.store.me.id) return false;
    return before ? before.seq <= this.readUpTo : first.seq <= this.readUpTo + 1 || message.main_seq === 1;
  }

  /** My newest message that the other one has read. */
  #lastSeen(messages) {
    return messages.findLast((message) => message.sent_by === chat.store.me.id && message.seq <= this.seenUpTo);
  }

  #messageItem(message, name, isContinued, isSeen) {
    const isMine = message.sent_by === chat.store.me.id;
    const isRemoved = message.removed_at !== null;
    const time = el("time", { dir: "auto", datetime: message.sent_at, title: fullTime(message.sent_at) }, clockTime(message.sent_at));
    const edited = isRemoved || !message.edited_at ? null : editedMark(message);
    const pinned = message.pinned_at && !isRemoved ? el("span", { class: "pinned", title: "Pinned" }, icon("pin"), el("span", { class: "for-readers" }, "pinned ")) : null;
    const tail = el("span", { class: "tail" }, pinned, edited, time);
    const body = isRemoved
      ? el("p", { class: "text removed" }, message.isHidden ? "Hidden: you block them" : "This message was deleted", tail)
      : textBlock(message.message, { tail, spans: mentionSpans(message), drawSpan: drawMention, "data-testid": "message-text" });
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
      message.isHidden ? null : reactionsOf(message),
      threadLine(message),
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
  // A reply is apart from the message that it answers.
  if (above.sent_by !== message.sent_by || above.parent_id !== message.parent_id) return false;
  return new Date(message.sent_at) - new Date(above.sent_at) < GROUP_MILLISECONDS;
}

function editedMark(message) {
  const title = fullTime(message.edited_at);
  if (!hasEarlierTexts(message)) return el("span", { class: "edited", title }, "edited ");
  const open = ({ currentTarget }) => openEarlierTexts(message, currentTarget);
  return el("button", { type: "button", class: "edited", title, "aria-haspopup": "dialog", "data-testid": "edited", onclick: open }, "edited", el("span", { class: "for-readers" }, ": show earlier texts"));
}

function systemItem(message, text) {
  const time = el("time", { dir: "auto", datetime: message.sent_at, title: fullTime(message.sent_at) }, clockTime(message.sent_at));
  const attributes = { "data-testid": "system-message", "data-message-id": message.id, "data-seq": message.seq };
  // For the keys of the toolbar.
  const tabindex = message.removed_at ? null : "-1";
  return el("li", { class: "message system", ...attributes, tabindex }, el("p", { dir: "auto" }, text, " ", time));
}

function line(text, kind) {
  return el("li", { class: `line ${kind}`, "data-testid": `${kind}-line` }, el("span", {}, text));
}
