import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../src/api.js";
import { Credential } from "../src/credential.js";
import { Outbox } from "../src/outbox.js";
import { Store } from "../src/store.js";
import { advanceUntil, FakeClock, settle, until } from "./harness/clock.js";
import { FakeServer, ME } from "./harness/server.js";

const CHATS = "/api/v1/chats/";
const ROOM = { room_id: 3 };
let server, clock, storage, outbox;

beforeEach(async () => {
  server = await new FakeServer().start();
  clock = new FakeClock();
  const kept = new Map();
  storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => kept.set(key, text),
    removeItem: (key) => kept.delete(key),
    kept,
  };
  outbox = open();
});

afterEach(async () => {
  outbox.close();
  await server.stop();
});

function open(kept = storage) {
  const store = new Store(new Api({ url: server.url, fetch, clock, credential: new Credential("ct_1", clock) }));
  store.me = ME;
  const made = new Outbox(store, kept);
  made.open("outbox of Adam");
  return made;
}

const posted = () => server.messages.map(({ message }) => message);
const isEmpty = () => outbox.items.length === 0;

test("messages to a room arrive once and in order, whatever fails", async () => {
  server.failOnce(CHATS, 503);
  server.failOnce(CHATS, 429, { "Retry-After": "2" });
  server.failOnce(CHATS, 502);
  for (let number = 0; number < 5; number += 1) outbox.add(ROOM, `text ${number}`);
  await advanceUntil(clock, isEmpty);
  assert.deepEqual(posted(), ["text 0", "text 1", "text 2", "text 3", "text 4"]);
  assert.equal(server.requestsTo(CHATS).length, 8);
});

test("a message whose answer got lost is sent again with the same id, and is there once", async () => {
  // The server takes it, and the connection breaks before the answer.
  server.faults.push((request, response, body) => {
    if (request.url !== CHATS || server.messages.length) return false;
    server.post(body.message, ME, body.client_message_id);
    response.destroy();
    return true;
  });
  const sent = [];
  outbox.on("sent", ({ item, message }) => sent.push([item.text, message.seq]));
  outbox.add(ROOM, "once");
  await advanceUntil(clock, isEmpty);
  assert.deepEqual(posted(), ["once"]);
  assert.deepEqual(sent, [["once", 1]]);
  const ids = server.requestsTo(CHATS).map(({ body }) => body.client_message_id);
  assert.equal(ids.length, 2);
  assert.equal(new Set(ids).size, 1);
});

test("an event that comes before the answer confirms a message, once", async () => {
  const sent = [];
  outbox.on("sent", ({ item }) => sent.push(item.text));
  server.faults.push((request, response, body) => {
    outbox.store.apply({ position: 1, type: "message.created", room_id: 3, data: server.post(body.message, ME, body.client_message_id) });
    return false;
  });
  outbox.add(ROOM, "hello");
  await until(isEmpty);
  await settle();
  assert.deepEqual(sent, ["hello"]);
});

for (const status of [400, 403, 404, 409, 500]) {
  test(`a message that is answered ${status} has failed, says so, and holds up no other`, async () => {
    server.failOnce(CHATS, status);
    const failed = [];
    outbox.on("failed", (item) => failed.push(item));
    const first = outbox.add(ROOM, "first");
    outbox.add(ROOM, "second");
    await until(() => outbox.items.length === 1 && posted().length === 1);
    assert.deepEqual(failed, [first]);
    assert.deepEqual([first.problem, first.code], [`Answer ${status}.`, `code_${status}`]);
    outbox.retry(first.id);
    await until(isEmpty);
    assert.deepEqual(posted(), ["second", "first"]);
  });
}

test("a room that must wait holds up no other", async () => {
  server.faults.push((request, response, body) => {
    if (body?.room_id !== 4) return false;
    response.writeHead(429, { "Retry-After": "100" });
    response.end();
    return true;
  });
  outbox.add({ room_id: 4 }, "must wait");
  outbox.add(ROOM, "goes on");
  await until(() => posted().length === 1 && outbox.items.length === 1);
  assert.deepEqual(outbox.items.map(({ text }) => text), ["must wait"]);
});

test("Retry-After holds, also for what is added meanwhile and when the stream is back", async () => {
  server.failOnce(CHATS, 429, { "Retry-After": "20" });
  const delayed = [];
  outbox.on("delayed", ({ item, error }) => delayed.push([item.text, error.status, error.retryAfter]));
  outbox.add(ROOM, "one");
  await until(() => clock.waits.includes(21_000));
  assert.deepEqual(delayed, [["one", 429, 20]]);
  outbox.add(ROOM, "two");
  outbox.flush();
  await clock.advance(20_000);
  assert.equal(server.requestsTo(CHATS).length, 1);
  await clock.advance(1_000);
  await until(isEmpty);
  assert.deepEqual(posted(), ["one", "two"]);
});

test("what was not sent before a reload is sent after it", async () => {
  await server.stop();
  outbox.add(ROOM, "one");
  outbox.add(ROOM, "two");
  await settle();
  outbox.close();
  await server.start();
  outbox = open();
  await advanceUntil(clock, isEmpty);
  assert.deepEqual(posted(), ["one", "two"]);
  assert.equal(storage.kept.size, 0);
});

test("a message waits while nobody is signed in", async () => {
  server.goodToken = "another";
  outbox.add(ROOM, "later");
  await until(() => server.requests.length === 1);
  await settle();
  assert.equal(outbox.items[0].problem, null);
  server.goodToken = null;
  outbox.flush();
  await until(isEmpty);
});

test("without a storage, or with one that refuses or is broken, messages are sent", async () => {
  const refuse = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  for (const kept of [null, { getItem: refuse, setItem: refuse, removeItem: refuse }, { ...storage, getItem: () => "{broken" }]) {
    outbox.close();
    outbox = open(kept);
    outbox.add(ROOM, "sent");
    await until(isEmpty);
  }
  assert.equal(posted().length, 3);
});

test("an outbox that is opened again has each text once, and none of another person", async () => {
  const texts = () => outbox.items.map(({ text }) => text);
  server.faults.push((request, response) => request.url === CHATS && (response.destroy(), true));
  outbox.add(ROOM, "of Adam");
  for (const [key, expected] of [["outbox of Adam", ["of Adam"]], ["outbox of Kyle", []], ["outbox of Adam", ["of Adam"]]]) {
    outbox.close();
    outbox.open(key);
    assert.deepEqual(texts(), expected);
  }
});
