import { mainAt } from "./markers.js";
import { ME_ID } from "./me.js";

export const newSettings = () => ({ notify: "all", muted_until: null, pinned: false, hidden_seq: null });

function hide(world, room) {
  const me = room.members.get(ME_ID);
  if (me) set(world, room, { hidden_seq: me.settings.hidden_seq === null ? mainAt(room, room.messages.length) : null });
}

function pin(world, room) {
  const me = room.members.get(ME_ID);
  if (me) set(world, room, { pinned: !me.settings.pinned });
}

export const settingActs = { hide, pin };

function set(world, room, changes) {
  Object.assign(room.members.get(ME_ID).settings, changes);
  world.emit("membership.updated", room, shownSettings(room));
}

export function shownSettings(room) {
  const { settings } = room.members.get(ME_ID);
  return { room_id: room.id, ...settings, hidden: settings.hidden_seq !== null && mainAt(room, room.messages.length) <= settings.hidden_seq };
}
