import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../src/api.js";
import { Credential } from "../src/credential.js";
import { ChatError } from "../src/errors.js";
import { Stream } from "../src/stream.js";
import { FakeClock, settle, until } from "./harness/clock.js";
import { FakeServer, jwt } from "./harness/server.js";

let server, clock;

beforeEach(async () => {
  clock = new FakeClock();
  server = await new FakeServer().start();
});
afterEach(() => server.stop());

const apiWith = (source) => new Api({ url: server.url, fetch, clock, credential: new Credential(source, clock) });
const sent = () => server.requests.map(({ headers }) => headers.authorization);

test("a token function is called once, however many requests wait for it", async () => {
  let count = 0;
  const api = apiWith(async () => `token ${(count += 1)}`);
  await Promise.all(Array.from({ length: 5 }, () => api.get("/api/v1/rooms/")));
  assert.equal(count, 1);
  assert.deepEqual(new Set(sent()), new Set(["Bearer token 1"]));
});

test("a token is renewed at a 401, once, and the request is made again", async () => {
  let count = 0;
  const api = apiWith(() => `token ${(count += 1)}`);
  await api.get("/api/v1/rooms/");
  server.goodToken = "token 2";
  const answers = await Promise.all([api.get("/api/v1/rooms/"), api.get("/api/v1/rooms/3/")]);
  assert.equal(answers[1].id, 3);
  assert.equal(count, 2);
});

test("where the next token is refused, too, the error says so, and the client hears of it", async () => {
  let refused = 0;
  const api = apiWith(() => "bad");
  api.onrefused = () => (refused += 1);
  server.goodToken = "good";
  const error = await api.get("/api/v1/rooms/").catch((thrown) => thrown);
  assert.ok(error instanceof ChatError);
  assert.deepEqual([error.status, error.code, refused, server.requests.length], [401, "invalid_token", 1, 2]);
});

test("a JWT is renewed before its exp, and before the stream ends", async () => {
  let count = 0;
  const begin = clock.now();
  const source = () => jwt(clock.now() + 600_000, String((count += 1)));
  const api = apiWith(source);
  const stream = new Stream(api);
  stream.open();
  await until(() => server.streams.size === 1);
  const opened = () => server.requestsTo("/api/v1/stream").length;
  while (count === 1 && clock.now() < begin + 600_000) {
    assert.equal(opened(), 1);
    server.send(": still here\n\n");
    await settle();
    await clock.advance(5_000);
  }
  await until(() => opened() === 2);
  assert.equal(clock.now(), begin + 540_000);
  await api.get("/api/v1/rooms/");
  assert.equal(count, 2);
  stream.close();
});

test("a stream is not given up while there is no other token", async () => {
  let isAway = false;
  const api = apiWith(async () => {
    if (isAway) throw new Error("the host is away");
    return jwt(clock.now() + 600_000);
  });
  const stream = new Stream(api);
  stream.open();
  await until(() => stream.state === "live");
  isAway = true;
  for (let seconds = 0; seconds < 590; seconds += 15) {
    await clock.advance(15_000);
    server.send(": still here\n\n");
    await settle();
  }
  assert.equal(stream.state, "live");
  assert.equal(server.requestsTo("/api/v1/stream").length, 1);
  stream.close();
});

test("a token that is no JWT is renewed when the session's answer says", async () => {
  let count = 0;
  const credential = new Credential(() => `ct_${(count += 1)}`, clock);
  credential.learnExpiry(await credential.token(), new Date(clock.now() + 600_000).toISOString());
  await clock.advance(530_000);
  assert.equal(await credential.token(), "ct_1");
  await clock.advance(15_000);
  assert.equal(await credential.token(), "ct_2");
});

test("a clock that is wrong does not renew for ever", async () => {
  let count = 0;
  const credential = new Credential(() => jwt(clock.now() - 86_400_000, String((count += 1))), clock);
  await credential.token();
  await credential.token();
  assert.equal(count, 1);
});

test("a token function that fails or never answers is an outage, and one without a token is a sign-out", async () => {
  const statusOf = async (source) => {
    const asked = apiWith(source).get("/api/v1/rooms/").catch((error) => error.status);
    await settle();
    await clock.advance(15_000);
    return asked;
  };
  assert.equal(await statusOf(() => Promise.reject(new TypeError("no network"))), 0);
  assert.equal(await statusOf(() => new Promise(() => {})), 0);
  assert.equal(await statusOf(() => null), 401);
  assert.equal(await statusOf(() => ""), 401);
});

test("an error has the status, the code, the fields and Retry-After", async () => {
  const api = apiWith("ct_1");
  server.failOnce("/api/v1/rooms/", 429, { "Retry-After": "7" });
  const error = await api.get("/api/v1/rooms/").catch((thrown) => thrown);
  assert.deepEqual([error.status, error.code, error.errors, error.retryAfter], [429, "code_429", [], 7]);
  assert.ok(error.isTemporary);
  server.failOnce("/api/v1/rooms/", 503, { "Retry-After": new Date(clock.now() + 9_000).toUTCString() });
  assert.equal((await api.get("/api/v1/rooms/").catch((thrown) => thrown)).retryAfter, 9);
});

test("a server that never answers is an error after 15 s", async () => {
  server.faults.push(() => true);
  const asked = apiWith("ct_1").get("/api/v1/rooms/").catch((error) => error.status);
  await until(() => server.requests.length === 1);
  await clock.advance(15_000);
  assert.equal(await asked, 0);
});
