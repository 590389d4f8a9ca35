// Markdown of chat messages as a tree: paragraphs, quotes, lists and code. Texts are hostile, so each character is looked
// at a bounded number of times, whatever the text is; nothing here makes HTML or knows the DOM.
//
// A node is a text, or {type, children} and what its type adds: `code` and `block` have {text} in place of children.
// `list` has {start}, null where it has no numbers; `link` has {href}; `span` has {span}, one of those that were given.

import { parseInlines } from "./inlines.js";

/** @typedef {{start: number, end: number}} Span in UTF-16 units of the text, sorted, not overlapping */
/** @typedef {{text: string, at: number}} Line `at`: where it begins in the text */

const DEEPEST = 4;
const FENCE = /^ {0,3}```(?<rest>[^]*)$/;
const QUOTE = /^ {0,3}>(?: |$)/;
const ITEM = /^(?<indent> {0,3})(?<marker>[-*•]|\d{1,3}[.)])(?<gap> {1,4})(?=\S)/;

/**
 * @param {string} text
 * @param {Span[]} [spans] pieces that become nodes of their own, but for those in code
 */
export function parse(text, spans = []) {
  let at = 0;
  const lines = text.split("\n").map((line) => {
    const found = { text: line, at };
    at += line.length + 1;
    return found;
  });
  return parseLines(lines, spans, 0);
}

/** @param {Line[]} lines @param {Span[]} spans @param {number} depth */
function parseLines(lines, spans, depth) {
  const nodes = [];
  let index = 0;
  /** From here on, as long as they fit. @param {(line: Line) => boolean} fits */
  const take = (fits) => {
    const from = index;
    while (index < lines.length && fits(lines[index])) index += 1;
    return lines.slice(from, index);
  };
  while (index < lines.length) {
    const { text } = lines[index];
    if (!text.trim()) index += 1;
    else if (FENCE.test(text)) nodes.push(takeCode());
    else if (depth < DEEPEST && QUOTE.test(text)) {
      const quoted = take((line) => QUOTE.test(line.text)).map((line) => without(line, QUOTE.exec(line.text)[0].length));
      nodes.push({ type: "quote", children: parseLines(quoted, spans, depth + 1) });
    } else if (depth < DEEPEST && ITEM.test(text)) nodes.push(takeList());
    else nodes.push({ type: "paragraph", children: parseInlines(take((line) => !beginsBlock(line, depth)), spans) });
  }
  return nodes;

  function takeCode() {
    const { rest } = FENCE.exec(lines[index].text).groups;
    index += 1;
    const oneLine = /^([^]+?)`{3}\s*$/.exec(rest);
    if (oneLine) return { type: "block", text: oneLine[1] };
    const inside = take((line) => !/^ {0,3}```\s*$/.test(line.text)).map((line) => line.text);
    index += 1;
    // After the fence stands the language, if it is one word.
    return { type: "block", text: (/^[\w+#.-]*$/.test(rest.trim()) ? inside : [rest, ...inside]).join("\n") };
  }

  function takeList() {
    const isNumbered = (line) => /\d/.test(ITEM.exec(line.text).groups.marker);
    const numbered = isNumbered(lines[index]);
    const start = numbered ? parseInt(lines[index].text.trim(), 10) : null;
    const items = [];
    while (index < lines.length && ITEM.test(lines[index].text) && isNumbered(lines[index]) === numbered) {
      const first = lines[index];
      const width = ITEM.exec(first.text)[0].length;
      index += 1;
      const more = take((line) => /^ {2}\s*\S/.test(line.text)).map((line) => {
        const indent = /^ */.exec(line.text)[0].length;
        return without(line, Math.min(indent, width));
      });
      items.push({ type: "item", children: parseLines([without(first, width), ...more], spans, depth + 1) });
    }
    return { type: "list", start, children: items };
  }
}

/** @param {Line} line @param {number} depth */
function beginsBlock({ text }, depth) {
  return !text.trim() || FENCE.test(text) || (depth < DEEPEST && (QUOTE.test(text) || ITEM.test(text)));
}

/** @param {Line} line @param {number} length @returns {Line} */
const without = ({ text, at }, length) => ({ text: text.slice(length), at: at + length });

/** The text without the signs, in one line, as lists of messages show it. @param {string} text */
export function plainText(text) {
  const flat = (node) => (typeof node === "string" ? node : (node.text ?? node.children.map(flat).join(isBlock(node) ? " " : "")));
  return parse(text).map(flat).join(" ").replace(/\s+/g, " ").trim();
}

const isBlock = ({ type }) => type === "quote" || type === "list" || type === "item";
