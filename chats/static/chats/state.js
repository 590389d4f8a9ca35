// The page's data: me, my rooms, people, who is online. Built from a snapshot, updated by events.
//
// Every event may come twice or be older than the snapshot, so each change is idempotent: numbers only rise, and
// `unread` is always last_seq - read_seq. Events that arrive while a snapshot is fetched wait for it.
// Dispatches "rooms", "people", "message" (detail: message), "read" and "typing" (detail: the event's data), "left" and
// "members" (detail: room id).

import { get, getAll, LARGEST_PAGE } from "./api.js";

// More are online in few deployments. Of these the page shows the first, and those whom it knows.
const ONLINE_PAGES = 3;
const MOST_KNOWN = 500;

export class State extends EventTarget {
  me = null;
  rooms = new Map();
  people = new Map();
  online = new Set();
  isLoaded = false;
  #waiting = null;
  // Rooms are shown by `place`, the highest first: it rises with each activity here, as it does in the service.
  #lastPlace = 0;

  constructor(me) {
    super();
    this.me = me;
    this.know(me);
  }

  /** Fetch everything anew. If it throws ApiError, the old data stays. */
  async load() {
    if (this.#waiting) return;
    this.#waiting = [];
    try {
      const [rooms] = await Promise.all([getAll("/api/v1/rooms/"), this.loadOnline()]);
      this.rooms = new Map(rooms.map((room) => [room.id, room]));
      for (const room of rooms.reverse()) {
        room.place = ++this.#lastPlace;
        this.#meet(room);
      }
      this.isLoaded = true;
    } finally {
      const events = this.#waiting;
      this.#waiting = null;
      events.forEach((event) => this.apply(event));
    }
    this.#announce("rooms");
    this.#announce("people");
  }

  /** Who is online. Presence may be unavailable (503) while the chat is not: then the old data stays. */
  async loadOnline() {
    try {
      const people = await getAll("/api/v1/users/online/", ONLINE_PAGES);
      if (people.length >= ONLINE_PAGES * LARGEST_PAGE) people.push(...(await this.#knownOnline()));
      people.forEach((person) => this.know(person));
      this.online = new Set(people.map((person) => person.id));
      this.#announce("people");
    } catch (error) {
      if (error.status === 401) throw error;
    }
  }

  /** Where not all are listed: who is online of those that the page met last. */
  async #knownOnline() {
    const ids = [...this.people.keys()].slice(-MOST_KNOWN);
    const found = [];
    for (let start = 0; start < ids.length; start += LARGEST_PAGE) {
      const some = ids.slice(start, start + LARGEST_PAGE);
      found.push(...(await get(`/api/v1/users/online/?ids=${some}`)).results);
    }
    return found;
  }

  /** Fetch one room that is new to me, or whose members changed. A room that is not mine any more is removed. Returns the error, or null. */
  async loadRoom(roomId) {
    try {
      this.putRoom(await get(`/api/v1/rooms/${roomId}/`));
      return null;
    } catch (error) {
      if (error.status === 404) this.leave(roomId);
      return error;
    }
  }

  putRoom(room) {
    if (room.role === null) return; // visible, because it is open, but not mine
    const known = this.rooms.get(room.id) ?? { read_seq: 0, last_message: null, place: ++this.#lastPlace };
    const merged = { ...known, ...room };
    merged.last_seq = Math.max(room.last_seq, known.last_seq ?? 0);
    merged.read_seq = Math.max(room.read_seq ?? 0, known.read_seq);
    merged.last_message = newer(known.last_message, room.last_message);
    this.rooms.set(room.id, merged);
    this.#meet(merged);
    this.#announce("rooms");
  }

  know(person) {
    this.people.set(person.id, { ...this.people.get(person.id), ...person });
  }

  /** Add a message from the stream or from the answer to a POST. */
  putMessage(message) {
    this.know(message.sender);
    const room = this.rooms.get(message.room_id);
    if (room) {
      if (message.seq >= room.last_seq && !message.removed_at) room.place = ++this.#lastPlace;
      room.last_seq = Math.max(room.last_seq, message.seq);
      if (message.sent_by === this.me.id) room.read_seq = Math.max(room.read_seq, message.seq);
      room.last_message = newer(room.last_message, message);
      this.#announce("rooms");
    }
    this.#announce("message", message);
  }

  moveReadMarker(roomId, seq) {
    const room = this.rooms.get(roomId);
    if (!room || seq <= room.read_seq) return;
    room.read_seq = seq;
    this.#announce("rooms");
  }

  apply(event) {
    if (this.#waiting) return void this.#waiting.push(event);
    const { type, data } = event;
    switch (type) {
      case "message.created":
      case "message.deleted":
        return this.putMessage(data);
      case "read.updated":
        if (data.user_id === this.me.id) this.moveReadMarker(data.room_id, data.seq);
        return this.#announce("read", data);
      case "room.created":
      case "room.updated":
      case "room.archived":
        return this.putRoom(data);
      case "room.left":
        return this.leave(data.room_id);
      case "member.added":
      case "member.updated":
      case "member.removed":
        return this.#changeMember(type, data);
      case "user.created":
      case "user.updated":
        this.know(data);
        if (data.id === this.me.id) this.me = { ...this.me, ...data };
        this.#announce("rooms");
        return this.#announce("people");
      case "presence.changed":
        this.know({ id: data.id, username: data.username });
        if (data.online) this.online.add(data.id);
        else this.online.delete(data.id);
        return this.#announce("people");
      case "typing.started":
        return this.#announce("typing", data);
    }
  }

  #changeMember(type, member) {
    this.know(member.user);
    const isMe = member.user.id === this.me.id;
    if (isMe && type === "member.removed") return this.leave(member.room_id);
    if (isMe) return void this.loadRoom(member.room_id);
    this.#announce("members", member.room_id);
  }

  /** The room is not mine any more. */
  leave(roomId) {
    if (this.rooms.delete(roomId)) this.#announce("rooms");
    this.#announce("left", roomId);
  }

  #meet(room) {
    room.people?.forEach((person) => this.know(person));
    if (room.last_message) this.know(room.last_message.sender);
  }

  #announce(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** The newer of two messages; of the same one, the later version. */
function newer(one, other) {
  if (!one || !other) return one ?? other ?? null;
  if (one.seq === other.seq) return one.removed_at ? one : other;
  return one.seq > other.seq ? one : other;
}
