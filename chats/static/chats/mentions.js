// Mentions in a message, as pieces of its text. Mine stand out.

import { chat } from "./chat.js";
import { el } from "./dom.js";
import { personAddress } from "./route.js";

/** The server counts code points, texts here UTF-16 units. Sorted, and without what does not fit the text. */
export function mentionSpans({ message, mentions }) {
  if (!mentions?.length) return [];
  const points = [...message];
  const units = [0];
  for (const point of points) units.push(units.at(-1) + point.length);
  const spans = mentions
    .filter(({ start, end }) => start >= 0 && start < end && end < units.length)
    .map((mention) => ({ ...mention, start: units[mention.start], end: units[mention.end] }))
    .sort((one, other) => one.start - other.start);
  return spans.filter((span, index) => index === 0 || span.start >= spans[index - 1].end);
}

export function drawMention({ user_id, room }, children) {
  const isMe = room || user_id === chat.store.me.id;
  const attributes = { class: isMe ? "mention is-me" : "mention", dir: "auto", "data-testid": "mention" };
  if (isMe) return el("mark", attributes, ...children);
  return el("a", { ...attributes, href: personAddress(user_id) }, ...children);
}
