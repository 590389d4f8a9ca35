// The heading of the open conversation.

import { chat } from "./chat.js";
import { avatar, byId } from "./dom.js";
import { peerOf, personName, roomName } from "./names.js";
import { PinsLink } from "./pinslink.js";

const STATUSES = { online: "Online", away: "Away", offline: "Offline" };

const pinsLink = new PinsLink();

export function drawHeading(conversation) {
  const { room } = conversation;
  const person = room ? peerOf(room) : chat.store.people.get(conversation.personId);
  const name = room ? roomName(room) : person ? personName(person) : "…";
  const status = person ? chat.store.statusOf(person.id) : undefined;
  const symbol = room && !person ? (room.kind === "open" ? "hash" : "lock") : undefined;
  byId("room-name").textContent = name;
  byId("room-avatar").replaceChildren(avatar(name, person?.id ?? room?.id ?? 0, { status, symbol }));
  byId("room-about").textContent = person ? STATUSES[status] : room ? aboutGroup(room) : "";
  byId("room-details").hidden = !room || room.kind === "direct";
  pinsLink.draw(room);
  byId("text").placeholder = name === "…" ? "Message" : `Message ${name}`;
}

export function aboutGroup(room) {
  const members = `${room.members_count} ${room.members_count === 1 ? "member" : "members"}`;
  return room.description ? `${members} · ${room.description}` : members;
}
