// The URL says what is open: #/rooms/5, #/rooms/5/messages/9, #/rooms/5/threads/9, #/rooms/5/pins, #/people/7 (a direct conversation that has not begun), or #/.
// So the browser's back button leads from a conversation to the list.

import { directRoomWith } from "./names.js";
import { BASE_PATH } from "./place.js";

const INVITATION = /^#\/invitations\/([\w-]{1,200})$/;
const ADDRESS = /^#\/(rooms|people)\/(\d{1,15})(?:\/(messages|threads)\/(\d{1,15})|\/(pins))?$/;

/** `onInvitation` is called with the code of a link that somebody followed: #/invitations/ci_… */
export function watchRoute(conversation, onInvitation) {
  const follow = () => {
    const [, code] = INVITATION.exec(location.hash) ?? [];
    if (code) return onInvitation(code);
    const [, kind, id, place, messageId, pins] = ADDRESS.exec(location.hash) ?? [];
    if (kind === "rooms") conversation.openRoom(Number(id), place === "messages" ? Number(messageId) : null);
    else if (kind === "people" && !place) conversation.openPerson(Number(id));
    else conversation.close();
    conversation.panels.show(kind === "rooms" ? (place ?? pins) : null, Number(messageId));
  };
  addEventListener("hashchange", follow);
  follow();
}

export const roomAddress = (roomId) => `#/rooms/${roomId}`;

export const threadAddress = ({ room_id, id }) => `${roomAddress(room_id)}/threads/${id}`;
export const messageAddress = ({ room_id, id }) => `${roomAddress(room_id)}/messages/${id}`;
export const pinsAddress = (roomId) => `${roomAddress(roomId)}/pins`;

/** For others who may read it. */
export const messageLink = (message) => new URL(`${BASE_PATH}/${messageAddress(message)}`, location.href).href;

export function goTo(address, { replace = false } = {}) {
  if (replace) location.replace(address);
  else location.hash = address;
}

/** The direct room with a person if there is one, else the page where it can begin. */
export function personAddress(personId) {
  const room = directRoomWith(personId);
  return room ? roomAddress(room.id) : `#/people/${personId}`;
}
