// A person's JavaScript client that opens each of their rooms. For each line that it is sent, it prints what it holds.

import { createInterface } from "node:readline";

import { ChatClient } from "../../../clients/js/src/index.js";

const [url, token] = process.argv.slice(2);
// Waits between attempts, and before a room is fetched anew, are what takes time here.
const clock = {
  now: () => Date.now(),
  setTimeout: (act, wait) => setTimeout(act, wait / 20),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};
// Of its stream: ends the connection; and what the next one waits for.
let hangUp = () => {};
let comeBack = () => {};
let isBack = Promise.resolve();

async function fetchUnlessAway(path, options) {
  if (!path.endsWith("/api/v1/stream")) return fetch(path, options);
  await isBack;
  const connection = new AbortController();
  hangUp = () => connection.abort();
  return fetch(path, { ...options, signal: AbortSignal.any([options.signal, connection.signal]) });
}

const chat = new ChatClient({ url, token, clock, storage: null, fetch: fetchUnlessAway });
/** Their timelines and lists of members, by room. */
const opened = new Map();
const GENERAL_ID = 0;

function open(roomId) {
  const [timeline, members] = [chat.openTimeline(roomId), chat.openMembers(roomId)];
  // It may have ended meanwhile.
  members.load().catch(() => {});
  opened.set(roomId, { timeline, members });
}

function close(roomId) {
  opened.get(roomId)?.timeline.close();
  opened.get(roomId)?.members.close();
  opened.delete(roomId);
}

function state() {
  const rooms = [...chat.store.rooms.values()].filter(({ id, archived_at }) => id !== GENERAL_ID && archived_at === null);
  rooms.forEach(({ id }) => opened.has(id) || open(id));
  const of = (read) => Object.fromEntries(rooms.map(({ id }) => [id, read(opened.get(id))]));
  return {
    rooms,
    messages: of(({ timeline }) => timeline.messages),
    members: of(({ members }) => members.list()),
    blocks: [...chat.store.blocked],
    invitations: [...chat.store.invitations.values()],
  };
}

chat.store.on("left", close);
const loaded = new Promise((resolve) => chat.on("loaded", resolve));
await chat.connect();
await loaded;
console.log("{}");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "end") break;
  if (line === "leave") {
    isBack = new Promise((resolve) => (comeBack = resolve));
    hangUp();
    console.log("{}");
    continue;
  }
  comeBack();
  console.log(JSON.stringify(state()));
}
chat.close();
process.exit(0);
