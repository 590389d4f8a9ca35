// Inside a paragraph: bold, italic, struck out, code, links and spans.

import { addressAt, labelledAt } from "./links.js";

/** @typedef {import("./blocks.js").Line} Line */
/** @typedef {import("./blocks.js").Span} Span */

// By sign: what a run of it makes, the outermost first.
const STYLES = { "*": { 1: ["italic"], 2: ["bold"], 3: ["bold", "italic"] }, "~": { 2: ["struck"] } };
STYLES._ = STYLES["*"];
const SIGNS = /[*_~`[\\hm]/iu;
// Letters that stand in words with spaces between: 2*3*4 and snake_case stay as they are. Chinese has no such spaces.
const WORD = /[\p{Ll}\p{Lu}\p{N}]/u;
const ESCAPABLE = "\\`*_~[]()>-+#.!";

/** @param {Line[]} lines @param {Span[]} spans */
export function parseInlines(lines, spans) {
  const text = lines.map((line) => line.text).join("\n");
  const spanAt = placesOf(lines, spans);
  const lastTicks = lastBackticks(text);
  const root = { sign: null, style: null, children: [] };
  // Open styles, the innermost last; each at most once, so this stays short.
  const open = [root];
  let plain = "";
  const top = () => open[open.length - 1];
  const flush = () => {
    if (plain) top().children.push(plain);
    plain = "";
  };
  const add = (node) => {
    flush();
    top().children.push(node);
  };
  /** What was never closed is text. */
  const dissolve = () => {
    flush();
    const { sign, children } = open.pop();
    append(top().children, [sign, ...children]);
  };

  let index = 0;
  while (index < text.length) {
    const letter = text[index];
    const span = spanAt.get(index);
    if (span) {
      const length = span.end - span.start;
      add({ type: "span", span, children: [text.slice(index, index + length)] });
      index += length;
    } else if (!SIGNS.test(letter)) {
      plain += letter;
      index += 1;
    } else if (letter === "\\" && ESCAPABLE.includes(text[index + 1] ?? " ")) {
      plain += text[index + 1];
      index += 2;
    } else if (letter === "`") index = takeCode(index);
    else if (letter in STYLES) index = takeStyle(index);
    else index = takeLink(index);
  }
  while (open.length > 1) dissolve();
  flush();
  return joined(root.children);

  function takeCode(from) {
    const length = runAt(text, from);
    const start = from + length;
    let end = start;
    if ((lastTicks.get(length) ?? -1) >= start) {
      for (let run = 0; run !== length; end += run || 1) run = text[end] === "`" ? runAt(text, end) : 0;
      add({ type: "code", text: trimmedCode(text.slice(start, end - length)) });
      return end;
    }
    plain += "`".repeat(length);
    return start;
  }

  function takeLink(from) {
    const isLabelled = text[from] === "[";
    const isInWord = !isLabelled && WORD.test(text[from - 1] ?? " ");
    const found = isLabelled ? labelledAt(text, from) : isInWord ? null : addressAt(text, from);
    if (found?.href) add({ type: "link", href: found.href, isAddress: !isLabelled, children: [found.label ?? found.text] });
    else plain += found?.text ?? text[from];
    return from + (found?.text.length ?? 1);
  }

  function takeStyle(from) {
    const sign = text[from];
    const length = runAt(text, from);
    const end = from + length;
    const styles = STYLES[sign][length];
    const [before, after] = [text[from - 1] ?? " ", text[end] ?? " "];
    const isWithin = length === 1 || sign === "_";
    const mayClose = /\S/u.test(before) && !(isWithin && WORD.test(after));
    const mayOpen = /\S/u.test(after) && !(isWithin && WORD.test(before));
    const isOpen = (style) => open.some((each) => each.style === style && each.sign[0] === sign);
    if (styles && mayClose && styles.every(isOpen)) styles.toReversed().forEach(close);
    else if (styles && mayOpen && !styles.some((style) => open.some((each) => each.style === style))) styles.forEach(begin);
    else plain += text.slice(from, end);
    return end;

    function begin(style) {
      flush();
      open.push({ sign: style === "italic" ? sign : sign + sign, style, children: [] });
    }

    function close(style) {
      while (top().style !== style) dissolve();
      flush();
      const { children } = open.pop();
      top().children.push({ type: style, children: joined(children) });
    }
  }
}

/** How often the letter at an index stands there in a row. @param {string} text @param {number} index */
function runAt(text, index) {
  let end = index;
  while (text[end] === text[index]) end += 1;
  return end - index;
}

/** By the length of a run of backticks: where the last one begins. @param {string} text */
function lastBackticks(text) {
  return new Map([...text.matchAll(/`+/g)].map((run) => [run[0].length, run.index]));
}

/** Spaces at both ends are there to keep backticks apart. @param {string} code */
function trimmedCode(code) {
  return code.startsWith(" ") && code.endsWith(" ") && code.trim() ? code.slice(1, -1) : code;
}

/** By the index in the joined lines: the span that begins there. @param {Line[]} lines @param {Span[]} spans */
function placesOf(lines, spans) {
  const places = new Map();
  let begin = 0;
  let next = 0;
  for (const { text, at } of spans.length ? lines : []) {
    while (next < spans.length && spans[next].start < at) next += 1;
    for (; next < spans.length && spans[next].end <= at + text.length; next += 1) places.set(begin + spans[next].start - at, spans[next]);
    begin += text.length + 1;
  }
  return places;
}

/** push(...) has a limit of arguments. */
function append(list, items) {
  for (const item of items) list.push(item);
}

/** Texts that follow each other as one. */
function joined(nodes) {
  const found = [];
  for (const node of nodes) {
    if (typeof node === "string" && typeof found.at(-1) === "string") found[found.length - 1] += node;
    else found.push(node);
  }
  return found;
}
