// Whether I may write in a conversation, and why not.

import { isBlocked, unblock } from "./blocks.js";
import { chat } from "./chat.js";
import { moderates } from "./messagerights.js";
import { peerOf, personName } from "./names.js";

/** {text, action}: why nobody, or only I not, can write there; null: I can. `action` is {text, act} of a button, or null. */
export function whyClosed({ room, personId, to }) {
  if (room?.archived_at) return { text: "This room is archived. It can be read, but nobody writes here any more.", action: null };
  if (room?.posting === "moderators" && room.kind !== "direct" && !moderates(room)) return { text: "Only owners and moderators write here.", action: null };
  const peer = room ? peerOf(room) : personId && (chat.store.people.get(personId) ?? null);
  if (!peer) return null;
  if (isBlocked(peer.id)) return { text: `You block ${personName(peer)}.`, action: { text: "Unblock", act: () => unblock(peer) } };
  // Whether they block me, nobody says before I write.
  const isRefused = chat.outbox.itemsTo(to).some(({ code }) => code === "direct_messages_closed");
  return isRefused ? { text: `You can't send messages to ${personName(peer)}.`, action: null } : null;
}
