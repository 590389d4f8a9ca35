// My archived rooms: folded at the end of the list, and fetched when somebody looks.

import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { roomName } from "./names.js";
import { nobody } from "./people.js";
import { roomAddress } from "./route.js";

const MOST_PAGES = 10;

export function watchArchivedRooms(conversation) {
  const { store } = chat;
  const place = byId("archived");
  let fetched = [];

  const draw = () => {
    if (!place.open) return;
    // Of those that the store has, it knows best.
    const rooms = new Map([...fetched.map((room) => [room.id, room]), ...store.rooms]);
    const archived = [...rooms.values()].filter((room) => room.archived_at !== null);
    archived.sort((one, other) => roomName(one).localeCompare(roomName(other)));
    const items = archived.map((room) => archivedRoom(room, room.id === conversation.roomId));
    byId("archived-list").replaceChildren(...(items.length ? items : [nobody("No room of yours is archived.")]));
  };
  place.ontoggle = async () => {
    if (!place.open) return;
    byId("archived-list").replaceChildren(nobody("Loading…"));
    try {
      const rooms = await chat.api.getAll("/api/v1/rooms/", { archived: true }, MOST_PAGES);
      fetched = rooms.filter((room) => room.archived_at !== null);
      draw();
    } catch (error) {
      byId("archived-list").replaceChildren(nobody(error.message));
    }
  };
  store.on("rooms", draw);
  store.on("left", (roomId) => {
    fetched = fetched.filter(({ id }) => id !== roomId);
    draw();
  });
  conversation.addEventListener("opened", draw);
}

function archivedRoom(room, isOpen) {
  const symbol = { open: "hash", closed: "lock" }[room.kind];
  return el(
    "li",
    {},
    el(
      "a",
      { class: "choice", href: roomAddress(room.id), "aria-current": isOpen && "page", "data-testid": "archived-room", "data-room-id": room.id },
      avatar(roomName(room), room.id, { symbol, size: "small" }),
      el("span", { class: "name", dir: "auto" }, roomName(room)),
    ),
  );
}
