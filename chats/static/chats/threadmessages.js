// The root and the replies of one thread, kept up to date by the store's events.

import { chat } from "./chat.js";
import { Backoff } from "./client/backoff.js";
import { withReaction } from "./client/reactions.js";
import { withThread } from "./client/threads.js";
import { newerMessage } from "./client/versions.js";

// So many hundreds are shown.
const MOST_PAGES = 10;

export class ThreadMessages extends EventTarget {
  isLoaded = false;
  error = null;
  following = null;
  #byId = new Map();
  #ends;
  #timer = null;
  #isOpen = true;
  #backoff = new Backoff(chat.clock);

  constructor(rootId) {
    super();
    this.rootId = rootId;
    const { store } = chat;
    this.#ends = [
      store.on("message", (message) => this.#put(message)),
      store.on("reaction", ({ change, isAdded }) => this.#react(change, isAdded)),
      store.on("thread", (told) => this.#change(told.root_id, (root) => withThread(root, told))),
      store.on("following", (following) => following.root_id === rootId && this.#set(following)),
      store.on("person", () => this.#changed()),
      chat.on("loaded", () => this.load()),
    ];
  }

  get root() {
    return this.#byId.get(this.rootId) ?? null;
  }

  /** The root, and the replies as they came. */
  get messages() {
    const replies = [...this.#byId.values()].filter(({ id }) => id !== this.rootId);
    return [...(this.root ? [this.root] : []), ...replies.sort((one, other) => one.seq - other.seq)];
  }

  get lastSeq() {
    return this.messages.reduce((last, { thread_seq }) => Math.max(last, thread_seq ?? 0), 0);
  }

  find(id) {
    return this.#byId.get(id);
  }

  /** Load all of it. Tried again while the server is away. */
  async load() {
    clearTimeout(this.#timer);
    try {
      const path = `/api/v1/messages/${this.rootId}/`;
      const [root, replies, following] = await Promise.all([
        chat.api.get(path),
        chat.api.getAll(`${path}replies/`, {}, MOST_PAGES),
        chat.threads.get(this.rootId),
      ]);
      // What came meanwhile may be newer.
      const heard = this.#byId;
      this.#byId = new Map([root, ...replies].map((message) => [message.id, message]));
      heard.forEach((message) => this.#keep(message));
      this.following = following;
      this.isLoaded = true;
      this.error = null;
      this.#backoff.reset();
    } catch (error) {
      this.error = error;
      if (error.isTemporary && this.#isOpen) this.#timer = setTimeout(() => this.load(), this.#backoff.next(error.retryAfter));
    }
    this.#changed();
  }

  async toggleFollowing() {
    const { threads } = chat;
    if (this.following.following) await threads.unfollow(this.rootId);
    this.#set(this.following.following ? { ...this.following, following: false } : await threads.follow(this.rootId));
  }

  close() {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#ends.forEach((end) => end());
  }

  #put(message) {
    if (message.id !== this.rootId && message.parent_id !== this.rootId) return;
    this.#keep(message);
    // Who replies follows the thread, and has read it; no event says so.
    const isMine = message.id !== this.rootId && message.sent_by === chat.store.me.id;
    const { read_seq = 0 } = this.following ?? {};
    if (isMine && this.following && message.thread_seq > read_seq) this.#set({ ...this.following, following: true, read_seq: message.thread_seq });
    this.#changed();
  }

  /** Events are without what the message has of reactions and of its thread. */
  #keep(message) {
    const known = this.#byId.get(message.id);
    this.#byId.set(message.id, known ? newerMessage(known, message) : { reactions: [], ...message });
  }

  #react(change, isAdded) {
    this.#change(change.message_id, (message) => withReaction(message, change, change.user_id === chat.store.me.id, isAdded));
  }

  #change(id, change) {
    const known = this.#byId.get(id);
    if (!known) return;
    this.#byId.set(id, change(known));
    this.#changed();
  }

  #set(following) {
    this.following = following;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }
}
