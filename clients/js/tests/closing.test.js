import assert from "node:assert/strict";
import { test } from "node:test";

import { settle, until } from "./harness/clock.js";
import { clientOf, clock, connected, server, startForEach } from "./harness/clients.js";

startForEach();

for (const [name, path, act] of [
  ["a room that is fetched", "/api/v1/rooms/9/", () => server.emit("room.created", { id: 9, kind: "open", name: "New" }, 9)],
  ["a read marker that is told", "/api/v1/rooms/3/read-marker/", (chat) => (chat.markRead(3, 1), clock.advance(400))],
]) {
  test(`${name} while the client is closed is not tried again`, async () => {
    server.post("one");
    const chat = await connected();
    const held = server.holdOnce(path);
    await act(chat);
    // What an event plans is due at once.
    await settle();
    await until(() => (clock.advance(0), held.isThere()));
    chat.close();
    held.answer(503, { status: 503, code: "unavailable", detail: "Later." });
    for (let turn = 0; turn < 20; turn += 1) await settle();
    assert.equal(server.requestsTo(path).length, 1);
    assert.deepEqual(clock.waits, []);
  });
}

test("a snapshot that comes after the client was closed is told to nobody", async () => {
  const held = server.holdOnce("/api/v1/sync/");
  const chat = clientOf();
  await chat.connect();
  await until(held.isThere);
  chat.close();
  held.answer(200, { position: 100, rooms: [], next: null, people: [], blocks: [], invitations: [] });
  for (let turn = 0; turn < 20; turn += 1) await settle();
  assert.equal(chat.loads, 0);
});
