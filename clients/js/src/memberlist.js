// The members of one room, by user id, page by page, kept up to date by events: roles, who comes and goes, and how far
// each has read, where the server tells.

import { LARGEST_PAGE } from "./api.js";
import { Emitter } from "./emitter.js";
import { asChatError } from "./errors.js";

/** @typedef {import("./schema.js").Member} Member */

/** Emits `changed`. @extends {Emitter<{changed: undefined}>} */
export class MemberList extends Emitter {
  /** By user id. @type {Map<number, Member>} */
  #members = new Map();
  hasMore = true;
  #pages = 1;
  /** The id up to which members are loaded. */
  #end = -1;
  /** What happened while a page is fetched. @type {(() => void)[]} */
  #meanwhile = [];
  /** @type {Promise<void> | null} */
  #load = null;
  #subscriptions;

  /**
   * @param {import("./store.js").Store} store
   * @param {number} roomId
   */
  constructor(store, roomId) {
    super();
    this.store = store;
    this.roomId = roomId;
    this.#subscriptions = [
      store.on("member", ({ type, member }) => member.room_id === roomId && this.#apply(() => this.#change(type, member))),
      store.on("read", ({ room_id, user_id, seq }) => room_id === roomId && this.#apply(() => this.#read(user_id, seq))),
      store.on("message", (message) => message.room_id === roomId && this.#apply(() => this.#hear(message))),
      store.on("person", (person) => this.#apply(() => this.#rename(person))),
      // What happened there while I was not in the room was not told to me.
      store.on("entered", (entered) => entered === roomId && this.reload().catch(() => {})),
    ];
    this.onclose = () => {};
  }

  /** @returns {Member[]} */
  list() {
    return [...this.#members.values()].sort((one, other) => one.user.id - other.user.id);
  }

  /** @param {number} userId */
  get(userId) {
    return this.#members.get(userId) ?? null;
  }

  /** Fetch the first page, or after a reset as many as there were. Throws ChatError. */
  load() {
    return this.#once(async () => {
      const { mark } = this.store.known;
      const path = `/api/v1/rooms/${this.roomId}/members/`;
      /** @type {Member[]} */
      const members = await this.store.api.getAll(path, {}, this.#pages);
      return () => {
        this.#members = new Map();
        this.#add(members, members.length < this.#pages * LARGEST_PAGE, mark);
      };
    });
  }

  /** After a reset. A room that is not mine any more has none. Throws ChatError where it is to be tried again. */
  async reload() {
    try {
      await this.load();
    } catch (error) {
      if (asChatError(error).isTemporary) throw error;
    }
  }

  /** Fetch the next page. Throws ChatError. */
  async loadMore() {
    if (!this.hasMore || this.#load) return this.#load;
    return this.#once(async () => {
      const { mark } = this.store.known;
      const query = { limit: LARGEST_PAGE, after: this.#end };
      const page = await this.store.api.get(`/api/v1/rooms/${this.roomId}/members/`, query);
      return () => {
        this.#pages += 1;
        this.#add(page.results, page.next === null, mark);
      };
    });
  }

  /** No longer follow the room. */
  close() {
    this.#subscriptions.forEach((end) => end());
    this.onclose();
  }

  /**
   * @param {Member[]} members
   * @param {boolean} isEnd
   * @param {number} mark
   */
  #add(members, isEnd, mark) {
    for (const member of members) {
      this.store.known.know(member.user, mark);
      this.#members.set(member.user.id, member);
    }
    this.hasMore = !isEnd;
    this.#end = members.at(-1)?.user.id ?? this.#end;
  }

  /**
   * Fetch, and then take in what came, unless a later load has begun.
   * @param {() => Promise<() => void>} fetch
   */
  #once(fetch) {
    this.#meanwhile = [];
    const fetched = fetch().then((take) => void (load === this.#load && take()));
    /** @type {Promise<void>} */
    const load = fetched.finally(() => {
      if (load !== this.#load) return;
      this.#load = null;
      this.#meanwhile.forEach((change) => change());
      this.emit("changed");
    });
    this.#load = load;
    return load;
  }

  /** @param {() => void} change */
  #apply(change) {
    if (this.#load) this.#meanwhile.push(change);
    change();
    this.emit("changed");
  }

  /**
   * @param {"member.added" | "member.updated" | "member.removed"} type
   * @param {Member} member
   */
  #change(type, member) {
    const { id } = member.user;
    const known = this.#members.get(id);
    if (type === "member.removed") this.#members.delete(id);
    else if (known || !this.hasMore || id <= this.#end) {
      this.#members.set(id, { ...member, read_seq: Math.max(member.read_seq, known?.read_seq ?? 0) });
    }
  }

  /**
   * Who writes has read, but for a reply in a thread. What the room itself says moves nobody's marker.
   * @param {import("./schema.js").Message} message
   */
  #hear({ parent_id, kind, sent_by, seq }) {
    if (!parent_id && kind !== "system") this.#read(sent_by, seq);
  }

  /**
   * @param {number} userId
   * @param {number} seq
   */
  #read(userId, seq) {
    const member = this.#members.get(userId);
    if (member && seq > member.read_seq) this.#members.set(userId, { ...member, read_seq: seq });
  }

  /** @param {import("./schema.js").Person} person */
  #rename(person) {
    const member = this.#members.get(person.id);
    if (member) this.#members.set(person.id, { ...member, user: person });
  }
}
