import assert from "node:assert/strict";
import test from "node:test";

import { parse, plainText } from "../../static/chats/markdown/blocks.js";

/** The tree as a short text: (bold x), with lists of nodes side by side. */
function shown(text, spans) {
  const flat = (node) => {
    if (typeof node === "string") return node;
    const about = node.href ?? node.start ?? "";
    return `(${node.type}${about && ` ${about}`} ${node.text ?? node.children.map(flat).join("")})`;
  };
  return parse(text, spans).map(flat).join("");
}

const CASES = {
  "**b** *i* __b__ _i_ ~~s~~ ***x***": "(bold b) (italic i) (bold b) (italic i) (struck s) (bold (italic x))",
  "**a *b* c**": "(bold a (italic b) c)",
  "2*3*4 snake_case_name **open *x*": "2*3*4 snake_case_name **open (italic x)",
  "中**文**字 * a * \\*not\\* ****": "中(bold 文)字 * a * *not* ****",
  "**x *y** z*": "(bold x *y) z*",
  "`a*b*` ``c`d`` `` ` `` `open": "(code a*b*) (code c`d) (code `) `open",
  "see https://a.example/b_(c), (https://a.example/x).": "see (link https://a.example/b_(c) https://a.example/b_(c)), ((link https://a.example/x https://a.example/x)).",
  "**https://a.example** mailto:ann@a.example": "(bold (link https://a.example/ https://a.example)) (link mailto:ann@a.example mailto:ann@a.example)",
  "[the docs](https://a.example/d) [x](javascript:alert(1)) [x](data:text/html,a)": "(link https://a.example/d the docs) [x](javascript:alert(1)) [x](data:text/html,a)",
  "[https://bank.example](https://evil.example)": "[(link https://bank.example/ https://bank.example)]((link https://evil.example/ https://evil.example))",
  "<b>x</b> &amp; <script>": "<b>x</b> &amp; <script>",
};

for (const label of ["bank.example", "банк.рф", "bank\u200b.example", "bank\u2024example", "ann@bank"]) {
  test(`a label that looks like an address, ${label}, hides none`, () => {
    assert.equal(shown(`[${label}](https://evil.example)`), `(paragraph [${label}]((link https://evil.example/ https://evil.example)))`);
  });
}

for (const [text, tree] of Object.entries(CASES)) test(text, () => assert.equal(shown(text), `(paragraph ${tree})`));

test("blocks: paragraphs, quotes, lists within lists and code", () => {
  assert.equal(shown("a\nb\n\nc"), "(paragraph a\nb)(paragraph c)");
  assert.equal(shown("> q\n> - i\nend"), "(quote (paragraph q)(list (item (paragraph i))))(paragraph end)");
  assert.equal(shown("- a\n  - b\n- c\n\n3. d\n4. e"), "(list (item (paragraph a)(list (item (paragraph b))))(item (paragraph c)))(list 3 (item (paragraph d))(item (paragraph e)))");
  assert.equal(shown("```js\n**x**\n\n  y\n```\nz"), "(block **x**\n\n  y)(paragraph z)");
  assert.equal(shown("```one line```\n```\nopen"), "(block one line)(block open)");
  assert.equal(shown("2024. was a year"), "(paragraph 2024. was a year)");
});

test("spans are found through the signs of quotes and lists, and stay text in code", () => {
  const text = "> - hi @ann\n`@bob` **@bob**";
  const spans = [...text.matchAll(/@\w+/g)].map((found) => ({ start: found.index, end: found.index + found[0].length }));
  assert.equal(shown(text, spans), "(quote (list (item (paragraph hi (span @ann)))))(paragraph (code @bob) (bold (span @bob)))");
});

test("lists of messages show a text without its signs, in one line", () => {
  assert.equal(plainText("**Look** at [this](https://a.example)\n- `a`\n- b"), "Look at this a b");
});

test("no text of 10,000 characters takes long", () => {
  const pieces = ["*", "**", "_a", "*a ", "**a *b ", "`", "``a`", "[", "[a](", "[a](b[", "(", "https://[", "http://a((", "> ", ">\n", "- ", "- a\n  ", "```", "```\n", "\\", "~~a", "a``` ", "h", "\n", " ", "***a", "1. ", "mailto:a@", "\u202e*"];
  const growing = Array.from({ length: 140 }, (_, index) => "`".repeat(index + 1)).join(" ");
  for (const text of [...pieces.map((piece) => piece.repeat(10_000 / piece.length)), growing, "`" + " ".repeat(9_998) + "`"]) {
    const begun = process.cpuUsage();
    parse(text);
    const spent = process.cpuUsage(begun).user / 1000;
    assert.ok(spent < 300, `${text.slice(0, 20)}… took ${spent} ms`);
  }
});
