// What each event changes in the store, and what the store tells views of it.

import { settingsAt } from "./versions.js";

const GENERAL_ID = 0;

/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").Member} Member */
/** @typedef {{
 *   rooms: import("./storedrooms.js").StoredRooms,
 *   personal: import("./personal.js").Personal,
 *   presence: import("./presence.js").Presence,
 *   refresh: import("./roomrefresh.js").RoomRefresh,
 * }} StoreParts */

export class Changes {
  #store;
  #rooms;
  #personal;
  #presence;
  #refresh;

  /**
   * @param {import("./store.js").Store} store
   * @param {StoreParts} parts
   */
  constructor(store, { rooms, personal, presence, refresh }) {
    this.#store = store;
    this.#rooms = rooms;
    this.#personal = personal;
    this.#presence = presence;
    this.#refresh = refresh;
  }

  /** @param {ChatEvent} event */
  apply(event) {
    const store = this.#store;
    if (this.#personal.apply(event)) return store.emit("personal");
    switch (event.type) {
      case "message.created":
      case "message.updated":
      case "message.deleted":
        if (!store.rooms.has(event.data.room_id)) this.#refresh.planUnlessLeft(event.data.room_id);
        // All reactions come after it, whatever version it shows by now.
        if (event.type === "message.created") store.putMessage({ reactions: [], thread: null, ...event.data }, true);
        else this.#putChanged(event.data);
        return "thread" in event && event.thread ? store.emit("thread", event.thread) : undefined;
      case "thread.updated":
        return store.emit("following", event.data);
      case "read.updated":
        if (event.data.user_id === store.me.id) store.putReadMarker(event.data);
        return store.emit("read", event.data);
      case "membership.updated":
        return this.#putSettings(event.data);
      case "room.created":
        if (!store.rooms.has(event.data.id)) return this.#refresh.plan(event.data.id);
        return store.putRoom(event.data);
      case "room.updated":
      case "room.archived":
        if (store.rooms.has(event.data.id)) return store.putRoom(event.data);
        // It may have been archived, so that it was not in the snapshot.
        return event.data.archived_at === null ? this.#refresh.planUnlessLeft(event.data.id) : undefined;
      case "room.left":
        return store.leave(event.data.room_id);
      case "member.added":
      case "member.updated":
      case "member.removed":
        return this.#changeMember(event.type, event.data);
      case "user.created":
        // Everybody is in General from the first moment on.
        this.#refresh.planCount(store.rooms.get(GENERAL_ID));
        return this.#rename(event.data);
      case "user.updated":
        return this.#rename(event.data);
      case "presence.changed":
        store.know({ .../** @type {any} */ (store.people.get(event.data.id)), id: event.data.id, username: event.data.username });
        this.#presence.set(event.data.id, event.data.status ?? (event.data.online ? "online" : "offline"));
        return store.emit("people");
      case "reaction.added":
      case "reaction.removed":
        return store.emit("reaction", { change: event.data, isAdded: event.type === "reaction.added" });
      case "typing.started":
        return store.emit("typing", event.data);
      case "typing.stopped":
        return store.emit("typingEnded", event.data);
    }
  }

  /**
   * A message was edited or removed. Whom it mentioned before, nobody knows any more.
   * @param {Message} message
   */
  #putChanged(message) {
    this.#store.putMessage(message);
    const room = this.#store.rooms.get(message.room_id);
    const isUnread = room !== undefined && message.seq > (room.read_seq ?? 0);
    if (isUnread && (room.mentions || message.mentions?.length)) this.#refresh.plan(room.id, 1000);
  }

  /**
   * @param {"member.added" | "member.updated" | "member.removed"} type
   * @param {Member} member
   */
  #changeMember(type, member) {
    const store = this.#store;
    store.know(member.user);
    const isMe = member.user.id === store.me.id;
    if (isMe && type === "member.removed") return store.leave(member.room_id);
    if (isMe) this.#refresh.plan(member.room_id);
    if (isMe && type === "member.added") store.emit("entered", member.room_id);
    // Events have no counts: see "Who sends has read" of the API.
    if (!isMe && type !== "member.updated") this.#refresh.planCount(store.rooms.get(member.room_id));
    store.emit("member", { type, member });
  }

  /** @param {import("./schema.js").MemberSettings} settings */
  #putSettings(settings) {
    const room = this.#store.rooms.get(settings.room_id);
    if (!room) return;
    room.me = settingsAt(settings, room.main_seq ?? room.last_seq);
    this.#store.emit("rooms");
  }

  /** @param {Person} person */
  #rename(person) {
    const store = this.#store;
    store.known.rename(person);
    this.#personal.rename(person);
    if (person.id === store.me.id) store.me = { ...store.me, ...person };
    this.#rooms.rename(person);
    store.emit("person", person);
    store.emit("rooms");
    store.emit("people");
  }
}
