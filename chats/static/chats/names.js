// The names of people and rooms as the page shows them.

import { chat } from "./chat.js";
import { PersonLookup } from "./personlookup.js";
import { systemText } from "./systemtext.js";

const people = new PersonLookup(chat);

export function personName(person) {
  if (!person || person.is_deleted) return "Deleted user";
  return person.display_name || person.username;
}

/** What a system message says. */
export function systemLine(message) {
  return systemText(message, (userId, isObject) => {
    if (userId === chat.store.me.id) return isObject ? "you" : "You";
    const person = people.find(userId) ?? (userId === message.sent_by ? message.sender : null);
    return person ? personName(person) : "somebody";
  });
}

/** The other one of a direct room. */
export function peerOf(room) {
  if (room.kind !== "direct") return null;
  const other = room.people.find((person) => person.id !== chat.store.me.id);
  return chat.store.people.get(other.id) ?? other;
}

/** My direct room with a person; undefined if there is none. */
export function directRoomWith(personId) {
  return [...chat.store.rooms.values()].find((room) => peerOf(room)?.id === personId);
}

export function roomName(room) {
  return room.kind === "direct" ? personName(peerOf(room)) : room.name;
}
