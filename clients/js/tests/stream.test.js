import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../src/api.js";
import { Credential } from "../src/credential.js";
import { Stream } from "../src/stream.js";
import { advanceUntil, FakeClock, settle, until } from "./harness/clock.js";
import { FakeServer } from "./harness/server.js";

let server, clock, stream, heard;
const PATH = "/api/v1/stream";

beforeEach(async () => {
  server = await new FakeServer().start();
});

afterEach(async () => {
  stream?.close();
  await server.stop();
});

/** A stream with this token source, and what it says. */
function listen(token = "ct_1") {
  clock = new FakeClock();
  const credential = new Credential(token, clock);
  stream = new Stream(new Api({ url: server.url, fetch, clock, credential }));
  heard = { texts: [], states: [], hellos: [], fresh: 0, ended: [] };
  stream.on("event", (event) => heard.texts.push(event.data.message));
  stream.on("state", (state) => heard.states.push(state));
  stream.on("hello", (hello) => heard.hellos.push(hello.resumed));
  stream.on("fresh", () => (heard.fresh += 1));
  stream.on("ended", (reason) => heard.ended.push(reason));
  stream.open();
}

const isLive = () => stream.state === "live" && server.streams.size === 1;
const opened = () => server.requestsTo(PATH).length;

test("it goes on where it was after a crash of the server, with nothing lost and nothing twice", async () => {
  listen();
  await until(isLive);
  server.post("before");
  await until(() => heard.texts.length === 1);
  await server.stop();
  await until(() => stream.state === "reconnecting");
  server.post("meanwhile");
  await server.start();
  await advanceUntil(clock, isLive);
  server.post("after");
  await until(() => heard.texts.length === 3);
  assert.deepEqual(heard.texts, ["before", "meanwhile", "after"]);
  assert.deepEqual(heard.hellos, [false, true]);
  assert.equal(heard.fresh, 1);
});

test("a stream that is cut after any number of bytes loses nothing and repeats nothing", async () => {
  listen();
  await until(isLive);
  const length = 700;
  for (let bytes = 1; bytes < length; bytes += 41) {
    server.streams.forEach((each) => each.destroy());
    await until(() => stream.state === "reconnecting");
    server.post(`a \u{1F600} ${bytes}`);
    server.cutOnce(bytes);
    const before = opened();
    await advanceUntil(clock, () => opened() > before + 1 && isLive());
    await until(() => heard.texts.length === server.messages.length);
  }
  assert.deepEqual(heard.texts, server.messages.map(({ message }) => message));
  assert.equal(heard.fresh, 1);
});

test("what a proxy says a second time is not heard again", async () => {
  listen();
  await until(isLive);
  server.post("once");
  const event = server.log.at(-1);
  server.send(`id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  server.post("then");
  await until(() => heard.texts.includes("then"));
  assert.deepEqual(heard.texts, ["once", "then"]);
});

test("a reset says to fetch everything anew, and leads to where the log is now", async () => {
  listen();
  await until(isLive);
  await server.stop();
  server.position = 40; // restored from a backup
  server.log = [];
  await server.start();
  await advanceUntil(clock, () => heard.fresh === 2);
  server.post("after");
  await until(() => heard.texts.length === 1);
  assert.equal(stream.lastId, "41");
});

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

test("without a network it is not live, and with one it is at once", async () => {
  listen();
  await until(isLive);
  stream.suspend();
  assert.equal(stream.state, "reconnecting");
  server.post("meanwhile");
  stream.reopen();
  await until(isLive);
  assert.deepEqual(heard.texts, ["meanwhile"]);
});

test("an answer that is no stream is none", async () => {
  server.faults.push((request, response) => {
    if (request.url !== PATH || opened() > 1) return false;
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end("id: 999\ndata: {}\n\n<p>Welcome to this hotel</p>");
    return true;
  });
  listen();
  await until(() => stream.state === "reconnecting");
  assert.equal(stream.lastId, "");
  await advanceUntil(clock, isLive);
});

test("bytes that are no JSON are a broken connection, and nothing is lost", async () => {
  listen();
  await until(isLive);
  server.send("id: 900\nevent: message.created\ndata: {broken\n\n");
  await until(() => stream.state === "reconnecting");
  server.post("then");
  await advanceUntil(clock, isLive);
  assert.deepEqual(heard.texts, ["then"]);
});
