import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, server, startForEach } from "./harness/clients.js";
import { KYLE } from "./harness/server.js";

startForEach();

test("who has read a message, and what it said before, is asked with a cursor", async () => {
  const chat = await connected();
  const { results } = await chat.messages.readers(1001, { limit: 1, after: 1 });
  assert.deepEqual(results, [KYLE]);
  assert.equal(server.requests.at(-1).url, "/api/v1/messages/1001/readers/?limit=1&after=1");
  const [{ message }] = (await chat.messages.earlierTexts(1001, { after: 1 })).results;
  assert.equal(message, "before");
  assert.equal(server.requests.at(-1).url, "/api/v1/messages/1001/edits/?after=1");
});
