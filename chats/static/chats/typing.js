// Who is typing in the open room.

import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { personName } from "./names.js";

/** `roomId` null: none is open. */
export function drawTyping(roomId) {
  const names = roomId === null ? [] : chat.typing.in(roomId).map((id) => personName(chat.store.people.get(id)));
  const place = byId("typing");
  place.classList.toggle("is-on", names.length > 0);
  if (names.length === 0) place.textContent = "";
  else if (names.length === 1) place.textContent = `${names[0]} is typing…`;
  else if (names.length === 2) place.textContent = `${names[0]} and ${names[1]} are typing…`;
  else place.textContent = "Several people are typing…";
}
