// The people whom the store has met, by id. An answer that was asked for before a person was renamed may have the old
// name: a mark, taken before asking, tells.

import { withPerson } from "./threads.js";

/** @typedef {import("./schema.js").Person} Person */

export class KnownPeople {
  /** @type {Map<number, Person>} */
  byId = new Map();
  /** The number of renames so far. */
  mark = 0;
  /** The number of the last rename of each. @type {Map<number, number>} */
  #renames = new Map();

  /**
   * Take a person from an answer or an event in, and return them as they are now.
   * @param {Person} person
   * @param {number} [mark] from before the answer was asked for
   */
  know(person, mark = Infinity) {
    const known = this.byId.get(person.id);
    if (known && (this.#renames.get(person.id) ?? 0) > mark) return known;
    const merged = { ...known, ...person };
    this.byId.set(person.id, merged);
    return merged;
  }

  /** @param {Person} person */
  rename(person) {
    this.#renames.set(person.id, (this.mark += 1));
    this.know(person);
  }

  /**
   * Messages of a page, with the people in them as they are now.
   * @param {import("./schema.js").Message[]} messages
   * @param {number} mark
   */
  named(messages, mark) {
    return messages.map((message) => {
      const people = [message.sender, ...(message.thread?.participants ?? [])].map((person) => this.know(person, mark));
      const renamed = people.filter(({ id }) => (this.#renames.get(id) ?? 0) > mark);
      return renamed.reduce(withPerson, message);
    });
  }
}
