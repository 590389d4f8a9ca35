// The loaded messages of one room: one run of seqs without a gap, each message once.
//
// A message that does not join the run is held until what lies between has come, from the stream or by fetching it.
// So nothing is shown twice, out of order, or with a gap. Dispatches "changed", and
// "history" before it where the change is a page of history.

import { get } from "./api.js";

const PAGE = 50;
// Further behind than this, it is cheaper to start again at the end.
const LARGEST_GAP = 200;
const MOST = 600;
const FILL_AFTER = 300;
const RETRY_AFTER = 3_000;

export class Timeline extends EventTarget {
  messages = [];
  hasOlder = false;
  isLoaded = false;
  error = null;
  #held = new Map();
  #attempt = 0;
  #fillTimer = null;
  #isLoadingOlder = false;

  constructor(roomId) {
    super();
    this.roomId = roomId;
  }

  get last() {
    return this.messages.at(-1) ?? null;
  }

  /** Start again with the newest page. */
  async load() {
    const attempt = (this.#attempt += 1);
    try {
      const page = await this.#fetch("");
      if (attempt !== this.#attempt) return;
      this.#tell("history");
      this.messages = page.results;
      this.hasOlder = page.previous !== null;
      this.isLoaded = true;
      this.error = null;
      this.#join();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.error = error;
    }
    this.#tell();
  }

  /** Fetch the page above. Does nothing while one is being fetched. Throws ApiError. */
  async loadOlder() {
    if (!this.hasOlder || this.#isLoadingOlder || !this.isLoaded) return;
    const attempt = this.#attempt;
    this.#isLoadingOlder = true;
    try {
      const page = await this.#fetch(`&before=${this.messages[0].id}`);
      if (attempt !== this.#attempt) return;
      this.#tell("history");
      this.messages = [...page.results, ...this.messages];
      this.hasOlder = page.previous !== null;
    } finally {
      this.#isLoadingOlder = false;
    }
    this.#tell();
  }

  /** Add a message, or a newer version of one that is loaded. */
  put(message) {
    const first = this.messages[0]?.seq ?? 1;
    if (this.isLoaded && message.seq < first) return;
    const known = this.isLoaded ? this.messages[message.seq - first] : undefined;
    if (known) {
      if (!known.removed_at) this.messages[message.seq - first] = message;
    } else {
      this.#held.set(message.seq, message);
      this.#join();
    }
    this.#tell();
  }

  /** Drop the oldest messages if there are very many. Only for a reader who is at the end. */
  trim() {
    if (this.messages.length <= MOST) return;
    this.messages = this.messages.slice(-MOST / 2);
    this.hasOlder = true;
  }

  close() {
    this.#attempt += 1;
    clearTimeout(this.#fillTimer);
  }

  #join() {
    if (!this.isLoaded) return;
    const first = this.messages[0]?.seq ?? 1;
    for (const seq of [...this.#held.keys()].sort((a, b) => a - b)) {
      const index = seq - first;
      if (index > this.messages.length) break;
      // A held version is at least as new as the fetched one, unless the message was removed meanwhile.
      if (index >= 0 && !this.messages[index]?.removed_at) this.messages[index] = this.#held.get(seq);
      this.#held.delete(seq);
    }
    clearTimeout(this.#fillTimer);
    if (this.#held.size) this.#fillTimer = setTimeout(() => this.#fill(), FILL_AFTER);
  }

  async #fill() {
    const attempt = this.#attempt;
    const gap = Math.min(...this.#held.keys()) - (this.last?.seq ?? 0);
    if (gap > LARGEST_GAP) return this.load();
    try {
      const page = await this.#fetch(`&after=${this.last?.id ?? 0}`);
      if (attempt !== this.#attempt) return;
      page.results.forEach((message) => this.#held.has(message.seq) || this.#held.set(message.seq, message));
      this.#join();
      this.#tell();
    } catch {
      if (attempt === this.#attempt) this.#fillTimer = setTimeout(() => this.#fill(), RETRY_AFTER);
    }
  }

  #fetch(query) {
    return get(`/api/v1/rooms/${this.roomId}/messages/?limit=${PAGE}${query}`);
  }

  #tell(name = "changed") {
    this.dispatchEvent(new Event(name));
  }
}
