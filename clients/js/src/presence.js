// Who is online. Events tell of those who share a smaller room with me; the list is fetched for all others.

import { LARGEST_PAGE } from "./api.js";
import { asChatError } from "./errors.js";

const PATH = "/api/v1/users/online/";
// More are online in few deployments. Of these the store has the first, and those whom it knows.
const MOST_PAGES = 3;
const MOST_KNOWN = 500;

export class Presence {
  /** Ids. @type {Set<number>} */
  online = new Set();
  /** What changed while it is fetched. @type {Map<number, boolean>} */
  #changes = new Map();

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** Fetch it. Presence may be unavailable (503) while the chat is not: then the old data stays. */
  async load() {
    this.#changes.clear();
    const { mark } = this.store.known;
    try {
      const people = await this.store.api.getAll(PATH, {}, MOST_PAGES);
      if (people.length >= MOST_PAGES * LARGEST_PAGE) people.push(...(await this.#known()));
      people.forEach((person) => this.store.known.know(person, mark));
      this.online = new Set(people.map((person) => person.id));
      new Map(this.#changes).forEach((isOnline, id) => this.set(id, isOnline));
    } catch (error) {
      if (asChatError(error).status === 401) throw error;
    }
  }

  /**
   * @param {number} id
   * @param {boolean} isOnline
   */
  set(id, isOnline) {
    this.#changes.set(id, isOnline);
    if (isOnline) this.online.add(id);
    else this.online.delete(id);
  }

  /** Where not all are listed: who is online of those that the store met last. */
  async #known() {
    const ids = [...this.store.people.keys()].slice(-MOST_KNOWN);
    const found = [];
    for (let start = 0; start < ids.length; start += LARGEST_PAGE) {
      const some = ids.slice(start, start + LARGEST_PAGE);
      found.push(...(await this.store.api.get(PATH, { ids: String(some) })).results);
    }
    return found;
  }
}
