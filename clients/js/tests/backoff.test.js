import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../src/backoff.js";
import { FakeClock } from "./harness/clock.js";

test("it waits twice as long each time, up to a limit, and shortly again after a success", () => {
  const backoff = new Backoff(new FakeClock());
  const waits = Array.from({ length: 6 }, () => backoff.next());
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  backoff.reset();
  assert.equal(backoff.next(), 1_000);
});

test("clients that failed together come back at different times", () => {
  const waits = [0, 0.25, 0.999].map((chance) => new Backoff({ ...new FakeClock(), random: () => chance }).next());
  assert.equal(new Set(waits).size, 3);
  assert.ok(waits.every((wait) => wait >= 750 && wait <= 1_250));
});

test("it waits for what Retry-After says, but not for ever", () => {
  assert.equal(new Backoff(new FakeClock()).next(20), 21_000);
  assert.equal(new Backoff(new FakeClock()).next(1e12), 301_000);
});
