import { announce } from "./messages.js";
import { newSettings } from "./settings.js";
import { ME_ID } from "./me.js";

function join(world, room) {
  const id = world.one([...world.people.keys()]);
  if (room.kind === "direct" || room.members.has(id)) return;
  room.members.set(id, { role: "member", joined_at: world.now(), read_seq: room.messages.length, settings: newSettings(), visible_from_seq: room.history === "all" ? 0 : room.messages.length + 1 });
  world.emit("member.added", room, shownMember(world, room, id));
  announce(world, room, id, { action: "member_joined", user_ids: [id], count: 1 });
}

function leave(world, room) {
  const id = world.one([...room.members.keys()]);
  if (room.kind === "direct" || id === undefined) return;
  const member = shownMember(world, room, id);
  world.emit("member.removed", room, member);
  room.members.delete(id);
  if (id === ME_ID) world.emit("room.left", room, { room_id: room.id, reason: "left" }, true);
  announce(world, room, id, { action: "member_left", user_ids: [id], count: 1 });
}

function role(world, room) {
  const id = world.one([...room.members.keys()]);
  if (room.kind === "direct" || id === undefined) return;
  room.members.get(id).role = world.one(["moderator", "member"]);
  world.emit("member.updated", room, shownMember(world, room, id));
}

export const memberActs = { join, leave, role };

export function shownMember(world, room, id) {
  const { settings, visible_from_seq, ...member } = room.members.get(id);
  return { room_id: room.id, user: world.people.get(id), ...member };
}
