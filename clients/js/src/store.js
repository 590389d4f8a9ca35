// What a person sees: themselves, their rooms, people, who is online. A snapshot, kept up to date by events.
//
// Every event may come twice or be older than the snapshot, so each change is idempotent: numbers only rise, and what is
// unread is always main_seq - read_main_seq. Only a marker that is_back falls; whatever comes after that event comes again with
// it. Events that arrive while something is fetched are applied to what was fetched.

import { Changes } from "./changes.js";
import { Emitter } from "./emitter.js";
import { KnownPeople } from "./knownpeople.js";
import { byPosition } from "./order.js";
import { Personal } from "./personal.js";
import { Presence } from "./presence.js";
import { RoomRefresh } from "./roomrefresh.js";
import { StoredRooms } from "./storedrooms.js";
import { addMessage, markerAt, moveMarker } from "./unread.js";

/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").Member} Member */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {{change: import("./schema.js").ReactionChange, isAdded: boolean}} ToldReaction */
/** @typedef {{
 *   rooms: undefined,
 *   people: undefined,
 *   personal: undefined,
 *   person: Person,
 *   message: Message,
 *   read: import("./schema.js").MovedReadMarker,
 *   typing: import("./schema.js").Typing,
 *   typingEnded: import("./schema.js").EndedTyping,
 *   reaction: ToldReaction,
 *   thread: import("./threads.js").ToldThread,
 *   following: import("./schema.js").Following,
 *   member: {type: "member.added" | "member.updated" | "member.removed", member: Member},
 *   entered: number,
 *   left: number,
 * }} StoreEvents */

/**
 * Emits `rooms`, `people` and `personal` (whom I block, my invitations, whether I am invisible) when a view of them is to be drawn anew; `person`, `message`, `read`, `typing`, `typingEnded`, `reaction` and
 * `member` for one change; `entered` and `left` with the id of a room that I am added to, or that is not mine any more.
 *
 * @extends {Emitter<StoreEvents>}
 */
export class Store extends Emitter {
  /** @type {Person} */
  me = { id: 0, username: "", display_name: "", avatar_url: "", is_deleted: false };
  /** Those whom the store has met. */
  known = new KnownPeople();
  isLoaded = false;
  /** Events that wait for a snapshot. @type {ChatEvent[] | null} */
  #waiting = null;
  #rooms = new StoredRooms();
  #presence = new Presence(this);
  #personal = new Personal();
  #refresh;
  #changes;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    super();
    this.api = api;
    this.#refresh = new RoomRefresh(api.clock, this);
    const parts = { rooms: this.#rooms, personal: this.#personal, presence: this.#presence, refresh: this.#refresh };
    this.#changes = new Changes(this, parts);
  }

  /** Mine, by id. */
  get rooms() {
    return this.#rooms.byId;
  }

  /** By id: those whom the store has met. */
  get people() {
    return this.known.byId;
  }

  /** Ids of those whom I block: views hide what they write in groups. */
  get blocked() {
    return this.#personal.blocked;
  }

  /**
   * Whether views hide a message: somebody whom I block sent it, and not in a direct room.
   * @param {Message} message
   */
  isHidden({ sent_by, room_id }) {
    return this.blocked.has(sent_by) && this.rooms.get(room_id)?.kind !== "direct";
  }

  /** To me, by id. */
  get invitations() {
    return this.#personal.invitations;
  }

  /** Whether I appear offline to others. */
  get isInvisible() {
    return this.#personal.isInvisible;
  }

  /** Whether I am staff, as of the last load. */
  get isStaff() {
    return this.#personal.isStaff;
  }

  /** Ids of those who are online, or away. */
  get online() {
    return this.#presence.online;
  }

  /**
   * Whether somebody is "online", "away" or "offline".
   * @param {number} userId
   */
  statusOf(userId) {
    return this.#presence.of(userId);
  }

  /** My rooms that are neither archived nor hidden, the most recently active one first. */
  roomList() {
    return this.#rooms.list();
  }

  /** Fetch everything anew. If it throws ChatError, the old data stays. */
  async load() {
    if (this.#waiting) return;
    this.#waiting = [];
    try {
      const rooms = await this.#fetchRooms();
      this.#refresh.clear();
      this.#rooms.replace(rooms);
      rooms.reverse().forEach((room) => this.#meet(room));
      this.isLoaded = true;
    } finally {
      // Some are there for a second time, from a room that was fetched meanwhile.
      const events = this.#waiting.sort(byPosition);
      this.#waiting = null;
      events.forEach((event) => this.apply(event));
    }
    this.emit("rooms");
    this.emit("people");
    this.emit("personal");
    // The snapshot has the people of direct rooms; nobody waits for the others, of whom it names some.
    this.loadOnline().catch(() => {});
  }

  /** @returns {Promise<StoredRoom[]>} */
  async #fetchRooms() {
    const { rooms, next, people = [], ...mine } = await this.api.get("/api/v1/sync/");
    this.#personal.put(mine);
    people.forEach((/** @type {{id: number, status: import("./presence.js").Status | null}} */ { id, status }) => status && this.#presence.set(id, status));
    return next === null ? rooms : [...rooms, ...(await this.api.getAll("/api/v1/rooms/", { after: next }))];
  }

  /** Fetch who is online. */
  async loadOnline() {
    await this.#presence.load();
    this.emit("people");
  }

  /**
   * Fetch one room that is new to me, or that changed. A room that is not mine any more is removed. Returns the error.
   * @param {number} roomId
   */
  loadRoom(roomId) {
    return this.#refresh.load(roomId);
  }

  /**
   * From an answer, with what is mine; or from an event, without.
   * @param {import("./schema.js").Room & Partial<import("./schema.js").FullRoom>} room
   */
  putRoom(room) {
    if (room.role === null) return; // visible, because it is open, but not mine
    this.#meet(this.#rooms.put(room));
    this.emit("rooms");
  }

  /** @param {Person} person */
  know(person) {
    this.known.know(person);
  }

  /**
   * From the stream, where it `isTold` to be new, or from an answer.
   * @param {Message} message
   * @param {boolean} [isTold]
   */
  putMessage(message, isTold = false) {
    this.know(message.sender);
    const room = this.rooms.get(message.room_id);
    if (room) {
      if (addMessage(room, message, this.me.id, isTold)) this.#rooms.raise(room);
      this.emit("rooms");
    }
    this.emit("message", message);
  }

  /**
   * Forward, at once; the server tells the rest a moment later.
   * @param {number} roomId
   * @param {number} seq
   */
  moveReadMarker(roomId, seq) {
    const room = this.rooms.get(roomId);
    if (room && seq > (room.read_seq ?? 0)) this.#read(room, markerAt(room, seq));
  }

  /**
   * From the server.
   * @param {import("./unread.js").ToldMarker} marker
   */
  putReadMarker(marker) {
    const room = this.rooms.get(marker.room_id);
    if (room) this.#read(room, { read_seq: marker.seq, read_main_seq: marker.read_main_seq }, marker.is_back);
  }

  /**
   * @param {StoredRoom} room
   * @param {import("./unread.js").Marker} marker
   * @param {boolean} [isBack]
   */
  #read(room, marker, isBack) {
    if (moveMarker(room, marker, isBack) && room.mentions !== undefined) this.#refresh.plan(room.id, 1000);
    this.emit("rooms");
  }

  /** @param {ChatEvent} event */
  apply(event) {
    if (this.#waiting) return void this.#waiting.push(event);
    this.#refresh.note(event);
    this.#changes.apply(event);
  }

  /**
   * The room is not mine any more.
   * @param {number} roomId
   */
  leave(roomId) {
    this.#refresh.forget(roomId);
    if (this.rooms.delete(roomId)) this.emit("rooms");
    this.emit("left", roomId);
  }

  /** Forget what is planned. */
  close() {
    this.#refresh.clear();
  }

  /** @param {StoredRoom} room */
  #meet(room) {
    room.people?.forEach((person) => this.know(person));
    if (room.last_message) this.know(room.last_message.sender);
  }
}
