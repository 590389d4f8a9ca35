import assert from "node:assert/strict";
import { test } from "node:test";

import { advanceUntil, until } from "./harness/clock.js";
import { clock, heard, isLive, listen, opened, server, startForEach, stream } from "./harness/streams.js";

startForEach();

for (const reason of ["shutdown", "error", "lost", "a reason of later"]) {
  test(`after bye ${reason} it comes back when the server said`, async () => {
    listen();
    await until(isLive);
    await clock.advance(20_000);
    server.bye(reason);
    await until(() => stream.state === "reconnecting");
    await clock.advance(server.retry - 1);
    assert.equal(opened(), 1);
    await clock.advance(1);
    await until(isLive);
    assert.deepEqual(heard.hellos, [false, true]);
  });
}

for (const reason of ["banned", "deleted"]) {
  test(`after bye ${reason} it does not come back`, async () => {
    listen();
    await until(isLive);
    server.bye(reason);
    await until(() => heard.ended.length === 1);
    await clock.advance(600_000);
    assert.deepEqual(heard.ended, [reason]);
    assert.equal(opened(), 1);
    assert.deepEqual(clock.waits, []);
  });
}

test("after bye too_many_streams it comes back only when it is asked to", async () => {
  listen();
  await until(isLive);
  server.bye("too_many_streams");
  await until(() => stream.state === "crowded");
  await clock.advance(600_000);
  stream.reopen();
  assert.equal(opened(), 1);
  stream.open();
  await until(isLive);
});

for (const reason of ["expired", "logged_out", "password_changed"]) {
  test(`after bye ${reason} it comes back with another token`, async () => {
    let count = 0;
    listen(() => `token ${(count += 1)}`);
    await until(isLive);
    server.goodToken = "token 2";
    await clock.advance(20_000);
    server.bye(reason);
    await until(() => stream.state === "reconnecting");
    await clock.advance(reason === "expired" ? 0 : 1_000);
    await until(isLive);
    assert.equal(count, 2);
    assert.deepEqual(heard.hellos, [false, true]);
  });
}

test("a token that is refused is renewed once; where the next one is refused, too, it ends", async () => {
  let count = 0;
  server.goodToken = "token 2";
  listen(() => `token ${(count += 1)}`);
  await until(isLive);
  server.goodToken = "none";
  server.streams.forEach((each) => each.destroy());
  await advanceUntil(clock, () => heard.ended.length === 1);
  assert.equal(count, 3);
  assert.deepEqual(clock.waits, []);
});
