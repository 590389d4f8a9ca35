import assert from "node:assert/strict";
import test from "node:test";

const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
Object.assign(globalThis, {
  document: { getElementById: () => ({ textContent: '{"base_path":""}' }), addEventListener: () => {} },
  sessionStorage: storage,
  localStorage: storage,
});
const { chat } = await import("../../static/chats/chat.js");
const { ThreadMessages } = await import("../../static/chats/threadmessages.js");

const sender = { id: 7, username: "kyle" };
const message = (id, more) => ({ id, seq: id, room_id: 3, sent_by: 7, sender, version: 1, removed_at: null, parent_id: null, ...more });

test("a thread follows its totals, and a removed reply loses its reactions", async () => {
  const reactions = [{ emoji: "+", count: 1, mine: false }];
  chat.api.get = async () => message(1, { reactions: [], thread: { reply_count: 1, last_seq: 1, last_reply_at: "x", participants: [sender] } });
  chat.api.getAll = async () => [message(2, { parent_id: 1, thread_seq: 1, reactions })];
  chat.threads.get = async () => ({ root_id: 1, room_id: 3, following: true, read_seq: 1 });
  const thread = new ThreadMessages(1);
  await thread.load();
  chat.store.emit("thread", { root_id: 1, reply_count: 2, last_seq: 2, last_reply_at: "y", participants: [sender] });
  assert.equal(thread.root.thread.reply_count, 2);
  chat.store.emit("message", message(2, { parent_id: 1, version: 2, removed_at: "z" }));
  assert.deepEqual([thread.find(2).removed_at, thread.find(2).reactions], ["z", []]);
  chat.store.emit("thread", { root_id: 1, reply_count: 0, last_seq: 2, last_reply_at: null, participants: [] });
  assert.equal(thread.root.thread, null);
  thread.close();
});
