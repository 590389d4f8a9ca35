import assert from "node:assert/strict";
import { test } from "node:test";

import { EventParser } from "../src/parser.js";

const bytesOf = (text) => new TextEncoder().encode(text);

function parse(...chunks) {
  const parser = new EventParser();
  const events = chunks.flatMap((chunk) => parser.feed(typeof chunk === "string" ? bytesOf(chunk) : chunk));
  return { events, parser };
}

const dataOf = ({ events }) => events.map(({ data }) => data);

const STREAM =
  "\uFEFFretry: 4000\r\nid: 1\r\nevent: hello\r\ndata: {\"a\": \"Grüße \u{1F600}\"}\r\n\r\n" +
  ": a comment\n\nevent: two\ndata:one line\ndata: and\u2028\u0085 another\n\n" +
  "id: 7\rdata\rdata:\rdata:  spaces\r\r" +
  "id: 8\n\ndata: last\n\n";
const EVENTS = [
  { type: "hello", data: '{"a": "Grüße \u{1F600}"}', id: "1" },
  { type: "two", data: "one line\nand\u2028\u0085 another", id: "1" },
  { type: "message", data: "\n\n spaces", id: "7" },
  { type: "message", data: "last", id: "8" },
];

test("a stream that is cut in two anywhere is the same stream", () => {
  const bytes = bytesOf(STREAM);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const { events, parser } = parse(bytes.subarray(0, cut), bytes.subarray(cut));
    assert.deepEqual(events, EVENTS, `cut at ${cut}`);
    assert.equal(parser.retry, 4000);
  }
});

test("a stream that comes byte by byte is the same stream", () => {
  assert.deepEqual(parse(...[...bytesOf(STREAM)].map((byte) => Uint8Array.of(byte))).events, EVENTS);
});

test("an empty line between CR LF and LF is one", () => {
  for (const chunks of [["data: a\r", "\n", "\n"], ["data: a\r\n\n"], ["data: a", "\r", "\r"], ["data: a\r\n\r", "\n"]]) {
    assert.deepEqual(dataOf(parse(...chunks)), ["a"], JSON.stringify(chunks));
  }
  // The first bytes of a character between a CR and what follows it.
  assert.deepEqual(dataOf(parse("data: a\r", Uint8Array.of(0xc3), Uint8Array.of(0xbc), "\ndata: b\n\n")), ["a\nb"]);
});

test("an event that broke off is none", () => {
  const { events, parser } = parse("id: 5\nevent: a\ndata: {}\n");
  assert.deepEqual(events, []);
  assert.equal(parser.lastId, "");
});

test("an id without data moves the last id and is no event", () => {
  const { events, parser } = parse("id: 5\n\n");
  assert.deepEqual(events, []);
  assert.equal(parser.lastId, "5");
});

test("what the standard says to ignore is ignored", () => {
  const { events, parser } = parse("id: 4\ndata: a\n\nid: 5\0\nretry: 1e3\nretry: -1\nother: x\ndata: b\n\n");
  assert.deepEqual(events.map(({ id }) => id), ["4", "4"]);
  assert.equal(parser.retry, null);
});

test("an event without an end ends in an error, not in memory", () => {
  const parser = new EventParser();
  const chunk = bytesOf("x".repeat(1024 * 1024));
  assert.throws(() => Array.from({ length: 20 }, () => parser.feed(chunk)), RangeError);
  const lines = new EventParser();
  const line = bytesOf(`data: ${"x".repeat(1024 * 1024)}\n`);
  assert.throws(() => Array.from({ length: 20 }, () => lines.feed(line)), RangeError);
});
