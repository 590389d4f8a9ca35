import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, server, startForEach } from "./harness/clients.js";
import { until } from "./harness/clock.js";
import { KYLE, ME } from "./harness/server.js";

startForEach();

test("who is online and who is away is fetched, also of those in large rooms, and told by events", async () => {
  const asked = [];
  server.post("hai");
  server.faults.push((request, response) => {
    const { pathname, searchParams } = new URL(request.url, server.url);
    if (pathname !== "/api/v1/users/online/") return false;
    asked.push(searchParams.get("ids"));
    const results = searchParams.has("ids") ? [{ ...KYLE, status: "away" }] : [{ ...ME, status: "online" }];
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ results, next: null, previous: null }));
    return true;
  });
  const chat = await connected();
  await chat.store.loadOnline();
  assert.deepEqual(asked.at(-1), String(KYLE.id));
  const statuses = () => [ME.id, KYLE.id, 99].map((id) => chat.store.statusOf(id));
  assert.deepEqual(statuses(), ["online", "away", "offline"]);
  assert.deepEqual([...chat.store.online], [ME.id, KYLE.id]);
  for (const status of ["online", "away", "offline"]) {
    const data = { id: KYLE.id, username: KYLE.username, online: status !== "offline", status };
    server.send(`event: presence.changed\ndata: ${JSON.stringify({ type: "presence.changed", room_id: null, actor_id: null, at: "", data })}\n\n`);
    await until(() => chat.store.statusOf(KYLE.id) === status);
  }
});

test("that I am invisible comes with the start, and from my other devices", async () => {
  const chat = await connected();
  assert.equal(chat.store.isInvisible, false);
  server.emit("visibility.updated", { invisible: true });
  await until(() => chat.store.isInvisible);
});

test("whether I am staff comes with the start", async () => {
  assert.equal((await connected()).store.isStaff, true);
});
