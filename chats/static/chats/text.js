// The text of a message as nodes: text, and links for http URLs. Never HTML.

import { el } from "./dom.js";

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
// Punctuation after a URL belongs to the sentence.
const TAIL = /[.,;:!?)\]}…]+$/u;

export function textNodes(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TAIL, "");
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(end, match.index));
    nodes.push(el("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
