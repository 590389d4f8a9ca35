// The loaded messages of one room: one run of seqs without a gap, each message once.
//
// A message that does not join the run is held until what lies between has come, from the stream or by fetching it.
// So nothing is shown twice, out of order, or with a gap.

import { Backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { asChatError } from "./errors.js";
import { HistoryPages } from "./historypages.js";
import { withReaction } from "./reactions.js";
import { Run } from "./run.js";
import { withThread } from "./threads.js";

// Further behind than this, it is cheaper to start again at the end.
const LARGEST_GAP = 200;
const FILL_AFTER = 300;
// Where a newcomer's history begins, the server knows: they see nothing until it does.
const BEGIN_AFTER = 0;

/** @typedef {import("./schema.js").Message} Message */

/** Emits `changed`, and `history` before it where the change is a page. @extends {Emitter<{changed: undefined, history: undefined}>} */
export class Timeline extends Emitter {
  isLoaded = false;
  /** Why it could not be loaded. @type {import("./errors.js").ChatError | null} */
  error = null;
  #run = new Run();
  #attempt = 0;
  /** @type {any} */
  #timer = null;
  #isFetching = false;
  /** @type {number | null} */
  #around = null;
  #pages;
  #backoff;
  #subscriptions;

  /**
   * @param {import("./store.js").Store} store
   * @param {number} roomId
   * @param {() => number | null} placeOf the seq that the reader looks at; null at the end of the room
   */
  constructor(store, roomId, placeOf) {
    super();
    this.store = store;
    this.roomId = roomId;
    this.placeOf = placeOf;
    this.clock = store.api.clock;
    this.#pages = new HistoryPages(store, roomId);
    this.#backoff = new Backoff(this.clock);
    this.#subscriptions = [
      store.on("reaction", (told) => told.change.room_id === roomId && this.#react(told)),
      store.on("thread", (told) => this.#change(told.root_id, (message) => withThread(message, told))),
      store.on("message", (message) => message.room_id === roomId && this.#put(message)),
      store.on("person", (person) => {
        this.#run.rename(person);
        this.emit("changed");
      }),
      // What happened there while I was not in the room was not told to me.
      store.on("entered", (entered) => entered === roomId && void this.reload()),
    ];
    this.onclose = () => {};
  }

  /** Oldest first. */
  get messages() {
    return this.#run.messages;
  }

  get hasOlder() {
    return this.#run.hasOlder;
  }

  /** The messages end before the room does. New ones are not shown then. */
  get hasNewer() {
    return this.#run.hasNewer;
  }

  get last() {
    return this.messages.at(-1) ?? null;
  }

  /** @param {number} seq */
  has(seq) {
    return this.messages.length > 0 && seq >= this.messages[0].seq && seq <= this.messages[this.messages.length - 1].seq;
  }

  /**
   * Start again with the newest page, or with the page around a seq. Tried again while the server is away.
   * @param {number | null} [around]
   */
  async load(around = null) {
    const attempt = (this.#attempt += 1);
    this.#around = around;
    this.#isFetching = true;
    this.clock.clearTimeout(this.#timer);
    try {
      const page = await this.#pages.fetch(around === null ? {} : { around_seq: around });
      if (attempt !== this.#attempt) return;
      this.emit("history");
      this.#run.replace(page);
      this.isLoaded = true;
      this.error = null;
      this.#backoff.reset();
    } catch (thrown) {
      if (attempt !== this.#attempt) return;
      const error = (this.error = asChatError(thrown));
      const wait = this.#backoff.next(error.retryAfter);
      if (error.isTemporary) this.#timer = this.clock.setTimeout(() => this.load(around), wait);
    }
    this.#settle();
  }

  /** Fetch anew where the reader is: after a reset. */
  reload() {
    return this.load(this.placeOf());
  }

  /** Load what could not be loaded while the server was away. */
  recover() {
    if (this.error) this.load(this.#around);
  }

  /** Fetch the page above. Does nothing while one is being fetched. Throws ChatError. */
  async loadOlder() {
    if (this.hasOlder) await this.#extend({ before: this.messages[0]?.id }, (page) => this.#run.addOlder(page));
  }

  /** Fetch the page below. Does nothing while one is being fetched. Throws ChatError. */
  async loadNewer() {
    if (this.hasNewer) await this.#extend({ after: this.last?.id }, (page) => this.#run.addNewer(page));
  }

  /** No longer follow the room. */
  close() {
    this.#attempt += 1;
    this.clock.clearTimeout(this.#timer);
    this.#subscriptions.forEach((end) => end());
    this.onclose();
  }

  /**
   * A new message, or a newer version of one that is loaded.
   * @param {Message} message
   */
  #put(message) {
    // Replies are in threads.
    if (message.parent_id) return;
    // One that is new has none yet.
    if (message.version === 1) message = { reactions: [], thread: null, ...message };
    const isKnown = this.#run.update(message);
    const isNew = !isKnown && !this.hasNewer && (!this.isLoaded || message.seq >= (this.messages[0]?.seq ?? 1));
    if (this.#isFetching || isNew) {
      this.#run.hold(message, this.#isFetching || !this.isLoaded);
      this.#run.drop(this.placeOf() === null);
    }
    this.#planFill();
    this.emit("changed");
  }

  /** @param {import("./store.js").ToldReaction} told */
  #react({ change, isAdded }) {
    const isMine = change.user_id === this.store.me.id;
    this.#change(change.message_id, (message) => withReaction(message, change, isMine, isAdded));
  }

  /**
   * @param {number} id
   * @param {(message: Message) => Message} change
   */
  #change(id, change) {
    this.#pages.note(id, change);
    this.#run.change(id, change);
    this.emit("changed");
  }

  /**
   * @param {import("./api.js").Query} query
   * @param {(page: import("./run.js").Page) => void} add
   */
  async #extend(query, add) {
    if (this.#isFetching || !this.isLoaded) return;
    const attempt = this.#attempt;
    this.#isFetching = true;
    try {
      const page = await this.#pages.fetch(query);
      if (attempt !== this.#attempt) return;
      this.emit("history");
      add(page);
    } finally {
      if (attempt === this.#attempt) this.#settle();
    }
  }

  /** Nothing is fetched any more. */
  #settle() {
    this.#isFetching = false;
    this.#planFill();
    this.emit("changed");
  }

  /** @param {number} [wait] in ms */
  #planFill(wait = this.last ? FILL_AFTER : BEGIN_AFTER) {
    if (!this.isLoaded || this.#isFetching) return;
    this.clock.clearTimeout(this.#timer);
    if (this.#run.gap > 0) this.#timer = this.clock.setTimeout(() => this.#fill(), wait);
  }

  async #fill() {
    const attempt = this.#attempt;
    const isFar = this.#run.gap > LARGEST_GAP;
    if (!this.last || (isFar && this.placeOf() === null)) return this.load();
    if (isFar) return this.#run.leaveTheEnd();
    try {
      const page = await this.#pages.fetch({ after: this.last.id });
      if (attempt !== this.#attempt) return;
      this.#run.fill(page);
      this.#backoff.reset();
      this.#planFill();
      this.emit("changed");
    } catch (error) {
      if (attempt === this.#attempt) this.#planFill(this.#backoff.next(asChatError(error).retryAfter));
    }
  }
}
