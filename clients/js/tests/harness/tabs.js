// Web Locks and BroadcastChannels of one browser with several tabs.

export class FakeLocks {
  /** By name: who holds it, and who waits. */
  #locks = new Map();

  request(name, options, hold) {
    const lock = this.#locks.get(name) ?? { holder: null, queue: [] };
    this.#locks.set(name, lock);
    return new Promise((resolve, reject) => {
      const request = { hold, resolve, reject };
      if (options.steal) {
        lock.holder?.reject(new DOMException("stolen", "AbortError"));
        this.#grant(lock, request);
      } else if (lock.holder) lock.queue.push(request);
      else this.#grant(lock, request);
    });
  }

  #grant(lock, request) {
    lock.holder = request;
    Promise.resolve()
      .then(() => request.hold())
      .then(request.resolve, request.reject)
      .finally(() => {
        if (lock.holder !== request) return;
        lock.holder = null;
        if (lock.queue.length) this.#grant(lock, lock.queue.shift());
      });
  }
}

/** A class of channels that reach each other. */
export function fakeChannels() {
  const open = new Set();
  return class {
    onmessage = null;

    constructor(name) {
      this.name = name;
      open.add(this);
    }

    postMessage(data) {
      const text = JSON.stringify(data);
      const others = [...open].filter((other) => other !== this && other.name === this.name);
      others.forEach((other) => queueMicrotask(() => open.has(other) && other.onmessage?.({ data: JSON.parse(text) })));
    }

    close() {
      open.delete(this);
    }
  };
}
