// What one may do with a message.

import { chat } from "./chat.js";

/** Some of "react", "edit" and "remove". */
export function rightsOver(message) {
  const room = chat.store.rooms.get(message.room_id);
  if (message.removed_at !== null || !room) return [];
  const isMine = message.sent_by === chat.store.me.id;
  const moderates = room.kind !== "direct" && ["owner", "moderator"].includes(room.role);
  const whileOpen = isMine ? ["react", "edit"] : ["react"];
  return [...(room.archived_at ? [] : whileOpen), ...(isMine || moderates ? ["remove"] : [])];
}
