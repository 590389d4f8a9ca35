import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, server, startForEach } from "./harness/clients.js";
import { until } from "./harness/clock.js";

startForEach();

test("long histories are loaded page by page, in both directions, and kept short", async () => {
  for (let number = 1; number <= 1_000; number += 1) server.post(`text ${number}`);
  const chat = await connected();
  let place = null;
  const timeline = chat.openTimeline(3, { placeOf: () => place });
  await until(() => timeline.isLoaded);
  assert.equal(timeline.last.seq, 1_000);
  place = 1;
  while (timeline.hasOlder) await timeline.loadOlder();
  assert.deepEqual([timeline.messages[0].seq, timeline.messages.length, timeline.hasNewer], [1, 400, true]);
  server.post("not shown, since the reader is far above");
  await until(() => chat.heard.length === 1);
  assert.equal(timeline.last.seq, 400);
  while (timeline.hasNewer) await timeline.loadNewer();
  assert.equal(timeline.last.seq, 1_001);
  assert.ok(timeline.messages.length <= 400);
  const seqs = timeline.messages.map(({ seq }) => seq);
  assert.deepEqual(seqs, seqs.map((_, index) => seqs[0] + index));
});

test("a message that was removed while its page was fetched is not shown", async () => {
  for (let number = 1; number <= 60; number += 1) server.post(`text ${number}`);
  const chat = await connected();
  const timeline = chat.openTimeline(3);
  await until(() => timeline.isLoaded);
  const asked = timeline.loadOlder();
  // Its event is here before the answer, which may be older.
  chat.store.apply({ position: 999, type: "message.deleted", room_id: 3, data: { ...server.messages[4], message: "", removed_at: "now" } });
  await asked;
  assert.equal(timeline.messages[4].message, "");
});
