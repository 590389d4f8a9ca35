// A server, a stream of it, and what the stream says, for one test.

import { afterEach, beforeEach } from "node:test";

import { Api } from "../../src/api.js";
import { Credential } from "../../src/credential.js";
import { Stream } from "../../src/stream.js";
import { FakeClock } from "./clock.js";
import { FakeServer } from "./server.js";

export const PATH = "/api/v1/stream";
export let server, clock, stream, heard;

/** Each test of a file has a new server, and its stream is closed in the end. */
export function startForEach() {
  beforeEach(async () => {
    server = await new FakeServer().start();
  });
  afterEach(async () => {
    stream?.close();
    await server.stop();
  });
}

/** Open a stream with this token source. */
export function listen(token = "ct_1") {
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

export const isLive = () => stream.state === "live" && server.streams.size === 1;
export const opened = () => server.requestsTo(PATH).length;
