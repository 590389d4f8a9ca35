// What an edited message said before, for those who moderate its room and for staff, where the server keeps it.

import { chat } from "./chat.js";
import { el } from "./dom.js";
import { openListPopup } from "./listpopup.js";
import { moderates } from "./messagerights.js";
import { KEEPS_EDITS } from "./place.js";
import { textBlock } from "./text.js";
import { fullTime, momentName } from "./times.js";

const MOST_EDITS = 50;

export function hasEarlierTexts(message) {
  const room = chat.store.rooms.get(message.room_id);
  if (!KEEPS_EDITS || message.edited_at === null || message.removed_at !== null || room === undefined) return false;
  return chat.store.isStaff || moderates(room);
}

export function openEarlierTexts(message, anchor) {
  const load = async () => {
    const { results } = await chat.messages.earlierTexts(message.id, { limit: MOST_EDITS });
    return results.reverse().map(earlierText);
  };
  openListPopup(anchor, { title: "Earlier texts", load, whenEmpty: "They are not kept any more.", testid: "earlier-texts" });
}

function earlierText({ message, replaced_at }) {
  const time = el("time", { class: "quiet", dir: "auto", datetime: replaced_at, title: fullTime(replaced_at) }, `Until ${momentName(replaced_at)}`);
  return el("li", { class: "earlier", "data-testid": "earlier-text" }, time, textBlock(message));
}
