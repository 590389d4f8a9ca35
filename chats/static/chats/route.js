// The URL says what is open: #/rooms/5, #/rooms/5/messages/9, #/people/7 (a direct conversation that has not begun), or #/.
// So the browser's back button leads from a conversation to the list.

import { chat } from "./chat.js";
import { BASE_PATH } from "./place.js";

export function watchRoute(conversation) {
  const follow = () => {
    const [, kind, id, messageId] = /^#\/(rooms|people)\/(\d{1,15})(?:\/messages\/(\d{1,15}))?$/.exec(location.hash) ?? [];
    if (kind === "rooms") conversation.openRoom(Number(id), messageId ? Number(messageId) : null);
    else if (kind === "people") conversation.openPerson(Number(id));
    else conversation.close();
  };
  addEventListener("hashchange", follow);
  follow();
}

export const roomAddress = (roomId) => `#/rooms/${roomId}`;

/** For others who may read it. */
export const messageLink = ({ room_id, id }) => new URL(`${BASE_PATH}/#/rooms/${room_id}/messages/${id}`, location.href).href;

export function goTo(address, { replace = false } = {}) {
  if (replace) location.replace(address);
  else location.hash = address;
}

/** The direct room with a person if there is one, else the page where it can begin. */
export function personAddress(personId) {
  for (const room of chat.store.rooms.values()) {
    if (room.people?.some((person) => person.id === personId)) return roomAddress(room.id);
  }
  return `#/people/${personId}`;
}
