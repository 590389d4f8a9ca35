import assert from "node:assert/strict";
import { test } from "node:test";

import { advanceUntil, until } from "./harness/clock.js";
import { clock, heard, isLive, listen, opened, PATH, server, startForEach, stream } from "./harness/streams.js";

startForEach();

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
