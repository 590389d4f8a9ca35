// What one may do with a message.

import { chat } from "./chat.js";

/** Some of "react", "reply", "edit", "pin" and "remove". */
export function rightsOver(message) {
  const room = chat.store.rooms.get(message.room_id);
  if (message.removed_at !== null || !room) return [];
  if (message.kind === "system") return moderates(room) ? ["remove"] : [];
  const isMine = message.sent_by === chat.store.me.id;
  const isOpen = !room.archived_at;
  const mayWrite = isOpen && (room.kind === "direct" || room.posting !== "moderators" || moderates(room));
  return [
    isOpen && "react",
    mayWrite && !message.parent_id && "reply",
    mayWrite && isMine && isInTime(message, room.edit_minutes) && "edit",
    mayPin(room) && "pin",
    (isMine || moderates(room)) && "remove",
  ].filter(Boolean);
}

/** Whether I may pin messages of a room. */
export function mayPin(room) {
  return !room.archived_at && (room.kind === "direct" || room.pinning === "everyone" || moderates(room));
}

/** Whether I am an owner or a moderator of a group. */
export function moderates(room) {
  return room.kind !== "direct" && ["owner", "moderator"].includes(room.role);
}

function isInTime({ sent_at }, minutes) {
  return minutes === null || minutes === undefined || Date.now() - new Date(sent_at) < minutes * 60_000;
}
