import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, connected, server, startForEach } from "./harness/clients.js";
import { until } from "./harness/clock.js";
import { KYLE, ME } from "./harness/server.js";

startForEach();

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

test("my typing is announced rarely, anew after what I sent, and its end where I send nothing", async () => {
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
  chat.typing.announce(3);
  await until(() => announced().length === 4);
  await clock.advance(3_499);
  chat.typing.announce(3);
  await clock.advance(1);
  chat.typing.announce(3);
  await until(() => announced().length === 5);
  await clock.advance(7_001);
  chat.typing.stop(3);
  await clock.advance(0);
  assert.deepEqual(announced(), [
    ["POST", path, {}],
    ["POST", path, { parent_id: 12 }],
    ["DELETE", `${path}?parent_id=12`, null],
    ["POST", path, {}],
    ["POST", path, {}],
  ]);
});
