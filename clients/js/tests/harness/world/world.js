// What a ChatServer holds, in memory: it changes by chance, tells events of it, and answers as REST does. Answers and
// events take their time, so that each answer may be older or newer than the events around it.

import { invitationActs, shownInvitations } from "./invitations.js";
import { markerActs } from "./markers.js";
import { ME_ID } from "./me.js";
import { memberActs, shownMember } from "./members.js";
import { messageActs, pageOf } from "./messages.js";
import { peopleActs } from "./people.js";
import { reactionActs } from "./reactions.js";
import { create, fullRoom, roomActs } from "./rooms.js";
import { settingActs } from "./settings.js";

const PEOPLE = 6;
const ACTS = { ...messageActs, ...reactionActs, ...roomActs, ...memberActs, ...peopleActs, ...markerActs, ...settingActs, ...invitationActs };
const OFTEN = ["message", "message", "message", "reply", "reply", "edit", "react", "react", "remove", "rename", "archive", "create", "history", "history", "join", "join", "leave", "name", "read", "unread", "role", "hide", "pin", "block", "invite"];

export class World {
  rooms = new Map();
  people = new Map();
  blocked = new Set();
  invitations = new Map();
  onevent = () => {};
  ids = 0;
  seconds = 0;
  #position = 0;

  constructor(clock, chance) {
    this.clock = clock;
    this.chance = chance;
    for (let id = 1; id <= PEOPLE; id += 1) {
      this.people.set(id, { id, username: `person ${id}`, display_name: "", avatar_url: "", is_deleted: false });
    }
    for (let count = 0; count < 3; count += 1) create(this);
  }

  /** As the client's Api. */
  get api() {
    const get = (path, query = {}) => this.#later(() => this.#answer(path, query));
    return { clock: this.clock, get, getAll: async (path, query) => (await get(path, { ...query, limit: 1000 })).results };
  }

  /** Something happens; what is not said, by chance. */
  act(name = this.one(OFTEN), room = this.one([...this.rooms.values()])) {
    ACTS[name](this, room);
  }

  emit(type, room, data, isMine = room === null || room.members.has(ME_ID), thread = undefined) {
    this.seconds += 1;
    this.#position += 1;
    const event = { position: this.#position, type, room_id: room?.id ?? null, actor_id: 2, at: this.now(), data, thread };
    if (isMine) this.onevent(JSON.parse(JSON.stringify(event)));
  }

  /** Read at one moment, and answered at a later one. */
  #later(read) {
    const wait = (act) => this.clock.setTimeout(act, this.chance() * 400);
    return new Promise((resolve, reject) => {
      wait(() => {
        let answer;
        try {
          answer = JSON.parse(JSON.stringify(read()));
        } catch (error) {
          return wait(() => reject(error));
        }
        wait(() => resolve(answer));
      });
    });
  }

  #answer(path, query) {
    const [, roomId, what] = /^\/api\/v1\/rooms\/(?:(\d+)\/)?(\w+)?/.exec(path) ?? [];
    const page = (results) => ({ results, next: null, previous: null });
    if (path.startsWith("/api/v1/users/online/")) return page([]);
    if (path === "/api/v1/sync/") return { rooms: this.#mine(), next: null, blocks: [...this.blocked], invitations: shownInvitations(this) };
    const room = this.rooms.get(Number(roomId));
    if (!room.members.has(ME_ID)) throw new this.NotFound(404);
    if (what === "members") return page([...room.members.keys()].sort((a, b) => a - b).map((id) => shownMember(this, room, id)));
    if (what === "messages") return pageOf(this, room, query);
    return fullRoom(this, room);
  }

  #mine() {
    const mine = [...this.rooms.values()].filter(({ members, archived_at }) => members.has(ME_ID) && archived_at === null);
    return mine.sort((one, other) => (one.last_active_at < other.last_active_at ? 1 : -1)).map((room) => fullRoom(this, room));
  }

  now() {
    return new Date(Date.UTC(2026, 10, 28) + this.seconds * 1000).toISOString();
  }

  one(list) {
    return list[Math.floor(this.chance() * list.length)];
  }
}
