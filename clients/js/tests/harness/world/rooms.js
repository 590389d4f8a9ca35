import { announce, seenHistoryOf, shownMessage } from "./messages.js";
import { mainAt } from "./markers.js";
import { newSettings, shownSettings } from "./settings.js";
import { ME_ID } from "./me.js";

export function create(world) {
  const room = {
    id: (world.ids += 1), kind: world.one(["closed", "direct"]), name: "a room", description: "", created_at: world.now(),
    archived_at: null, last_active_at: world.now(), members: new Map(), messages: [], history: "all",
  };
  const others = room.kind === "direct" ? [2 + Math.floor(world.chance() * (world.people.size - 1))] : [2, 3];
  for (const id of [ME_ID, ...others]) room.members.set(id, { role: "member", joined_at: world.now(), read_seq: 0, settings: newSettings(), visible_from_seq: 0 });
  world.rooms.set(room.id, room);
  world.emit("room.created", room, shownRoom(world, room));
}

function rename(world, room) {
  room.name = `name ${world.seconds}`;
  world.emit("room.updated", room, shownRoom(world, room));
  if (room.kind !== "direct") announce(world, room, world.one([...world.people.keys()]), { action: "room_renamed", name: room.name });
}

function archive(world, room) {
  if (!room.archived_at && world.chance() > 0.4) return;
  room.archived_at = room.archived_at ? null : world.now();
  world.emit(room.archived_at ? "room.archived" : "room.updated", room, shownRoom(world, room));
}

/** What newcomers see from now on. */
function history(world, room) {
  if (room.kind === "direct") return;
  room.history = world.one(["all", "from_joining"]);
  world.emit("room.updated", room, shownRoom(world, room));
}

export const roomActs = { create, rename, archive, history };

function shownRoom(world, { members, messages, ...room }) {
  const people = room.kind === "direct" ? [...members.keys()].map((id) => world.people.get(id)) : null;
  return { ...room, people, last_seq: messages.length, main_seq: messages.at(-1)?.main_seq ?? 0, members_count: members.size };
}

export function fullRoom(world, room) {
  const me = room.members.get(ME_ID);
  const last = seenHistoryOf(room).at(-1);
  const read_main_seq = mainAt(room, me.read_seq);
  const unread = mainAt(room, room.messages.length) - read_main_seq;
  const mine = { role: me.role, visible_from_seq: me.visible_from_seq, read_seq: me.read_seq, read_main_seq, unread, mentions: 0, me: shownSettings(room) };
  return { ...shownRoom(world, room), ...mine, last_message: last ? shownMessage(world, last) : null };
}
