import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Activity } from "../src/activity.js";

let now, reports, activity;

beforeEach(() => {
  now = 1_000_000;
  reports = [];
  const request = async (method, path, body) => void reports.push([method, path, body]);
  activity = new Activity({ clock: { now: () => now }, request });
});

const PATH = "/api/v1/users/me/activity/";
const bodies = () => reports.splice(0).map(([method, path, body]) => (assert.deepEqual([method, path], ["POST", PATH]), body));

test("that the person does something is reported once in two minutes", () => {
  for (let key = 0; key < 10; key += 1) activity.note();
  assert.deepEqual(bodies(), [{}]);
  now += 119_999;
  activity.note();
  assert.deepEqual(bodies(), []);
  now += 1;
  activity.note();
  assert.deepEqual(bodies(), [{}]);
});

test("a program that never says so reports nothing", () => {
  activity.opened();
  activity.closed();
  now += 3_600_000;
  activity.opened();
  assert.deepEqual(bodies(), []);
});

test("a stream that opens after a while reports whether the person is there", () => {
  activity.note();
  bodies();
  activity.opened();
  assert.deepEqual(bodies(), [{ idle: false }]);
  activity.closed();
  now += 29_999;
  activity.closed();
  activity.opened();
  assert.deepEqual(bodies(), []);
  activity.closed();
  now += 30_000;
  activity.opened();
  assert.deepEqual(bodies(), [{ idle: false }]);
  activity.closed();
  now += 300_000;
  activity.opened();
  assert.deepEqual(bodies(), [{ idle: true }]);
  activity.note();
  assert.deepEqual(bodies(), [{}]);
});
