// The event stream. After a lost connection EventSource comes back by itself and sends Last-Event-ID. If it gives up
// (any answer but 200), this opens a new one with the last id.
//
// Dispatches "event" (detail: {type, room_id, actor_id, at, data}), "fresh" (fetch everything again),
// "hello" and "state" (detail: connecting | live | reconnecting | crowded).

import { get } from "./api.js";
import { byId } from "./dom.js";
import { addressOf } from "./place.js";

const ADDRESS = addressOf("/api/v1/stream");
const EVENTS = JSON.parse(byId("event-types").textContent);
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;
const AFTER_BYE = 1_000;
// The server says something each 15 s. After a silence this long the connection is dead, or the computer slept.
const LONGEST_SILENCE = 40_000;
const CHECK_EVERY = 5_000;

export class Stream extends EventTarget {
  #source = null;
  #lastId = "";
  #wait = FIRST_WAIT;
  #timer = null;
  #heardAt = Date.now();

  constructor() {
    super();
    addEventListener("online", () => this.reopen());
    addEventListener("offline", () => this.#suspend());
    setInterval(() => this.#noticeSilence(), CHECK_EVERY);
  }

  open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const query = this.#lastId ? `?last_event_id=${this.#lastId}` : "";
    const source = (this.#source = new EventSource(ADDRESS + query));
    this.#heardAt = Date.now();
    const on = (name, act) =>
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        this.#heardAt = Date.now();
        if (event.lastEventId) this.#lastId = event.lastEventId;
        act(JSON.parse(event.data));
      });
    on("hello", (data) => this.#greet(data));
    on("heartbeat", () => {});
    on("reset", () => this.#announce("fresh"));
    on("bye", (data) => this.#part(data.reason));
    for (const name of EVENTS) on(name, (event) => this.#announce("event", event));
    source.onerror = () => source === this.#source && this.#lose();
  }

  /** Open again now, if it was open at all. */
  reopen() {
    if (this.#source) this.open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #greet(hello) {
    this.#wait = FIRST_WAIT;
    this.#announce("state", "live");
    this.#announce("hello", hello);
    if (!hello.resumed) this.#announce("fresh");
  }

  #part(reason) {
    if (reason === "shutdown") return; // the browser comes back when `retry:` says
    if (reason === "too_many_streams") {
      // To come back would close the stream of the next window, and so on for ever.
      this.#source.close();
      this.#announce("state", "crowded");
      return;
    }
    // A right has ended or changed: reconnect with what is left of it. Not at once: if a new sign-in ended the old
    // session, its cookie may not be set yet, and an answer to the old one would delete the new one.
    this.#source.close();
    this.#announce("state", "reconnecting");
    this.#timer = setTimeout(() => this.open(), AFTER_BYE);
  }

  #lose() {
    this.#announce("state", "reconnecting");
    if (this.#source.readyState !== EventSource.CLOSED) return;
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    this.#timer = setTimeout(() => this.open(), wait);
    // EventSource hides the status. If it was a 401, this call gets it as well and shows the sign-in.
    get("/api/v1/users/me/").catch(() => {});
  }

  #noticeSilence() {
    if (!this.#source || Date.now() - this.#heardAt < LONGEST_SILENCE) return;
    this.#announce("state", "reconnecting");
    this.open();
  }

  /** Without a network nothing is live, whatever the old connection says. */
  #suspend() {
    if (!this.#source) return;
    clearTimeout(this.#timer);
    this.#source.close();
    this.#announce("state", "reconnecting");
  }

  #announce(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
