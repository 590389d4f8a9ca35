// Completes @names while one writes: members of the room whose name begins so, and @room.

import { chat } from "./chat.js";
import { avatar, el } from "./dom.js";
import { personName } from "./names.js";

const BEGUN = /(?:^|[\s(])@(?<words>[\p{L}\p{M}\p{N}_.-]{0,40})$/u;
const MOST = 6;
const MOST_MEMBERS = 100;
const EVERYBODY = { id: 0, username: "room", display_name: "Everybody in this room" };

export class Completion {
  #people = [];
  #chosen = 0;
  #members = null;
  #attempt = 0;

  /** `roomOf()` is the open room or null. */
  constructor(input, list, roomOf) {
    this.input = input;
    this.list = list;
    this.roomOf = roomOf;
    input.addEventListener("input", () => this.#look());
    input.addEventListener("blur", () => this.#close());
    list.onpointerdown = (event) => event.preventDefault();
  }

  /** Whether the key chose among what is offered. */
  takes(event) {
    // The cursor may have left the name since the list was drawn.
    if (this.#words === null) this.#close();
    if (this.list.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#chosen = (this.#chosen + step + this.#people.length) % this.#people.length;
    if (step) this.#draw();
    else if (event.key === "Escape") this.#close();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.#complete(this.#people[this.#chosen]);
    else return false;
    event.preventDefault();
    return true;
  }

  get #words() {
    const { value, selectionStart, selectionEnd } = this.input;
    if (selectionStart !== selectionEnd) return null;
    return BEGUN.exec(value.slice(Math.max(0, selectionStart - 50), selectionStart))?.groups.words ?? null;
  }

  async #look() {
    const mine = (this.#attempt += 1);
    const words = this.#words?.toLowerCase() ?? null;
    const room = this.roomOf();
    if (words === null || !room) return this.#close();
    const people = await this.#find(room, words).catch(() => []);
    if (mine !== this.#attempt) return;
    const begins = (name) => name.toLowerCase().startsWith(words);
    const others = people.filter(({ id, username, display_name }) => id !== chat.store.me.id && (begins(username) || display_name.split(" ").some(begins)));
    const everybody = room.kind !== "direct" && begins(EVERYBODY.username) ? [EVERYBODY] : [];
    this.#people = [...others.slice(0, MOST), ...everybody];
    this.#chosen = 0;
    if (this.#people.length) this.#draw();
    else this.#close();
  }

  /** All members of a small room, fetched once; those of a large one by what is known of them. */
  async #find(room, words) {
    if (room.people) return room.people;
    if (room.members_count > MOST_MEMBERS) return (await chat.people.list({ q: words, limit: MOST })).results;
    if (this.#members?.roomId !== room.id) {
      const { results } = await chat.members.list(room.id, { limit: MOST_MEMBERS });
      this.#members = { roomId: room.id, people: results.map(({ user }) => user) };
    }
    return this.#members.people;
  }

  #draw() {
    const items = this.#people.map((person, index) =>
      el(
        "li",
        { id: `${this.list.id}-${index}`, role: "option", class: "choice", "aria-selected": String(index === this.#chosen), "data-testid": "completion", onclick: () => this.#complete(person) },
        person === EVERYBODY ? avatar("", 0, { symbol: "people", size: "small" }) : avatar(personName(person), person.id, { size: "small" }),
        el("span", { class: "name", dir: "auto" }, personName(person)),
        el("span", { class: "quiet", dir: "auto" }, `@${person.username}`),
      ),
    );
    this.list.replaceChildren(...items);
    this.list.hidden = false;
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.#chosen}`);
  }

  #complete({ username }) {
    const end = this.input.selectionStart;
    const start = end - (this.#words?.length ?? 0) - 1;
    this.#close();
    this.input.setRangeText(`@${username} `, start, end, "end");
    this.input.dispatchEvent(new Event("input"));
  }

  #close() {
    this.#attempt += 1;
    this.list.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
  }
}
