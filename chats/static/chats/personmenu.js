// What one can do with the other one of a direct room.

import { blockItem } from "./blocks.js";
import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { openMenu } from "./menu.js";
import { peerOf } from "./names.js";

export function watchPersonMenu(conversation) {
  const button = byId("person-more");
  const personOf = () => (conversation.room ? peerOf(conversation.room) : chat.store.people.get(conversation.personId));
  const draw = () => (button.hidden = !personOf());
  button.onclick = () => openMenu(button, "More", [blockItem(personOf())]);
  for (const name of ["rooms", "people"]) chat.store.on(name, draw);
  conversation.addEventListener("opened", draw);
  draw();
}
