// Who is typing in the open room, or in the open thread.

import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { personName } from "./names.js";

/** `to` is where one would write, null if nothing is open; `prefix` is that of the ids of the inputs. */
export function drawTyping(to, prefix = "") {
  const ids = to?.room_id === undefined ? [] : chat.typing.in(to.room_id, to.parent_id);
  const names = ids.map((id) => personName(chat.store.people.get(id)));
  const place = byId(`${prefix}typing`);
  place.classList.toggle("is-on", names.length > 0);
  if (names.length === 0) place.textContent = "";
  else if (names.length === 1) place.textContent = `${names[0]} is typing…`;
  else if (names.length === 2) place.textContent = `${names[0]} and ${names[1]} are typing…`;
  else place.textContent = "Several people are typing…";
}
