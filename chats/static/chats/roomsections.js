// The room list in sections: pinned, rooms, direct messages. A filter leaves what has its words in the name.

import { byId, el, reconcile } from "./dom.js";
import { roomName } from "./names.js";

const SECTIONS = [
  { title: "Pinned", has: (room) => room.me?.pinned },
  { title: "Rooms", has: (room) => !room.me?.pinned && room.kind !== "direct" },
  { title: "Direct messages", has: (room) => !room.me?.pinned && room.kind === "direct" },
];

export class RoomSections {
  #made;

  constructor(place) {
    this.place = place;
    this.#made = SECTIONS.map(({ title, has }, index) => {
      const list = el("ul", {});
      const id = `rooms-section-${index}`;
      return { has, list, section: el("section", { "aria-labelledby": id }, el("h2", { id }, title), list) };
    });
    place.replaceChildren(...this.#made.map(({ section }) => section));
    place.onkeydown = (event) => this.#move(event);
  }

  /** `itemOf(room)` is its list item. */
  draw(rooms, itemOf) {
    const words = byId("filter").value.trim().toLowerCase();
    const shown = words ? rooms.filter((room) => roomName(room).toLowerCase().includes(words)) : rooms;
    for (const { has, list, section } of this.#made) {
      const items = shown.filter(has).map(itemOf);
      reconcile(list, items);
      section.hidden = items.length === 0;
    }
    return shown.length;
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...this.place.querySelectorAll("a")];
    const next = step && links[links.indexOf(event.target.closest("a")) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
