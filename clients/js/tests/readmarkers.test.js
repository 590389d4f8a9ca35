import assert from "node:assert/strict";
import { test } from "node:test";

import { advanceUntil, settle, until } from "./harness/clock.js";
import { clock, connected, server, startForEach } from "./harness/clients.js";
import { ME } from "./harness/server.js";

startForEach();

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

test("a read marker is told before I leave the room, also while another one is on its way", async () => {
  server.post("one");
  server.post("two");
  const chat = await connected();
  const held = server.holdOnce("/api/v1/rooms/3/read-marker/");
  chat.markRead(3, 1);
  await clock.advance(400);
  await until(held.isThere);
  chat.markRead(3, 2);
  const left = chat.leaveRoom(3);
  await settle();
  assert.deepEqual(server.requestsTo("/api/v1/rooms/3/members/1/"), []);
  held.answer(200, { room_id: 3, seq: 1, read_main_seq: 1, unread: 1 });
  await left;
  await clock.advance(1_000);
  await settle();
  const told = server.requestsTo("/api/v1/rooms/3/").map(({ method, body }) => [method, body?.seq]);
  assert.deepEqual(told, [["PUT", 1], ["PUT", 2], ["DELETE", undefined]]);
  assert.equal(chat.store.rooms.has(3), false);
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
