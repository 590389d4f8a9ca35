// The text of a message as nodes: text, and links for http URLs. Never HTML.

import { el } from "./dom.js";

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
// Punctuation after a URL belongs to the sentence, but for a bracket that was opened in the URL.
const TAIL = /[.,;:!?…)\]}]$/u;
const OPENING = { ")": "(", "]": "[", "}": "{" };

export function textNodes(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTail(match[0]);
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(end, match.index));
    nodes.push(el("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

function withoutTail(address) {
  let rest = address;
  while (TAIL.test(rest) && !isClosed(rest)) rest = rest.slice(0, -1);
  return rest;
}

/** Whether the last character closes a bracket of the address itself. */
function isClosed(address) {
  const last = address.at(-1);
  const opening = OPENING[last];
  return opening !== undefined && address.split(opening).length >= address.split(last).length;
}
