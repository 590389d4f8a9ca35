// The list of my rooms, and who is online.

import { attentionOf, isMuted } from "./attention.js";
import { chat } from "./chat.js";
import { avatar, byId, el, oncePerFrame } from "./dom.js";
import { draftOf } from "./drafts.js";
import { plainText } from "./markdown/blocks.js";
import { peerOf, personName, roomName, systemLine } from "./names.js";
import { showPageBadge } from "./pagebadge.js";
import { RoomSections } from "./roomsections.js";
import { personAddress, roomAddress } from "./route.js";
import { shortTime } from "./times.js";

const { store } = chat;
const LARGEST_BADGE = 99;
const MOST_ONLINE = 30;
const LONGEST_PREVIEW = 160;

export function showRooms(conversation) {
  const sections = new RoomSections(byId("rooms"));
  const drawn = new Map();
  // A burst of events is drawn once.
  const draw = oncePerFrame(() => {
    drawRooms();
    drawOnline();
  });

  const drawRooms = () => {
    const rooms = store.roomList();
    const itemOf = (room) => {
      const face = faceOf(room, conversation.roomId === room.id);
      const signature = JSON.stringify(face);
      const old = drawn.get(room.id);
      if (old?.signature === signature) return old.item;
      const item = old?.item ?? el("li");
      item.replaceChildren(roomLink(face));
      drawn.set(room.id, { item, signature });
      return item;
    };
    for (const id of drawn.keys()) if (!store.rooms.has(id)) drawn.delete(id);
    const count = keepFocus(() => sections.draw(rooms, itemOf));
    byId("rooms-empty").hidden = count > 0;
    byId("rooms-empty").textContent = !store.isLoaded ? "Loading…" : rooms.length ? "No conversation has this name." : "No conversations yet.";
  };
  // Not once per frame, as the list is: a hidden tab gets no frames, but shows its title.
  const drawBadge = () => showPageBadge(store.roomList().reduce((sum, room) => sum + attentionOf(room), 0));

  byId("filter").oninput = draw;
  byId("filter").onkeydown = (event) => {
    const first = byId("rooms").querySelector("section:not([hidden]) a");
    if (event.key === "Enter") first?.click();
    else if (event.key === "ArrowDown") first?.focus();
    else return;
    event.preventDefault();
  };
  for (const name of ["rooms", "people", "personal"]) store.on(name, draw);
  store.on("rooms", drawBadge);
  drawBadge();
  conversation.addEventListener("opened", draw);
  draw();
}

/** All that the link of a room shows. */
function faceOf(room, isOpen) {
  const peer = peerOf(room);
  const message = room.last_message;
  // In the open room it is before one's eyes.
  const draft = isOpen ? "" : draftOf({ room_id: room.id }).trim();
  return {
    id: room.id,
    isOpen,
    name: roomName(room),
    kind: room.kind,
    tone: peer ? peer.id : room.id,
    status: peer ? store.statusOf(peer.id) : undefined,
    unread: room.unread,
    mentions: room.mentions ?? 0,
    isMuted: isMuted(room),
    isQuiet: attentionOf(room) === 0,
    at: message ? shortTime(message.sent_at) : "",
    isSystem: !draft && message?.kind === "system",
    preview: draft ? `Draft: ${shortened(draft)}` : message ? previewOf(message, room) : "No messages yet",
  };
}

function previewOf(message, room) {
  if (message.removed_at) return "Message deleted";
  if (message.kind === "system") return systemLine(message);
  if (store.isHidden(message)) return "Hidden: you block them";
  const text = shortened(message.message);
  if (message.sent_by === store.me.id) return `You: ${text}`;
  if (room.kind === "direct") return text;
  return `${personName(store.people.get(message.sent_by))}: ${text}`;
}

const shortened = (text) => plainText(text.slice(0, LONGEST_PREVIEW));

function roomLink(face) {
  const symbol = { open: "hash", closed: "lock" }[face.kind];
  const count = face.unread > LARGEST_BADGE ? `${LARGEST_BADGE}+` : face.unread;
  const badge = face.mentions ? `@ ${count}` : count;
  return el(
    "a",
    {
      class: "room",
      href: roomAddress(face.id),
      "data-testid": "room",
      "data-room-id": face.id,
      "data-unread": face.unread,
      "data-muted": String(face.isMuted),
      "aria-current": face.isOpen && "page",
    },
    avatar(face.name, face.tone, { status: face.status, symbol }),
    el("span", { class: "name", dir: "auto" }, face.name, face.status && face.status !== "offline" ? hidden(`, ${face.status}`) : null),
    el("span", { class: "at", dir: "auto" }, face.at),
    el("span", { class: face.isSystem ? "preview is-system" : "preview", dir: "auto", "data-testid": "room-preview" }, face.preview),
    face.unread ? el("span", { class: face.isQuiet ? "badge is-quiet" : "badge", "data-testid": "unread-badge" }, String(badge)) : null,
    face.unread ? hidden(" unread") : null,
  );
}

const hidden = (text) => el("span", { class: "for-readers" }, text);

function keepFocus(change) {
  const focused = document.activeElement?.closest?.("#rooms a")?.dataset.roomId;
  const result = change();
  if (focused) byId("rooms").querySelector(`a[data-room-id="${focused}"]`)?.focus();
  return result;
}

function drawOnline() {
  const people = [...store.online]
    .filter((id) => id !== store.me.id && store.people.has(id))
    .slice(0, MOST_ONLINE)
    .map((id) => store.people.get(id))
    .sort((one, other) => personName(one).localeCompare(personName(other)));
  byId("online-section").hidden = people.length === 0;
  byId("online").replaceChildren(...people.map((person) => onlinePerson(person)));
}

function onlinePerson(person) {
  const name = personName(person);
  const link = el(
    "a",
    { href: personAddress(person.id), title: name, "data-testid": "online-person", "data-user-id": person.id },
    avatar(name, person.id, { status: store.statusOf(person.id), size: "small" }),
    el("span", { dir: "auto" }, name),
  );
  return el("li", {}, link);
}
