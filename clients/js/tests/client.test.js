import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ChatClient, ChatError } from "../src/index.js";
import { advanceUntil, FakeClock, settle, until } from "./harness/clock.js";
import { FakeServer, KYLE, ME } from "./harness/server.js";

let server, clock, clients;

beforeEach(async () => {
  server = await new FakeServer().start();
  clock = new FakeClock();
  clients = [];
});

afterEach(async () => {
  clients.forEach((client) => client.close());
  await server.stop();
});

function clientOf(options = {}) {
  const chat = new ChatClient({ url: `${server.url}/`, token: "ct_1", clock, ...options });
  clients.push(chat);
  chat.heard = [];
  chat.loads = 0;
  chat.on("event", (event) => chat.heard.push(event.data.message));
  chat.on("loaded", () => (chat.loads += 1));
  return chat;
}

async function connected(options) {
  const chat = clientOf(options);
  await chat.connect();
  await until(() => chat.loads === 1 && server.streams.size === 1);
  return chat;
}

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

test("my read marker moves at once here, and soon there, through an outage and a snapshot", async () => {
  server.post("one");
  server.post("two");
  const chat = await connected();
  const marked = () => server.requestsTo("/api/v1/rooms/3/read-marker/").length;
  server.failOnce("/api/v1/rooms/3/read-marker/", 503, { "Retry-After": "60" });
  chat.markRead(3, 1);
  chat.markRead(3, 2);
  chat.markRead(3, 1);
  assert.equal(chat.store.rooms.get(3).unread, 0);
  await clock.advance(400);
  await until(() => marked() === 1);
  server.position = 40;
  server.streams.forEach((stream) => stream.destroy());
  await advanceUntil(clock, () => chat.loads === 2);
  assert.equal(chat.store.rooms.get(3).unread, 0);
  await advanceUntil(clock, () => server.readSeq === 2);
  assert.equal(marked(), 2);
});

test("a read marker that is not told yet is not told of a room that I left", async () => {
  server.post("one");
  const chat = await connected();
  chat.markRead(3, 1);
  chat.store.leave(3);
  await clock.advance(1_000);
  await settle();
  assert.deepEqual(server.requestsTo("/api/v1/rooms/3/read-marker/"), []);
});

test("who has read a message, and what it said before, is asked with a cursor", async () => {
  const chat = await connected();
  const { results } = await chat.messages.readers(1001, { limit: 1, after: 1 });
  assert.deepEqual(results, [KYLE]);
  assert.equal(server.requests.at(-1).url, "/api/v1/messages/1001/readers/?limit=1&after=1");
  const [{ message }] = (await chat.messages.earlierTexts(1001, { after: 1 })).results;
  assert.equal(message, "before");
  assert.equal(server.requests.at(-1).url, "/api/v1/messages/1001/edits/?after=1");
});

test("what I mark as unread stays so, whatever answer comes late, until all is read", async () => {
  server.post("one");
  server.post("two");
  const chat = await connected();
  const { readMarkers } = chat;
  const room = chat.store.rooms.get(3);
  const unread = () => [room.read_seq, room.read_main_seq, room.unread];
  const sent = server.post("mine", ME);
  await until(() => room.unread === 0);
  chat.markRead(3, 3);
  await readMarkers.moveBefore(chat.store.rooms.get(3).last_message);
  assert.deepEqual(unread(), [2, 2, 1]);
  chat.store.putMessage(sent);
  assert.deepEqual(unread(), [2, 2, 1]);
  server.emit("read.updated", { room_id: 3, user_id: 1, seq: 3, read_main_seq: 3, is_back: false });
  server.emit("read.updated", { room_id: 3, user_id: 1, seq: 0, read_main_seq: 0, is_back: true });
  await until(() => room.unread === 3);
  await readMarkers.moveAll();
  assert.deepEqual(unread(), [3, 3, 0]);
});

test("who types in a room or a thread is shown until they stop or post there, or their time is up", async () => {
  const chat = await connected();
  const tells = (type, user_id, parent_id = null) =>
    server.send(`event: ${type}\ndata: ${JSON.stringify({ type, room_id: 3, actor_id: null, at: "", data: { room_id: 3, user_id, parent_id, expires_in: 7 } })}\n\n`);
  const types = (user_id, parent_id) => tells("typing.started", user_id, parent_id);
  const typists = () => [chat.typing.in(3), chat.typing.in(3, 12)];
  types(KYLE.id, 12);
  types(ME.id);
  types(KYLE.id);
  await until(() => chat.typing.in(3).length === 1);
  assert.deepEqual(typists(), [[KYLE.id], [KYLE.id]]);
  server.post("done");
  await until(() => chat.typing.in(3).length === 0);
  assert.deepEqual(typists(), [[], [KYLE.id]]);
  tells("typing.stopped", KYLE.id, 12);
  await until(() => chat.typing.in(3, 12).length === 0);
  types(KYLE.id);
  await until(() => chat.typing.in(3).length === 1);
  await clock.advance(6_900);
  assert.deepEqual(chat.typing.in(3), [KYLE.id]);
  await clock.advance(100);
  assert.deepEqual(chat.typing.in(3), []);
  types(KYLE.id, 12);
  await until(() => chat.typing.in(3, 12).length === 1);
  chat.store.blocked.add(KYLE.id);
  assert.deepEqual(typists(), [[], []]);
});

test("my typing is announced rarely, and its end where I send nothing", async () => {
  const chat = await connected();
  const path = "/api/v1/rooms/3/typing/";
  const announced = () => server.requestsTo(path).map(({ method, url, body }) => [method, url, body]);
  for (let key = 0; key < 10; key += 1) chat.typing.announce(3);
  chat.typing.announce(3, 12);
  await until(() => announced().length === 2);
  chat.typing.stop(3, 12);
  chat.typing.stop(3, 12);
  chat.send({ room_id: 3 }, "sent");
  chat.typing.stop(3);
  chat.typing.announce(3);
  await until(() => announced().length === 3);
  await clock.advance(3_500);
  chat.typing.announce(3);
  await until(() => announced().length === 4);
  await clock.advance(7_001);
  chat.typing.stop(3);
  await clock.advance(0);
  assert.deepEqual(announced(), [
    ["POST", path, {}],
    ["POST", path, { parent_id: 12 }],
    ["DELETE", `${path}?parent_id=12`, null],
    ["POST", path, {}],
  ]);
});

test("who is online and who is away is fetched, also of those in large rooms, and told by events", async () => {
  const asked = [];
  server.post("hai");
  server.faults.push((request, response) => {
    const { pathname, searchParams } = new URL(request.url, server.url);
    if (pathname !== "/api/v1/users/online/") return false;
    asked.push(searchParams.get("ids"));
    const results = searchParams.has("ids") ? [{ ...KYLE, status: "away" }] : [{ ...ME, status: "online" }];
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ results, next: null, previous: null }));
    return true;
  });
  const chat = await connected();
  await chat.store.loadOnline();
  assert.deepEqual(asked.at(-1), String(KYLE.id));
  const statuses = () => [ME.id, KYLE.id, 99].map((id) => chat.store.statusOf(id));
  assert.deepEqual(statuses(), ["online", "away", "offline"]);
  assert.deepEqual([...chat.store.online], [ME.id, KYLE.id]);
  for (const status of ["online", "away", "offline"]) {
    const data = { id: KYLE.id, username: KYLE.username, online: status !== "offline", status };
    server.send(`event: presence.changed\ndata: ${JSON.stringify({ type: "presence.changed", room_id: null, actor_id: null, at: "", data })}\n\n`);
    await until(() => chat.store.statusOf(KYLE.id) === status);
  }
});

test("that I am invisible comes with the start, and from my other devices", async () => {
  const chat = await connected();
  assert.equal(chat.store.isInvisible, false);
  server.emit("visibility.updated", { invisible: true });
  await until(() => chat.store.isInvisible);
});

test("whether I am staff comes with the start", async () => {
  assert.equal((await connected()).store.isStaff, true);
});

test("long histories are loaded page by page, in both directions, and kept short", async () => {
  for (let number = 1; number <= 1_000; number += 1) server.post(`text ${number}`);
  const chat = await connected();
  let place = null;
  const timeline = chat.openTimeline(3, { placeOf: () => place });
  await until(() => timeline.isLoaded);
  assert.equal(timeline.last.seq, 1_000);
  place = 1;
  while (timeline.hasOlder) await timeline.loadOlder();
  assert.deepEqual([timeline.messages[0].seq, timeline.messages.length, timeline.hasNewer], [1, 400, true]);
  server.post("not shown, since the reader is far above");
  await until(() => chat.heard.length === 1);
  assert.equal(timeline.last.seq, 400);
  while (timeline.hasNewer) await timeline.loadNewer();
  assert.equal(timeline.last.seq, 1_001);
  assert.ok(timeline.messages.length <= 400);
  const seqs = timeline.messages.map(({ seq }) => seq);
  assert.deepEqual(seqs, seqs.map((_, index) => seqs[0] + index));
});

test("a message that was removed while its page was fetched is not shown", async () => {
  for (let number = 1; number <= 60; number += 1) server.post(`text ${number}`);
  const chat = await connected();
  const timeline = chat.openTimeline(3);
  await until(() => timeline.isLoaded);
  const asked = timeline.loadOlder();
  // Its event is here before the answer, which may be older.
  chat.store.apply({ position: 999, type: "message.deleted", room_id: 3, data: { ...server.messages[4], message: "", removed_at: "now" } });
  await asked;
  assert.equal(timeline.messages[4].message, "");
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
