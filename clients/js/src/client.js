// The client: one person at one server. REST, one stream, and a store that both keep up to date.

import { Activity } from "./activity.js";
import { Api } from "./api.js";
import { systemClock } from "./clock.js";
import { Credential } from "./credential.js";
import { Emitter } from "./emitter.js";
import { ChatError } from "./errors.js";
import { Invitations } from "./invitations.js";
import { Messages } from "./messages.js";
import { tabStorage } from "./options.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { ReadMarkers } from "./readmarkers.js";
import { Members, Rooms } from "./rooms.js";
import { Session } from "./session.js";
import { SharedStream } from "./sharedstream.js";
import { Snapshot } from "./snapshot.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { Threads } from "./threads.js";
import { Typing } from "./typing.js";
import { Views } from "./views.js";
import { whoAmI } from "./whoami.js";

// Rooms of very many people send no presence; this keeps it up to date there.
const REFRESH_ONLINE = 60_000;

/** @typedef {{
 *   state: import("./stream.js").StreamState,
 *   event: import("./schema.js").ChatEvent,
 *   loaded: undefined,
 *   problem: ChatError,
 *   signedOut: string,
 * }} ClientEvents */

/**
 * Emits `state` of the connection; `event` for each event, once; `loaded` after a snapshot; `problem` where an attempt
 * fails that is made again; `signedOut` with the reason, after which this client is closed.
 *
 * @extends {Emitter<ClientEvents>}
 */
export class ChatClient extends Emitter {
  /** @type {SharedStream | null} */
  #stream = null;
  #views = new Views();
  /** @type {(() => void)[]} */
  #ends = [];
  #isOpen = false;
  #attempt = 0;
  /** @type {any} */
  #timer = null;
  #snapshot;
  #options;

  /** @param {import("./options.js").ClientOptions} [options] */
  constructor(options = {}) {
    super();
    this.#options = options;
    const { url = "", token, fetch = globalThis.fetch, clock = systemClock } = options;
    this.clock = clock;
    this.api = new Api({ url, fetch, clock, credential: new Credential(token, clock) });
    this.api.onrefused = () => this.#signOut("signed_out");
    this.session = new Session(this.api);
    this.people = new People(this.api);
    this.rooms = new Rooms(this.api);
    this.members = new Members(this.api);
    this.invitations = new Invitations(this.api);
    this.messages = new Messages(this.api);
    this.threads = new Threads(this.api);
    this.store = new Store(this.api);
    this.typing = new Typing(this.store);
    this.activity = new Activity(this.api);
    this.readMarkers = new ReadMarkers(this.store);
    this.#snapshot = new Snapshot(clock, () => this.#fetchAll(), (problem) => this.emit("problem", problem));
    this.outbox = new Outbox(this.store, options.storage === undefined ? tabStorage() : options.storage);
  }

  /** Of the connection. */
  get state() {
    return this.#stream?.state ?? "closed";
  }

  /**
   * Sign in, open the stream and fetch the snapshot (`loaded`). Tried again while the server is away, each failure being
   * a `problem`. Returns me. Throws ChatError 401 where nobody is signed in.
   * @returns {Promise<import("./schema.js").User>}
   */
  async connect() {
    this.close();
    const attempt = this.#attempt;
    const isWanted = () => attempt === this.#attempt;
    const { user: me } = await whoAmI(this.session, isWanted, (problem) => this.emit("problem", problem));
    if (!isWanted()) throw new ChatError(0, { detail: "The client was closed." });
    if (me === null) throw new ChatError(401, { code: "not_authenticated", detail: "Nobody is signed in." });
    this.#isOpen = true;
    this.store.me = me;
    this.store.know(me);
    const name = `chatserver ${this.api.url} ${me.id}`;
    this.#listen(name);
    this.outbox.open(`${name} outbox`);
    return me;
  }

  /** Read the stream in this tab: where the person has too many windows open, another one ends. */
  takeStream() {
    this.#stream?.take();
  }

  /** Stop everything. */
  close() {
    this.#attempt += 1;
    this.#isOpen = false;
    this.clock.clearTimeout(this.#timer);
    this.#ends.forEach((end) => end());
    this.#ends = [];
    this.#snapshot.close();
    this.outbox.close();
    this.readMarkers.close();
    this.typing.close();
    this.activity.close();
    this.store.close();
    this.#stream?.close();
  }

  /**
   * The messages of a room, kept up to date until its close().
   * @param {number} roomId
   * @param {{placeOf?: () => number | null}} [options] the seq that the reader looks at; null, the default: at the end
   */
  openTimeline(roomId, { placeOf = () => null } = {}) {
    return this.#views.openTimeline(this.store, roomId, placeOf);
  }

  /**
   * The members of a room, kept up to date until its close(). Fetched by its load().
   * @param {number} roomId
   */
  openMembers(roomId) {
    return this.#views.openMembers(this.store, roomId);
  }

  /**
   * Leave a room, and remove it from the store. How far I have read is told before: afterwards it would be 404. Throws
   * ChatError.
   * @param {number} roomId
   */
  async leaveRoom(roomId) {
    await this.readMarkers.flush();
    await this.members.remove(roomId, this.store.me.id);
    this.store.leave(roomId);
  }

  /**
   * Send a message as soon as possible, after those before it; see `outbox`.
   * @param {import("./outbox.js").Destination} to
   * @param {string} text
   */
  send(to, text) {
    if (to.room_id !== undefined) this.typing.sent(to.room_id, to.parent_id);
    return this.outbox.add(to, text);
  }

  /**
   * I have read a room up to this seq.
   * @param {number} roomId
   * @param {number} seq
   */
  markRead(roomId, seq) {
    this.readMarkers.move(roomId, seq);
  }

  /** @param {string} name */
  #listen(name) {
    const { share = true, locks = globalThis.navigator?.locks, BroadcastChannel = globalThis.BroadcastChannel } = this.#options;
    // Node has both, but no tabs.
    const canShare = share && (globalThis.document !== undefined || this.#options.locks !== undefined);
    const stream = new SharedStream(new Stream(this.api), name, canShare ? { locks, BroadcastChannel } : {});
    this.#stream = stream;
    stream.on("state", (state) => {
      if (state !== "live") this.activity.closed();
      if (state !== "live" && state !== "connecting" && this.#isOpen && !this.store.isLoaded) this.#snapshot.load();
      this.emit("state", state);
    });
    stream.on("hello", ({ user_id, resumed }) => this.#greet(user_id, resumed));
    stream.on("fresh", () => this.#snapshot.load());
    stream.on("event", (event) => {
      this.store.apply(event);
      this.emit("event", event);
    });
    stream.on("ended", (reason) => this.#signOut(reason));
    this.#on("online", () => stream.reopen());
    this.#on("online", () => this.outbox.flush());
    this.#on("offline", () => stream.suspend());
    this.#refreshOnline();
    this.activity.watch();
    stream.open();
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #on(name, act) {
    if (globalThis.document === undefined) return;
    globalThis.addEventListener(name, act);
    this.#ends.push(() => globalThis.removeEventListener(name, act));
  }

  /**
   * @param {number} userId
   * @param {boolean} isResumed
   */
  #greet(userId, isResumed) {
    // Another tab signed in as somebody else, or the token is another person's.
    if (userId !== this.store.me.id) return this.#signOut("other_user");
    this.outbox.flush();
    this.activity.opened();
    this.#views.recover();
    if (isResumed) this.store.loadOnline().catch(() => {});
  }

  async #fetchAll() {
    await this.store.load();
    if (!this.#isOpen) return;
    this.readMarkers.restore();
    await this.#views.reload();
    this.emit("loaded");
  }

  #refreshOnline() {
    this.#timer = this.clock.setTimeout(() => {
      if (!globalThis.document?.hidden) this.store.loadOnline().catch(() => {});
      this.#refreshOnline();
    }, REFRESH_ONLINE);
  }

  /** @param {string} reason */
  #signOut(reason) {
    if (!this.#isOpen) return;
    this.close();
    this.emit("signedOut", reason);
  }
}
