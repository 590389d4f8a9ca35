// A server, a clock, and the clients of one test.

import { afterEach, beforeEach } from "node:test";

import { ChatClient } from "../../src/index.js";
import { FakeClock, until } from "./clock.js";
import { FakeServer } from "./server.js";

export let server, clock, clients;

/** Each test of a file has a new server and a new clock, and its clients are closed in the end. */
export function startForEach() {
  beforeEach(async () => {
    server = await new FakeServer().start();
    clock = new FakeClock();
    clients = [];
  });
  afterEach(async () => {
    clients.forEach((client) => client.close());
    await server.stop();
  });
}

export function clientOf(options = {}) {
  const chat = new ChatClient({ url: `${server.url}/`, token: "ct_1", clock, ...options });
  clients.push(chat);
  chat.heard = [];
  chat.loads = 0;
  chat.on("event", (event) => chat.heard.push(event.data.message));
  chat.on("loaded", () => (chat.loads += 1));
  return chat;
}

export async function connected(options) {
  const chat = clientOf(options);
  await chat.connect();
  await until(() => chat.loads === 1 && server.streams.size === 1);
  return chat;
}
