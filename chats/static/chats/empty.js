// What a conversation without messages shows: why it has none.

import { byId, el } from "./dom.js";

/** `timeline` is null in a direct conversation that has not begun, and while it is not known whose the room is. */
export function drawEmpty(timeline, isLoading) {
  const place = byId("log-empty");
  place.hidden = byId("log").hasChildNodes();
  if (place.hidden) return;
  if (timeline?.error) {
    const again = el("button", { type: "button", class: "link", onclick: () => timeline.load() }, "Try again");
    place.replaceChildren(el("p", {}, `${timeline.error.message} `, again));
  } else if (isLoading) {
    place.replaceChildren(el("p", { class: "loading" }, "Loading…"));
  } else {
    place.replaceChildren(el("strong", {}, "No messages yet"), el("p", {}, "Say hello. The first word is yours."));
  }
}
