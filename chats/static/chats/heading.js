// The heading of the open conversation.

import { avatar, byId } from "./dom.js";
import { peerOf, personName, roomName } from "./names.js";

export function drawHeading(conversation, state) {
  const { room } = conversation;
  const person = room ? peerOf(room, state) : state.people.get(conversation.personId);
  const name = room ? roomName(room, state) : person ? personName(person) : "…";
  const isOnline = person ? state.online.has(person.id) : undefined;
  const symbol = room && !person ? (room.kind === "open" ? "hash" : "lock") : undefined;
  byId("room-name").textContent = name;
  byId("room-avatar").replaceChildren(avatar(name, person?.id ?? room?.id ?? 0, { isOnline, symbol }));
  byId("room-about").textContent = person ? (isOnline ? "Online" : "Offline") : room ? aboutGroup(room) : "";
  byId("room-details").hidden = !room || room.kind === "direct";
  byId("text").placeholder = name === "…" ? "Message" : `Message ${name}`;
}

export function aboutGroup(room) {
  const members = `${room.members_count} ${room.members_count === 1 ? "member" : "members"}`;
  return room.description ? `${members} · ${room.description}` : members;
}
