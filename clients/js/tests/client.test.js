import assert from "node:assert/strict";
import { test } from "node:test";

import { ChatError } from "../src/index.js";
import { advanceUntil, settle, until } from "./harness/clock.js";
import { clientOf, clients, clock, connected, server, startForEach } from "./harness/clients.js";
import { ME } from "./harness/server.js";

startForEach();

const textsOf = (timeline) => timeline.messages.map(({ message }) => message);
const shown = ({ store }) => store.roomList().map(({ place, ...room }) => room);

test("a client that connects has a store that is kept up to date", async () => {
  server.post("before");
  const chat = await connected();
  assert.deepEqual(shown(chat), [server.room()]);
  server.post("after");
  await until(() => chat.heard.length === 1);
  assert.deepEqual(shown(chat), [server.room()]);
  assert.equal(chat.state, "live");
});

test("through cuts, refusals, truncations and restarts nothing is lost, nothing twice, and the state is a fresh fetch", async () => {
  const chat = await connected();
  const timeline = chat.openTimeline(3);
  await until(() => timeline.isLoaded);
  let said = 0;
  const faults = [
    () => server.streams.forEach((stream) => stream.destroy()),
    () => server.failOnce("/api/v1/chats/", 503, { "Retry-After": "1" }),
    () => server.failOnce("/api/v1/stream", 502),
    () => server.cutOnce(150),
    () => server.cutOnce(450),
    async () => (await server.stop(), await server.start()),
    () => server.bye("shutdown"),
    () => server.failOnce("/api/v1/chats/", 429, { "Retry-After": "3" }),
    // Too far behind: a reset, and everything is fetched anew.
    async () => (await server.stop(), (server.trimmed = server.position + 1), server.post("unheard"), await server.start()),
    () => server.failOnce("/api/v1/sync/", 500),
  ];
  for (const fault of faults) {
    chat.send({ room_id: 3 }, `mine ${(said += 1)}`);
    server.post(`another's ${said}`);
    await fault();
    server.post(`another's later ${said}`);
    chat.send({ room_id: 3 }, `mine later ${said}`);
    await advanceUntil(clock, () => chat.outbox.items.length === 0 && chat.state === "live");
  }
  await advanceUntil(clock, () => timeline.messages.length === server.messages.length && shown(chat)[0].last_seq === server.messages.length);
  assert.deepEqual(timeline.messages, server.messages.map((message) => ({ ...message, reactions: [], thread: null })));
  assert.equal(new Set(textsOf(timeline)).size, 4 * faults.length + 1);
  assert.deepEqual(shown(chat), [server.room()]);
  const mine = textsOf(timeline).filter((text) => text.startsWith("mine"));
  assert.deepEqual(mine, faults.flatMap((_, index) => [`mine ${index + 1}`, `mine later ${index + 1}`]));
  assert.equal(new Set(chat.heard).size, chat.heard.length);
});

test("it connects as soon as the server is there, and says what keeps it", async () => {
  const chat = clientOf();
  const problems = [];
  chat.on("problem", (problem) => problems.push(problem.status));
  server.failOnce("/api/v1/session/", 503);
  await server.stop();
  const connecting = chat.connect();
  await until(() => problems.length === 1);
  await server.start();
  await advanceUntil(clock, () => chat.loads === 1);
  assert.deepEqual(problems, [0, 503]);
  assert.equal((await connecting).id, ME.id);
});

test("an answer that is not the server's is none: the sign-in page of a network", async () => {
  let isPortal = true;
  server.faults.push((request, response) => isPortal && (response.writeHead(200, { "Content-Type": "text/html" }), response.end("<h1>Welcome</h1>"), true));
  const chat = clientOf();
  const problems = [];
  chat.on("problem", ({ status }) => problems.push(status));
  const connecting = chat.connect();
  await until(() => problems.length === 1);
  isPortal = false;
  await clock.advance(2_000);
  assert.equal((await connecting).id, ME.id);
  assert.deepEqual(problems, [0]);
});

test("where nobody is signed in, connect() says so", async () => {
  server.goodToken = "another";
  const error = await clientOf().connect().catch((thrown) => thrown);
  assert.ok(error instanceof ChatError);
  assert.equal(error.status, 401);
});

test("a client that is closed while it connects stays closed", async () => {
  const chat = clientOf();
  const connecting = chat.connect().catch((error) => error);
  chat.close();
  assert.ok((await connecting) instanceof ChatError);
  await settle();
  assert.equal(server.requestsTo("/api/v1/stream").length, 0);
});

for (const [name, act, reason] of [
  ["a token that is refused", () => ((server.goodToken = "none"), clients[0].rooms.list().catch(() => {})), "signed_out"],
  ["a ban", () => server.bye("banned"), "banned"],
  ["another person's stream", () => server.send(`event: hello\ndata: {"type":"hello","position":1,"user_id":2,"resumed":true}\n\n`), "other_user"],
]) {
  test(`${name} signs out, once, and stops everything`, async () => {
    const chat = await connected();
    const reasons = [];
    chat.on("signedOut", (said) => reasons.push(said));
    act();
    await until(() => reasons.length === 1);
    await settle();
    assert.deepEqual(reasons, [reason]);
    assert.equal(chat.state, "closed");
    assert.deepEqual(clock.waits, []);
  });
}

test("a listener that throws stops neither the others nor the client", async () => {
  const chat = clientOf();
  const thrown = [];
  globalThis.reportError = (error) => thrown.push(error.message);
  chat.on("event", () => {
    throw new Error("of a view");
  });
  const texts = [];
  chat.on("event", (event) => texts.push(event.data.message));
  await chat.connect();
  await until(() => chat.loads === 1);
  server.post("one");
  await until(() => texts.length === 1 && thrown.length === 1);
  assert.deepEqual(thrown, ["of a view"]);
  delete globalThis.reportError;
});

test("a listener that has ended hears nothing more", async () => {
  const chat = await connected();
  const texts = [];
  const end = chat.on("event", (event) => texts.push(event.data.message));
  server.post("one");
  await until(() => texts.length === 1);
  end();
  server.post("two");
  await until(() => chat.heard.length === 2);
  assert.deepEqual(texts, ["one"]);
});

test("two tabs share one stream, and each has everything", async () => {
  const { FakeLocks, fakeChannels } = await import("./harness/tabs.js");
  const sharing = { locks: new FakeLocks(), BroadcastChannel: fakeChannels() };
  const first = await connected(sharing);
  const second = clientOf(sharing);
  await second.connect();
  await until(() => second.loads === 1 && second.state === "live");
  server.post("one");
  await until(() => first.heard.length === 1 && second.heard.length === 1);
  first.close();
  server.post("two");
  await until(() => second.heard.length === 2);
  assert.deepEqual(shown(second), [server.room()]);
  assert.equal(server.streams.size, 1);
});
