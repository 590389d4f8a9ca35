import { ME_ID } from "./me.js";
import { isText } from "./kinds.js";
import { isSeen } from "./messages.js";

function react(world, room) {
  const message = world.one(room.messages);
  if (!message || !isText(message) || message.removed_at || room.archived_at) return;
  const [userId, emoji] = [world.one([...world.people.keys()]), world.one(["a", "b", "c"])];
  const who = message.who.get(emoji) ?? message.who.set(emoji, new Set()).get(emoji);
  const type = who.has(userId) ? "reaction.removed" : "reaction.added";
  if (!who.delete(userId)) who.add(userId);
  const change = { message_id: message.id, room_id: room.id, seq: message.seq, user_id: userId, emoji, count: who.size };
  world.emit(type, room, change, isSeen(room, message));
}

export const reactionActs = { react };

export function reactionsTo({ who }) {
  const counts = [...who].filter(([, people]) => people.size);
  const shown = counts.map(([emoji, people]) => ({ emoji, count: people.size, mine: people.has(ME_ID) }));
  return shown.sort((one, other) => other.count - one.count || (one.emoji < other.emoji ? -1 : 1));
}
