// The reactions that a message has, and mine to it.

import { chat } from "./chat.js";
import { el } from "./dom.js";
import { noteEmoji } from "./emoji/recent.js";
import { rightsOver } from "./messagerights.js";
import { toast } from "./toast.js";

/** A press adds mine to one, or takes it back. */
export function reactionsOf(message) {
  if (!message.reactions?.length) return null;
  const isOpen = rightsOver(message).includes("react");
  const chips = message.reactions.map(({ emoji, count, mine }) =>
    el(
      "button",
      {
        type: "button",
        class: "reaction",
        "data-testid": "reaction",
        "data-emoji": emoji,
        "aria-pressed": String(mine),
        "aria-label": `${emoji} ${count}, ${mine ? "take yours back" : "react too"}`,
        disabled: !isOpen,
        onclick: () => toggleReaction(message, emoji),
      },
      el("span", { "aria-hidden": "true" }, emoji),
      ` ${count}`,
    ),
  );
  return el("div", { class: "reactions" }, ...chips);
}

export async function toggleReaction(message, emoji) {
  try {
    if (isMine(message, emoji)) return void (await chat.messages.unreact(message.id, emoji));
    noteEmoji(emoji);
    await chat.messages.react(message.id, emoji);
  } catch (error) {
    toast(error.message);
  }
}

export function isMine(message, emoji) {
  return message.reactions?.find((each) => each.emoji === emoji)?.mine ?? false;
}
