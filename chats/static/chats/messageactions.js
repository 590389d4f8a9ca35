// What one can do with a message: react, edit one's own, and remove it or, as an owner or a moderator, anybody's.

import { chat } from "./chat.js";
import { el } from "./dom.js";
import { toast } from "./toast.js";

const QUICK = ["👍", "❤️", "😂", "🎉"];
// So long a second press removes it.
const SURE_MILLISECONDS = 4_000;

/** Some of "react", "edit" and "remove". */
export function rightsOver(message) {
  const room = chat.store.rooms.get(message.room_id);
  if (message.removed_at !== null || !room) return [];
  const isMine = message.sent_by === chat.store.me.id;
  const moderates = room.kind !== "direct" && ["owner", "moderator"].includes(room.role);
  const whileOpen = isMine ? ["react", "edit"] : ["react"];
  return [...(room.archived_at ? [] : whileOpen), ...(isMine || moderates ? ["remove"] : [])];
}

export function messageActions(message, onedit) {
  const rights = rightsOver(message);
  if (!rights.length) return null;
  return el(
    "div",
    { class: "actions", "data-testid": "message-actions" },
    ...(rights.includes("react") ? QUICK.map((emoji) => reactButton(message, emoji)) : []),
    rights.includes("edit")
      ? el("button", { type: "button", class: "link", "data-testid": "edit", onclick: () => onedit(message) }, "Edit")
      : null,
    rights.includes("remove") ? removal(message) : null,
  );
}

/** The reactions that a message has; a press adds mine to one, or takes it back. */
export function reactionsOf(message) {
  if (!message.reactions?.length) return null;
  const isOpen = rightsOver(message).includes("react");
  const chips = message.reactions.map(({ emoji, count, mine }) =>
    el(
      "button",
      { type: "button", class: "reaction", "data-testid": "reaction", "aria-pressed": String(mine), disabled: !isOpen, onclick: () => toggle(message, emoji, mine) },
      `${emoji} ${count}`,
    ),
  );
  return el("div", { class: "reactions" }, ...chips);
}

function reactButton(message, emoji) {
  const mine = message.reactions?.find((each) => each.emoji === emoji)?.mine ?? false;
  const label = mine ? `Take back ${emoji}` : `React with ${emoji}`;
  return el("button", { type: "button", class: "quick", "data-testid": "react", "aria-label": label, title: label, onclick: () => toggle(message, emoji, mine) }, emoji);
}

async function toggle(message, emoji, mine) {
  try {
    await (mine ? chat.messages.unreact(message.id, emoji) : chat.messages.react(message.id, emoji));
  } catch (error) {
    toast(error.message);
  }
}

function removal(message) {
  let isSure = false;
  const press = async () => {
    if (!isSure) {
      isSure = true;
      button.textContent = "Really delete?";
      setTimeout(() => {
        isSure = false;
        button.textContent = "Delete";
      }, SURE_MILLISECONDS);
      return;
    }
    try {
      await chat.messages.remove(message.id);
    } catch (error) {
      toast(`The message was not deleted. ${error.message}`);
    }
  };
  const button = el("button", { type: "button", class: "link", "data-testid": "delete", "aria-live": "polite", onclick: press }, "Delete");
  return button;
}
