// What a conversation without messages shows: why it has none.

import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { personName, roomName } from "./names.js";

/** Its timeline is null in a direct conversation that has not begun, and while it is not known whose the room is. */
export function drawEmpty({ timeline, roomId, room, personId }) {
  const place = byId("log-empty");
  place.hidden = byId("log").hasChildNodes();
  if (place.hidden) return;
  if (timeline?.error) {
    const again = el("button", { type: "button", class: "link", onclick: () => timeline.load() }, "Try again");
    place.replaceChildren(el("p", {}, `${timeline.error.message} `, again));
  } else if (roomId !== null && !timeline?.isLoaded) {
    place.replaceChildren(el("p", { class: "loading" }, "Loading…"));
  } else if (room && room.kind !== "direct") {
    const symbol = room.kind === "open" ? "hash" : "lock";
    const [title, text] =
      room.visible_from_seq > 1
        ? [`Welcome to ${roomName(room)}`, "New members see what is written from now on."]
        : [`This is the beginning of ${roomName(room)}`, "Write the first message. Everybody in this room will see it."];
    place.replaceChildren(avatar(room.name, room.id, { symbol }), el("strong", { dir: "auto" }, title), el("p", {}, text));
  } else {
    const person = room ? room.people.find(({ id }) => id !== chat.store.me.id) : chat.store.people.get(personId);
    const name = personName(person);
    place.replaceChildren(
      person ? avatar(name, person.id) : "",
      el("strong", { dir: "auto" }, person ? `You and ${name}` : "…"),
      el("p", {}, "Nobody else reads what you write here."),
    );
  }
}
