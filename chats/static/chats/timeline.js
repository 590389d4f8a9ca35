// The loaded messages of one room: one run of seqs without a gap, each message once.
//
// A message that does not join the run is held until what lies between has come, from the stream or by fetching it.
// So nothing is shown twice, out of order, or with a gap. The run has at most MOST messages: what is far from the reader
// is dropped, and fetched again when they come near. Dispatches "changed", and "history" before it where the change is
// a page of history.

import { get } from "./api.js";

const PAGE = 50;
// Further behind than this, it is cheaper to start again at the end.
const LARGEST_GAP = 200;
const MOST = 400;
const FILL_AFTER = 300;
const RETRY_AFTER = 3_000;

export class Timeline extends EventTarget {
  messages = [];
  hasOlder = false;
  /** The run ends before the room does. New messages are not shown then. */
  hasNewer = false;
  isLoaded = false;
  error = null;
  #held = new Map();
  #attempt = 0;
  #timer = null;
  #isFetching = false;
  #around = null;
  #isFollowed = true;

  constructor(roomId) {
    super();
    this.roomId = roomId;
  }

  get last() {
    return this.messages.at(-1) ?? null;
  }

  has(seq) {
    return this.messages.length > 0 && seq >= this.messages[0].seq && seq <= this.last.seq;
  }

  /** Start again with the newest page, or with the page around a message. Tried again while the server is away. */
  async load(around = null) {
    const attempt = (this.#attempt += 1);
    this.#around = around;
    this.#isFetching = true;
    clearTimeout(this.#timer);
    try {
      const page = await this.#fetch(around === null ? "" : `&around_seq=${around}`);
      if (attempt !== this.#attempt) return;
      this.#announce("history");
      this.messages = page.results;
      this.hasOlder = page.previous !== null;
      this.hasNewer = page.next !== null;
      this.isLoaded = true;
      this.error = null;
      this.#join();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.error = error;
      if (error.isTemporary) this.#timer = setTimeout(() => this.load(around), RETRY_AFTER);
    }
    this.#isFetching = false;
    this.#announce();
  }

  /** Load what could not be loaded while the server was away. */
  recover() {
    if (this.error) this.load(this.#around);
  }

  /** Fetch the page above. Does nothing while one is being fetched. Throws ApiError. */
  loadOlder() {
    if (!this.hasOlder) return;
    return this.#extend(`&before=${this.messages[0]?.id}`, (page) => {
      this.messages = [...page.results, ...this.messages];
      this.hasOlder = page.previous !== null;
      this.#dropNewest();
    });
  }

  /** Fetch the page below. Does nothing while one is being fetched. Throws ApiError. */
  loadNewer() {
    if (!this.hasNewer) return;
    return this.#extend(`&after=${this.last?.id}`, (page) => {
      this.messages = [...this.messages, ...page.results];
      this.hasNewer = page.next !== null;
      this.#join();
      this.#dropOldest();
    });
  }

  /** Add a message, or a newer version of one that is loaded. `isFollowed`: the reader is at the end. */
  put(message, isFollowed) {
    const first = this.messages[0]?.seq ?? 1;
    this.#isFollowed = isFollowed;
    if (this.isLoaded && message.seq < first) return;
    const known = this.isLoaded ? this.messages[message.seq - first] : undefined;
    if (known) {
      if (!known.removed_at) this.messages[message.seq - first] = message;
    } else if (!this.hasNewer || this.#isFetching) {
      this.#held.set(message.seq, message);
      this.#join();
      if (isFollowed) this.#dropOldest();
      else this.#dropNewest();
    }
    this.#announce();
  }

  close() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
  }

  #dropOldest() {
    if (this.messages.length <= MOST) return;
    this.messages = this.messages.slice(-MOST / 2);
    this.hasOlder = true;
  }

  #dropNewest() {
    if (this.messages.length <= MOST) return;
    this.messages = this.messages.slice(0, MOST);
    this.#leaveTheEnd();
  }

  #leaveTheEnd() {
    this.hasNewer = true;
    this.#held.clear();
  }

  async #extend(query, add) {
    if (this.#isFetching || !this.isLoaded) return;
    const attempt = this.#attempt;
    this.#isFetching = true;
    try {
      const page = await this.#fetch(query);
      if (attempt !== this.#attempt) return;
      this.#announce("history");
      add(page);
    } finally {
      if (attempt === this.#attempt) this.#isFetching = false;
    }
    this.#announce();
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
    if (this.hasNewer) return;
    clearTimeout(this.#timer);
    if (this.#held.size) this.#timer = setTimeout(() => this.#fill(), FILL_AFTER);
  }

  async #fill() {
    const attempt = this.#attempt;
    const gap = Math.min(...this.#held.keys()) - (this.last?.seq ?? 0);
    if (gap > LARGEST_GAP && this.#isFollowed) return this.load();
    if (gap > LARGEST_GAP) return this.#leaveTheEnd();
    try {
      const page = await this.#fetch(`&after=${this.last?.id ?? 0}`);
      if (attempt !== this.#attempt) return;
      page.results.forEach((message) => this.#held.has(message.seq) || this.#held.set(message.seq, message));
      this.#join();
      this.#announce();
    } catch {
      if (attempt === this.#attempt) this.#timer = setTimeout(() => this.#fill(), RETRY_AFTER);
    }
  }

  #fetch(query) {
    return get(`/api/v1/rooms/${this.roomId}/messages/?limit=${PAGE}${query}`);
  }

  #announce(name = "changed") {
    this.dispatchEvent(new Event(name));
  }
}
