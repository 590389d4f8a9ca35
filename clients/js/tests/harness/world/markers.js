import { ME_ID } from "./me.js";

function read(world, room) {
  const id = world.one([...room.members.keys()]);
  const member = room.members.get(id);
  if (!member || member.read_seq === room.messages.length) return;
  member.read_seq = room.messages.length;
  if (room.kind === "direct" || id === ME_ID) world.emit("read.updated", room, shownMarker(room, id, false));
}

/** I mark a message as unread. */
function unread(world, room) {
  const member = room.members.get(ME_ID);
  if (!member?.read_seq || world.chance() < 0.5) return;
  member.read_seq = Math.max(member.visible_from_seq - 1, Math.floor(world.chance() * member.read_seq));
  world.emit("read.updated", room, shownMarker(room, ME_ID, true));
}

export const markerActs = { read, unread };

function shownMarker(room, id, is_back) {
  const seq = room.members.get(id).read_seq;
  return { room_id: room.id, user_id: id, seq, read_main_seq: mainAt(room, seq), is_back };
}

export function mainAt(room, seq) {
  return room.messages[seq - 1]?.main_seq ?? 0;
}
