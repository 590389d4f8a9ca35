// A clock that stands still until a test moves it, and waiting for what really happens (sockets).

export class FakeClock {
  time = Date.parse("2026-11-28T12:00:00Z");
  #timers = new Map();
  #number = 0;

  now() {
    return this.time;
  }

  random() {
    return 0.5;
  }

  setTimeout(act, milliseconds) {
    this.#timers.set((this.#number += 1), { act, at: this.time + milliseconds });
    return this.#number;
  }

  clearTimeout(number) {
    this.#timers.delete(number);
  }

  /** Run what is due within this time, in its order, with what follows from it. */
  async advance(milliseconds) {
    const end = this.time + milliseconds;
    for (let next; (next = this.#next(end)); ) {
      this.time = Math.max(this.time, next[1].at);
      this.#timers.delete(next[0]);
      next[1].act();
      await settle();
    }
    this.time = end;
  }

  /** The computer slept: the time is over, and no timer ran. */
  sleep(milliseconds) {
    this.time += milliseconds;
    for (const timer of this.#timers.values()) timer.at += milliseconds;
  }

  /** In how many ms each timer is due. */
  get waits() {
    return [...this.#timers.values()].map(({ at }) => at - this.time).sort((one, other) => one - other);
  }

  #next(end) {
    const due = [...this.#timers].filter(([, { at }]) => at <= end);
    return due.sort(([one, { at }], [other, { at: otherAt }]) => at - otherAt || one - other)[0];
  }
}

/** Let promises and sockets of this process go on for a moment. */
export async function settle() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

/** Wait for it, for five seconds of the real clock at most. */
export async function until(isSo, what = String(isSo)) {
  const end = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`this did not happen: ${what}`);
    await new Promise(setImmediate);
  }
}

/** Move the clock, second by second, until it is so: where retries wait for each other. */
export async function advanceUntil(clock, isSo, what = String(isSo), seconds = 300) {
  for (let second = 0; second < seconds; second += 1) {
    for (let turn = 0; turn < 20; turn += 1) {
      if (isSo()) return;
      await settle();
    }
    await clock.advance(1_000);
  }
  throw new Error(`this did not happen: ${what}`);
}
