// Who has read a message, where a room is small enough that the server tells it.

import { chat } from "./chat.js";
import { avatar, el } from "./dom.js";
import { openListPopup } from "./listpopup.js";
import { personName } from "./names.js";

const MOST_MEMBERS = 100;

export function hasReaders(message) {
  const room = chat.store.rooms.get(message.room_id);
  return message.kind !== "system" && message.removed_at === null && room !== undefined && room.members_count <= MOST_MEMBERS;
}

export function openSeenBy(message, anchor, returnFocus) {
  const load = async () => {
    const { results } = await chat.messages.readers(message.id, { limit: MOST_MEMBERS });
    return results.map(reader);
  };
  openListPopup(anchor, { title: "Seen by", load, whenEmpty: "Nobody has read it yet.", returnFocus, testid: "seen-by" });
}

function reader(person) {
  const name = personName(chat.store.people.get(person.id) ?? person);
  const you = person.id === chat.store.me.id ? el("span", { class: "note" }, "You") : null;
  return el("li", { class: "reader", "data-testid": "reader" }, avatar(name, person.id, { size: "small" }), el("span", { class: "name", dir: "auto" }, name), you);
}
