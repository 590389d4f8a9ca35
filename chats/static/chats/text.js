// The text of a message as nodes, made from the tree of its Markdown. Never HTML.

import { el } from "./dom.js";
import { parse } from "./markdown/blocks.js";

const TAGS = { bold: "strong", italic: "em", struck: "del", paragraph: "p", quote: "blockquote", item: "li" };
const EMOJI_ONLY = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\s]{1,40}$/u;

/**
 * A div. `tail`, the time of the message, stands in the last line. `spans` are pieces that `drawSpan` makes nodes of.
 * @param {string} text
 */
export function textBlock(text, { tail = null, spans = [], drawSpan = null, ...attributes } = {}) {
  const tree = parse(text, spans);
  const blocks = tree.map((node) => drawn(node, drawSpan));
  const last = lastParagraph(blocks.at(-1));
  if (tail && last) last.replaceChildren(el("span", {}, ...last.childNodes), tail);
  else if (tail) blocks.push(tail);
  return el("div", { class: EMOJI_ONLY.test(text) ? "text is-emoji" : "text", ...attributes }, ...blocks);
}

/** The paragraph that ends a block, also in the last item of a list; null if it ends with something else. */
function lastParagraph(block) {
  if (block?.matches("ul, ol, li")) return lastParagraph(block.lastElementChild);
  return block?.matches("p") ? block : null;
}

function drawn(node, drawSpan) {
  if (typeof node === "string") return node;
  const children = () => node.children.map((child) => drawn(child, drawSpan));
  // A direction of its own keeps what surrounds it from turning it round.
  switch (node.type) {
    case "code":
      return el("code", { dir: "ltr" }, node.text);
    case "block":
      // With the focus, keys scroll it to the end of its lines.
      return el("pre", { dir: "ltr", tabindex: "0" }, el("code", {}, node.text));
    case "link":
      return el("a", { href: node.href, title: node.isAddress ? null : node.href, dir: node.isAddress ? "ltr" : "auto", target: "_blank", rel: "noopener noreferrer nofollow" }, ...children());
    case "list":
      return el(node.start === null ? "ul" : "ol", { start: node.start, dir: "auto" }, ...children());
    case "span":
      return drawSpan(node.span, node.children);
    default:
      return el(TAGS[node.type], ["paragraph", "quote", "item"].includes(node.type) ? { dir: "auto" } : {}, ...children());
  }
}
