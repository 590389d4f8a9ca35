import assert from "node:assert/strict";
import { test } from "node:test";

import { advanceUntil, settle, until } from "./harness/clock.js";
import { clock, isLive, listen, opened, PATH, server, startForEach, stream } from "./harness/streams.js";

startForEach();

test("a server that answers 503 is asked again after its Retry-After, and ever more rarely", async () => {
  server.failOnce(PATH, 503, { "Retry-After": "30" });
  server.failOnce(PATH, 503);
  server.failOnce(PATH, 502);
  listen();
  await until(() => opened() === 1 && clock.waits.includes(31_000));
  await clock.advance(31_000);
  await until(() => opened() === 2 && clock.waits.includes(2_000));
  await clock.advance(2_000);
  await until(() => opened() === 3 && clock.waits.includes(4_000));
  await clock.advance(4_000);
  await until(isLive);
});

test("a connection that never lasts is opened ever more rarely", async () => {
  listen();
  for (const wait of [1_000, 2_000, 4_000, 8_000, 15_000]) {
    await until(isLive);
    server.streams.forEach((each) => each.destroy());
    await until(() => stream.state === "reconnecting");
    assert.ok(clock.waits.includes(wait), String(clock.waits));
    await clock.advance(wait);
  }
});

test("a silent connection is left after 40 s, and one with heartbeats is not", async () => {
  listen();
  await until(isLive);
  for (let beat = 0; beat < 5; beat += 1) {
    await clock.advance(15_000);
    server.send(`id: ${server.position}\nevent: heartbeat\ndata: {"type":"heartbeat","position":${server.position}}\n\n`);
    await settle();
  }
  assert.equal(opened(), 1);
  await clock.advance(45_000);
  await until(() => opened() === 2);
});

test("an answer that never begins is left after 40 s, too", async () => {
  server.faults.push((request) => request.url === PATH && opened() === 1);
  listen();
  await until(() => opened() === 1);
  await clock.advance(45_000);
  await until(isLive);
});

test("after a sleep a dead connection is left at once, and a retry does not wait any more", async () => {
  listen();
  await until(isLive);
  clock.sleep(3_600_000);
  await clock.advance(5_000);
  await until(() => opened() === 2 && isLive());
  await server.stop();
  // The computer sleeps while the client waits for long.
  await advanceUntil(clock, () => clock.waits.some((wait) => wait > 10_000));
  await server.start();
  clock.sleep(60_000);
  await clock.advance(5_000);
  await until(isLive);
});
