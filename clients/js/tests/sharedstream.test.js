import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../src/api.js";
import { Credential } from "../src/credential.js";
import { SharedStream } from "../src/sharedstream.js";
import { Stream } from "../src/stream.js";
import { advanceUntil, FakeClock, settle, until } from "./harness/clock.js";
import { FakeServer } from "./harness/server.js";
import { FakeLocks, fakeChannels } from "./harness/tabs.js";

let server, clock, locks, BroadcastChannel, tabs;

beforeEach(async () => {
  server = await new FakeServer().start();
  clock = new FakeClock();
  locks = new FakeLocks();
  BroadcastChannel = fakeChannels();
  tabs = [];
});

afterEach(async () => {
  tabs.forEach(({ stream }) => stream.close());
  await server.stop();
});

function openTab(sharing = { locks, BroadcastChannel }) {
  const credential = new Credential("ct_1", clock);
  const stream = new SharedStream(new Stream(new Api({ url: server.url, fetch, clock, credential })), "a name", sharing);
  const tab = { stream, texts: [], fresh: 0, ended: [] };
  stream.on("event", (event) => tab.texts.push(event.data.message));
  stream.on("fresh", () => (tab.fresh += 1));
  stream.on("ended", (reason) => tab.ended.push(reason));
  stream.open();
  tabs.push(tab);
  return tab;
}

const isLive = ({ stream }) => stream.state === "live";
const opened = () => server.requestsTo("/api/v1/stream").length;
const heardBy = (count) => () => tabs.every(({ texts }) => texts.length === count);

test("three tabs hear everything over one stream, and each fetches a snapshot once", async () => {
  openTab();
  await until(() => tabs.every(isLive));
  openTab();
  openTab();
  await until(() => tabs.every(isLive));
  server.post("one");
  server.post("two");
  await until(heardBy(2));
  assert.equal(opened(), 1);
  assert.deepEqual(tabs.map(({ fresh }) => fresh), [1, 1, 1]);
  assert.deepEqual(tabs.map(({ stream }) => stream.isLeading), [true, false, false]);
});

test("when the tab that reads is closed the next one goes on, with nothing lost and nothing twice", async () => {
  const first = openTab();
  await until(() => isLive(first));
  openTab();
  openTab();
  await until(() => tabs.every(isLive));
  server.post("one");
  await until(heardBy(1));
  tabs.shift();
  first.stream.close();
  server.post("two");
  await until(heardBy(2));
  await until(() => tabs.every(isLive));
  server.post("three");
  await until(heardBy(3));
  assert.deepEqual(tabs.map(({ texts }) => texts), [["one", "two", "three"], ["one", "two", "three"]]);
  assert.deepEqual(tabs.map(({ fresh }) => fresh), [1, 1]);
});

test("a tab that the browser froze loses the stream to another one", async () => {
  const frozen = openTab();
  await until(() => isLive(frozen));
  const other = openTab();
  await until(() => isLive(other));
  // It says nothing any more, and its timers stand still.
  const { emit } = frozen.stream.stream;
  frozen.stream.stream.emit = () => {};
  for (let beat = 0; beat < 12; beat += 1) {
    server.send(": still here\n\n");
    await settle();
    await clock.advance(5_000);
  }
  await until(() => other.stream.isLeading && isLive(other));
  frozen.stream.stream.emit = emit;
  server.post("for both");
  await until(heardBy(1));
  assert.equal(frozen.stream.isLeading, false);
  assert.equal(server.streams.size, 1);
});

test("a tab that had heard less than the one that goes on fetches everything anew", async () => {
  const first = openTab();
  await until(() => isLive(first));
  const [behind, ahead] = [openTab(), openTab()];
  await until(() => tabs.every(isLive));
  behind.stream.stream.lastId = "100";
  ahead.stream.stream.lastId = "100";
  server.post("one");
  await until(heardBy(1));
  behind.stream.stream.lastId = "100";
  ahead.stream.take();
  await until(() => behind.fresh === 2);
  assert.equal(ahead.fresh, 1);
  assert.equal(behind.stream.stream.lastId, ahead.stream.stream.lastId);
});

test("what a tab that had heard less hears once more, the others do not", async () => {
  const first = openTab();
  await until(() => isLive(first));
  const behind = openTab();
  await until(() => isLive(behind));
  server.post("one");
  await until(heardBy(1));
  behind.stream.stream.lastId = "100";
  behind.stream.take();
  await until(() => behind.texts.length === 2 && isLive(behind));
  await settle();
  assert.deepEqual(first.texts, ["one"]);
  assert.equal(first.fresh, 1);
});

test("a reset is one for all tabs", async () => {
  openTab();
  await until(() => tabs.every(isLive));
  openTab();
  await until(() => tabs.every(isLive));
  await server.stop();
  server.position = 40;
  await server.start();
  await advanceUntil(clock, () => tabs.every(({ fresh }) => fresh === 2));
  server.post("after");
  await until(heardBy(1));
  assert.deepEqual(tabs.map(({ stream }) => stream.stream.lastId), ["41", "41"]);
});

test("what has no position, such as typing, is for all tabs, each time", async () => {
  openTab();
  openTab();
  await until(() => tabs.every(isLive));
  const typing = { type: "typing.started", room_id: 3, actor_id: null, at: "", data: { message: "typing" } };
  for (let time = 0; time < 2; time += 1) server.send(`event: typing.started\ndata: ${JSON.stringify(typing)}\n\n`);
  await until(heardBy(2));
});

test("where windows are too many, the one in which the person wants it gets the stream", async () => {
  openTab();
  const other = openTab();
  await until(() => tabs.every(isLive));
  server.bye("too_many_streams");
  await until(() => tabs.every(({ stream }) => stream.state === "crowded"));
  other.stream.take();
  await until(() => tabs.every(isLive));
  assert.equal(other.stream.isLeading, true);
});

for (const [name, sharing] of Object.entries({
  "no locks": () => ({ BroadcastChannel }),
  "no channels": () => ({ locks }),
  "locks that it may not use": () => ({ locks: { request: () => Promise.reject(new DOMException("no", "SecurityError")) }, BroadcastChannel }),
})) {
  test(`with ${name} each tab has a stream of its own`, async () => {
    openTab(sharing());
    openTab(sharing());
    await until(() => tabs.every(isLive));
    server.post("one");
    await until(heardBy(1));
    assert.equal(opened(), 2);
  });
}
