// My rooms, with their places in the list.

import { byActivity } from "./order.js";
import { mergedRoom } from "./versions.js";

/** @typedef {import("./schema.js").Room} Room */
/** @typedef {import("./schema.js").FullRoom} FullRoom */
/** Mine, with a place in the list that rises with each activity.
 * @typedef {FullRoom & {place: number}} StoredRoom */

export class StoredRooms {
  /** By id. @type {Map<number, StoredRoom>} */
  byId = new Map();
  #lastPlace = 0;

  /** Those that are neither archived nor hidden, the most recently active one first. */
  list() {
    return [...this.byId.values()].filter((room) => room.archived_at === null && !room.me?.hidden).sort(byActivity);
  }

  /**
   * From a snapshot, the most recently active one first.
   * @param {StoredRoom[]} rooms
   */
  replace(rooms) {
    this.byId = new Map(rooms.map((room) => [room.id, room]));
    [...rooms].reverse().forEach((room) => this.raise(room));
  }

  /**
   * Add a room, or merge it into what is known of it. Returns the result.
   * @param {Room & Partial<FullRoom>} room
   */
  put(room) {
    const merged = mergedRoom(this.byId.get(room.id), room, this.#lastPlace + 1);
    this.#lastPlace = Math.max(this.#lastPlace, merged.place);
    this.byId.set(room.id, merged);
    return merged;
  }

  /**
   * To the top of the list.
   * @param {StoredRoom} room
   */
  raise(room) {
    room.place = ++this.#lastPlace;
  }

  /**
   * A person has a new name or picture.
   * @param {import("./schema.js").Person} person
   */
  rename(person) {
    for (const room of this.byId.values()) {
      room.people = room.people && room.people.map((each) => (each.id === person.id ? person : each));
      const message = room.last_message;
      if (message?.sent_by === person.id) room.last_message = { ...message, sender: person };
    }
  }
}
