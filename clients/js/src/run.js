// A run of a room's messages without a gap, each once, and those that are held until they join it.

import { withPerson } from "./threads.js";
import { newerMessage } from "./versions.js";

// What is far from the reader is dropped, and fetched again when they come near.
const MOST = 400;

/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./api.js").ListPage<Message>} Page */

/** Where it stands in the room's history, which has no replies. @param {Message | undefined} message */
const placeOf = (message) => message?.place ?? message?.main_seq ?? message?.seq ?? 0;

export class Run {
  /** Oldest first. @type {Message[]} */
  messages = [];
  hasOlder = false;
  /** The run ends before the room does. */
  hasNewer = false;
  /** @type {Map<number, Message>} */
  #held = new Map();

  /** How many messages lie between the run and the first one that is held; 0 if none is. */
  get gap() {
    return this.#held.size ? Math.min(...this.#held.keys()) - placeOf(this.messages.at(-1)) : 0;
  }

  /** @param {Page} page */
  replace(page) {
    this.messages = page.results;
    this.hasOlder = page.previous !== null;
    this.hasNewer = page.next !== null;
    this.#join();
  }

  /** @param {Page} page */
  addOlder(page) {
    this.messages = [...page.results, ...this.messages];
    this.hasOlder = page.previous !== null;
    this.#join();
    this.drop(false);
  }

  /** @param {Page} page */
  addNewer(page) {
    this.messages = [...this.messages, ...page.results];
    this.hasNewer = page.next !== null;
    this.#join();
    this.drop(true);
  }

  /**
   * What lies between the run and what is held. A held version is of an event, and those that follow it come, too.
   * @param {Page} page
   */
  fill(page) {
    page.results.forEach((message) => this.#keep(message, newerMessage(message, this.#held.get(placeOf(message)))));
    this.#join();
  }

  /**
   * A newer version of a message that is here.
   * @param {Message} message
   */
  update(message) {
    const index = placeOf(message) - this.#first;
    const known = this.messages[index];
    if (known) this.messages[index] = newerMessage(known, message) ?? known;
    return known !== undefined;
  }

  /**
   * Change the message with this id, where it is here.
   * @param {number} id
   * @param {(message: Message) => Message} change
   */
  change(id, change) {
    const index = this.messages.findIndex((message) => message.id === id);
    if (index >= 0) this.messages[index] = change(this.messages[index]);
    this.#held.forEach((held, place) => held.id === id && this.#held.set(place, change(held)));
  }

  /**
   * Take it in as soon as it joins.
   * @param {Message} message
   * @param {boolean} isFetching a page that is fetched at this moment may be older
   */
  hold(message, isFetching) {
    this.#keep(message, newerMessage(this.#held.get(placeOf(message)), message));
    if (!isFetching) this.#join();
  }

  /** @param {import("./schema.js").Person} person */
  rename(person) {
    const named = (/** @type {Message} */ message) => withPerson(message, person);
    this.messages = this.messages.map(named);
    this.#held.forEach((message, place) => this.#held.set(place, named(message)));
  }

  /**
   * Keep it short: without the oldest, or without the newest messages.
   * @param {boolean} ofOldest
   */
  drop(ofOldest) {
    if (this.messages.length <= MOST) return;
    this.messages = ofOldest ? this.messages.slice(-MOST / 2) : this.messages.slice(0, MOST);
    if (ofOldest) this.hasOlder = true;
    else this.leaveTheEnd();
  }

  leaveTheEnd() {
    this.hasNewer = true;
    this.#held.clear();
  }

  /** The place of the first message. */
  get #first() {
    return placeOf(this.messages[0]) || 1;
  }

  /**
   * @param {Message} message
   * @param {Message | null} newest
   */
  #keep(message, newest) {
    this.#held.set(placeOf(message), newest ?? message);
  }

  #join() {
    const first = this.#first;
    for (const [place, held] of [...this.#held].sort(([one], [other]) => one - other)) {
      const index = place - first;
      if (index > this.messages.length || (index === this.messages.length && this.hasNewer)) break;
      if (index >= 0) this.messages[index] = newerMessage(this.messages[index], held) ?? held;
      this.#held.delete(place);
    }
    if (this.hasNewer) this.#held.clear();
  }
}
