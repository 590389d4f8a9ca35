// The settings of a group. Owners change all of them, moderators some; others read them.

import { chat } from "./chat.js";
import { isSure } from "./confirm.js";
import { byId } from "./dom.js";
import { toast } from "./toast.js";

const NUMBERS = ["slow_mode_seconds", "edit_minutes"];
const YES_OR_NO = ["join_requests"];
const OF_MODERATORS = ["name", "description", "kind", "slow_mode_seconds"];

/** Returns show(room). `whenDone` is called after a change. */
export function watchRoomSettings(whenDone) {
  const form = byId("settings-form");
  const fields = () => [...form.elements].filter(({ name }) => name);
  let room = null;

  const attempt = async (changes, done) => {
    try {
      chat.store.putRoom(await chat.rooms.update(room.id, changes));
      toast(done, "done");
      whenDone();
    } catch (error) {
      toast(error.message);
    }
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const changed = fields().filter((field) => !field.disabled && field.value !== textOf(room[field.name]));
    if (changed.length) attempt(Object.fromEntries(changed.map((field) => [field.name, valueOf(field)])), "The settings were saved.");
    else whenDone();
  };
  byId("settings-archive").onclick = async () => {
    const text = "Nobody can write there any more. You can restore it later.";
    if (await isSure({ title: `Archive ${room.name}?`, text, action: "Archive" })) attempt({ archived: true }, "The room was archived.");
  };
  byId("settings-restore").onclick = () => attempt({ archived: false }, "The room was restored.");

  return (shown) => {
    room = shown;
    for (const field of fields()) {
      show(field, textOf(room[field.name]));
      field.disabled = !(room.role === "owner" || (room.role === "moderator" && OF_MODERATORS.includes(field.name))) || Boolean(room.archived_at);
    }
    byId("settings-save").hidden = fields().every(({ disabled }) => disabled);
    byId("settings-restore").hidden = room.role !== "owner" || !room.archived_at;
    byId("settings-archive").hidden = room.role !== "owner" || Boolean(room.archived_at);
  };
}

/** A choice that somebody made elsewhere, and that the list has not. */
function show(field, text) {
  if (field.options && ![...field.options].some(({ value }) => value === text)) field.add(new Option(text, text));
  field.value = text;
}

const textOf = (value) => (value === null || value === undefined ? "" : String(value));

function valueOf({ name, value }) {
  if (YES_OR_NO.includes(name)) return value === "true";
  if (!NUMBERS.includes(name)) return value;
  return value === "" ? null : Number(value);
}
