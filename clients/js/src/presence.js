// Who is online, and who of them is away. Events tell of those who share a smaller room with me; of others it is asked.

import { LARGEST_PAGE } from "./api.js";
import { asChatError } from "./errors.js";

const PATH = "/api/v1/users/online/";
const MOST_PAGES = 3;

/** @typedef {import("./schema.js").Presence["status"]} Status */

export class Presence {
  /** Ids, also of those who are away. @type {Set<number>} */
  online = new Set();
  /** Ids. @type {Set<number>} */
  away = new Set();
  /** What changed while it is fetched. @type {Map<number, Status>} */
  #changes = new Map();

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /**
   * @param {number} id
   * @returns {Status}
   */
  of(id) {
    if (!this.online.has(id)) return "offline";
    return this.away.has(id) ? "away" : "online";
  }

  /** Fetch it. Presence may be unavailable (503) while the chat is not: then the old data stays. */
  async load() {
    this.#changes.clear();
    const { mark } = this.store.known;
    try {
      const people = await this.store.api.getAll(PATH, {}, MOST_PAGES);
      people.push(...(await this.#others(new Set(people.map(({ id }) => id)))));
      people.forEach((person) => this.store.known.know(person, mark));
      this.online = new Set(people.map(({ id }) => id));
      this.away = new Set(people.filter(({ status }) => status === "away").map(({ id }) => id));
      new Map(this.#changes).forEach((status, id) => this.set(id, status));
    } catch (error) {
      if (asChatError(error).status === 401) throw error;
    }
  }

  /**
   * @param {number} id
   * @param {Status} status
   */
  set(id, status) {
    this.#changes.set(id, status);
    if (status === "offline") this.online.delete(id);
    else this.online.add(id);
    if (status === "away") this.away.add(id);
    else this.away.delete(id);
  }

  /**
   * Of those in larger rooms: whom the store met last.
   * @param {Set<number>} known
   */
  async #others(known) {
    const others = [...this.store.people.keys()].filter((id) => !known.has(id) && id !== this.store.me.id);
    if (others.length === 0) return [];
    return (await this.store.api.get(PATH, { ids: String(others.slice(-LARGEST_PAGE)) })).results;
  }
}
