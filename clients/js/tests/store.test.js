import assert from "node:assert/strict";
import { test } from "node:test";

import { ChatError } from "../src/errors.js";
import { MemberList } from "../src/memberlist.js";
import { Store } from "../src/store.js";
import { Timeline } from "../src/timeline.js";
import { FakeClock, settle } from "./harness/clock.js";
import { chanceOf } from "./harness/world/chance.js";
import { ME_ID } from "./harness/world/me.js";
import { World } from "./harness/world/world.js";

const SEEDS = Number(process.env.SEEDS ?? 60);
const STEPS = 60;

function worldOf(seed) {
  const clock = new FakeClock();
  const world = new World(clock, chanceOf(seed));
  world.NotFound = ChatError;
  return { clock, world };
}

function storeOf(world) {
  const store = new Store(world.api);
  store.me = world.people.get(ME_ID);
  return store;
}

/** All that a view can show. `place` is the store's own. Nobody tells me of seqs that replies to hidden messages take. */
function shownBy(store) {
  return store.roomList().map(({ place, last_seq, ...room }) => (room.visible_from_seq ? room : { ...room, last_seq }));
}

async function loaded(clock, promise) {
  let isDone = false;
  const done = () => (isDone = true);
  promise.then(done, done);
  for (let turn = 0; !isDone && turn < 100; turn += 1) {
    await settle();
    await clock.advance(100);
  }
  return promise;
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`state and events are fresh state, whatever order answers and events come in (seed ${seed})`, async () => {
    const { clock, world } = worldOf(seed);
    const store = storeOf(world);
    const room = 1;
    const timeline = new Timeline(store, room, () => null);
    const members = new MemberList(store, room);
    // Events come in their order, each some time after it happened.
    let due = 0;
    world.onevent = (event) => {
      due = Math.max(due, clock.now() + world.chance() * 300);
      clock.setTimeout(() => store.apply(event), due - clock.now());
    };
    const removed = new Set();
    let isListed = true;
    const list = (promise) => promise.then(() => (isListed = true), () => (isListed = false));
    const begin = [store.load(), timeline.load(), list(members.load())];
    for (let step = 0; step < STEPS; step += 1) {
      world.act();
      await clock.advance(world.chance() * 200);
      if (world.chance() < 0.1) begin.push(store.load(), timeline.reload(), list(members.load()));
      timeline.messages.forEach(({ seq, removed_at }) => assert.ok(removed_at || !removed.has(seq), `${seq} is back`));
      timeline.messages.forEach(({ seq, removed_at }) => removed_at && removed.add(seq));
    }
    await Promise.allSettled(begin.map((promise) => loaded(clock, promise)));
    await clock.advance(20_000);

    const fresh = storeOf(world);
    await loaded(clock, fresh.load());
    assert.deepEqual(shownBy(store), shownBy(fresh));
    assert.deepEqual([store.blocked, store.invitations], [fresh.blocked, fresh.invitations]);
    for (const [id, person] of fresh.people) assert.deepEqual(store.people.get(id), person);
    if (!world.rooms.get(room).members.has(ME_ID)) return;
    const [freshTimeline, freshMembers] = [new Timeline(fresh, room, () => null), new MemberList(fresh, room)];
    await loaded(clock, Promise.all([freshTimeline.load(), freshMembers.load()]));
    // It may have been closed to me for a time, and a view that opens it then loads it.
    if (timeline.error) await loaded(clock, timeline.load());
    // How far others have read is told in direct rooms; that a marker of mine moved back, to nobody else.
    const isTold = ({ id }) => world.rooms.get(room).kind === "direct" && id !== ME_ID;
    const people = (list) => list.list().map(({ user, role, read_seq }) => [user, role, isTold(user) && read_seq]);
    if (isListed) assert.deepEqual(people(members), people(freshMembers));
    assert.deepEqual(timeline.messages, freshTimeline.messages);
    assert.deepEqual(timeline.messages.map(({ place }) => place), timeline.messages.map((_, index) => timeline.messages[0].place + index));
  });
}

test("a reaction that is told while a page is fetched is newer than the page", async () => {
  const { world } = worldOf(1);
  const store = storeOf(world);
  let answer;
  store.api = { ...store.api, get: () => new Promise((resolve) => (answer = resolve)) };
  const timeline = new Timeline(store, 1, () => null);
  const loading = timeline.load();
  const told = { message_id: 1001, room_id: 1, seq: 1, user_id: 2, emoji: "a", count: 1 };
  store.apply({ position: 1, type: "reaction.added", room_id: 1, actor_id: 2, at: "", data: told });
  const message = { id: 1001, room_id: 1, seq: 1, version: 2, removed_at: null, reactions: [], sender: world.people.get(2) };
  answer({ results: [message], next: null, previous: null });
  await loading;
  assert.deepEqual(timeline.messages[0].reactions, [{ emoji: "a", count: 1, mine: false }]);
});

test("a message that was edited before I hear that it was sent has the reactions that I hear of", async () => {
  const { clock, world } = worldOf(1);
  const store = storeOf(world);
  const timeline = new Timeline(store, 1, () => null);
  await loaded(clock, Promise.all([store.load(), timeline.load()]));
  const seq = (timeline.last?.seq ?? 0) + 1;
  const sender = world.people.get(2);
  const message = { id: 9000, room_id: 1, seq, version: 2, message: "edited", sent_by: 2, sent_at: "", removed_at: null, sender };
  const event = { position: 1, room_id: 1, actor_id: 2, at: "" };
  store.apply({ ...event, type: "message.created", data: message });
  for (const emoji of ["\u261d\ud83c\udffb", "\u261d\ufe0f"]) {
    const told = { message_id: 9000, room_id: 1, seq, user_id: 2, emoji, count: 1 };
    store.apply({ ...event, type: "reaction.added", data: told });
  }
  store.apply({ ...event, type: "message.updated", data: message });
  // By code points, as the server has them.
  assert.deepEqual(timeline.last.reactions.map(({ emoji }) => emoji), ["\u261d\ufe0f", "\u261d\ud83c\udffb"]);
  assert.ok(!("reactions" in store.rooms.get(1).last_message));
});

test("a newcomer who sees nothing older sees the first message that comes", async () => {
  const { clock, world } = worldOf(1);
  const store = storeOf(world);
  world.onevent = (event) => store.apply(event);
  const room = world.rooms.get(1);
  for (let count = 0; count < 5; count += 1) world.act("message", room);
  room.members.get(ME_ID).visible_from_seq = 6;
  const timeline = new Timeline(store, 1, () => null);
  await loaded(clock, Promise.all([store.load(), timeline.load()]));
  assert.deepEqual([timeline.messages, timeline.hasOlder, timeline.hasNewer], [[], false, false]);
  world.act("message", room);
  await clock.advance(1_000);
  assert.deepEqual([timeline.messages.map(({ seq }) => seq), timeline.hasOlder, timeline.hasNewer], [[6], false, false]);
});

test("a room that can't be fetched at the moment is fetched later", async () => {
  const { clock, world } = worldOf(1);
  const store = storeOf(world);
  const { get } = store.api;
  let isAway = true;
  store.api = { ...store.api, get: (...request) => (isAway ? Promise.reject(new ChatError(503)) : get(...request)) };
  world.onevent = (event) => store.apply(event);
  world.act("create");
  await clock.advance(5_000);
  assert.equal(store.rooms.size, 0);
  isAway = false;
  await clock.advance(20_000);
  assert.equal(store.rooms.size, 1);
});

test("of a room that I left nothing is fetched, until I am added again", async () => {
  const { clock, world } = worldOf(1);
  const store = storeOf(world);
  await loaded(clock, store.load());
  await clock.advance(10_000); // who is online is asked behind the rest
  const asked = [];
  store.api = { ...store.api, get: (path) => asked.push(path) && Promise.reject(new ChatError(404)) };
  const tell = (type, data) => store.apply({ position: 1, type, room_id: 1, actor_id: 2, at: "", data });
  const member = (id) => ({ room_id: 1, user: world.people.get(id), role: "member", joined_at: "", read_seq: 0 });
  tell("member.added", member(4));
  store.leave(1);
  tell("message.created", { id: 9000, room_id: 1, seq: 900, version: 1, message: "late", sent_by: 2, sent_at: "", removed_at: null, sender: world.people.get(2) });
  tell("room.updated", { id: 1, archived_at: null });
  await clock.advance(20_000);
  assert.deepEqual(asked, []);
  tell("member.added", member(ME_ID));
  await clock.advance(1_000);
  assert.deepEqual(asked, ["/api/v1/rooms/1/"]);
});

test("members who come to a large room do not make all its clients ask at once", async () => {
  const { clock, world } = worldOf(1);
  clock.random = () => 0.999;
  const store = storeOf(world);
  await loaded(clock, store.load());
  await clock.advance(10_000); // who is online is asked behind the rest
  const asked = [];
  store.api = { ...store.api, get: (path) => asked.push(path) && Promise.resolve(store.rooms.get(1)) };
  store.rooms.get(1).members_count = 1_000;
  const member = { room_id: 1, user: world.people.get(4), role: "member", joined_at: "", read_seq: 0 };
  for (let count = 0; count < 50; count += 1) store.apply({ position: count + 1, type: "member.added", room_id: 1, data: member });
  await clock.advance(19_000);
  assert.deepEqual(asked, []);
  await clock.advance(60_000);
  assert.deepEqual(asked, ["/api/v1/rooms/1/"]);
});

test("types of events that it does not know change nothing", () => {
  const { world } = worldOf(1);
  storeOf(world).apply({ position: 1, type: "reaction.added", room_id: 1, data: {} });
});
