// The actions that a message offers, as items of a menu.

import { chat } from "./chat.js";
import { isSure } from "./confirm.js";
import { rightsOver } from "./messagerights.js";
import { messageLink } from "./route.js";
import { hasReaders, openSeenBy } from "./seenby.js";
import { toast } from "./toast.js";

/**
 * `host` is the one of MessageToolbar. Those with `isInBar` are in the toolbar too. `beside(open)` calls open(anchor,
 * returnFocus) with where the message stands by then.
 */
export function messageActions(message, host, beside) {
  const rights = rightsOver(message);
  if (message.removed_at !== null) return [];
  return [
    host.openThread && rights.includes("reply") && { text: "Reply in thread", symbol: "thread", key: "T", testid: "reply", isInBar: true, act: () => host.openThread(message) },
    rights.includes("edit") && { text: "Edit", symbol: "edit", key: "E", testid: "edit", isInBar: true, act: () => host.edit(message) },
    message.kind !== "system" && { text: "Copy text", symbol: "copy", testid: "copy-text", act: () => copy(message.message, "The text was copied.") },
    { text: "Copy link", symbol: "link", testid: "copy-link", act: () => copy(messageLink(message), "The link was copied.") },
    rights.includes("pin") && {
      text: message.pinned_at ? "Unpin" : "Pin for everybody",
      symbol: "pin",
      key: "P",
      testid: "pin",
      act: () => attempt(() => (message.pinned_at ? chat.messages.unpin(message.id) : chat.messages.pin(message.id))),
    },
    hasReaders(message) && { text: "Seen by", symbol: "seen", key: "S", testid: "see-readers", act: () => beside((...place) => openSeenBy(message, ...place)) },
    host.markUnread && { text: "Mark as unread", symbol: "unread", key: "U", testid: "mark-unread", act: () => host.markUnread(message) },
    rights.includes("remove") && { text: "Delete", symbol: "trash", key: "Delete", testid: "delete", isDangerous: true, act: () => remove(message) },
  ].filter(Boolean);
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done, "done");
  } catch {
    toast("Your browser did not let the page copy it.");
  }
}

async function remove(message) {
  const question = { title: "Delete this message?", text: "Nobody will be able to read it any more.", action: "Delete" };
  if (!(await isSure(question))) return;
  attempt(() => chat.messages.remove(message.id));
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    toast(error.message);
  }
}
