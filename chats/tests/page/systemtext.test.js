import assert from "node:assert/strict";
import { test } from "node:test";

import { systemText } from "../../static/chats/systemtext.js";

const NAMES = { 1: "Ann", 2: "Bob", 3: "Cy", 4: "Di", 5: "Ed" };
const nameOf = (id, isObject) => (id === 1 && isObject ? "you" : NAMES[id]);
const said = (metadata, message = "did something") => systemText({ sent_by: 2, message, metadata }, nameOf);

test("it names people as they are called now, and counts those who are too many", () => {
  assert.equal(said({ action: "member_joined", user_ids: [2], count: 1 }), "Bob joined");
  assert.equal(said({ action: "members_added", user_ids: [1, 3], count: 2 }), "Bob added you and Cy");
  assert.equal(said({ action: "members_added", user_ids: [1, 3, 4, 5], count: 4 }), "Bob added you, Cy, Di and 1 other");
  assert.equal(said({ action: "member_removed", user_ids: [3, 4, 5], count: 250 }), "Bob removed Cy, Di, Ed and 247 others");
  assert.equal(said({ action: "member_left", user_ids: [2], count: 1 }), "Bob left");
  assert.equal(said({ action: "room_renamed", name: "Tea" }), "Bob renamed the room to “Tea”");
  assert.equal(said({ action: "room_renamed", name: "" }), "Bob removed the name of the room");
});

test("what it does not know yet it says as the server does", () => {
  assert.equal(said({ action: "room_painted" }, "painted the room"), "Bob painted the room");
  assert.equal(said(undefined), "Bob did something");
});
