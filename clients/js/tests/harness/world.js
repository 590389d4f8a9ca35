// What a ChatServer holds, in memory: it changes by chance, tells events of it, and answers as REST does. Answers and
// events take their time, so that each answer may be older or newer than the events around it.

const PEOPLE = 6;
export const ME_ID = 1;

/** Numbers by chance, the same for the same seed. */
export function chanceOf(seed) {
  let state = seed + 0x6d2b79f5;
  return () => {
    state = Math.imul(state ^ (state >>> 15), state | 1);
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
    return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
  };
}

const newSettings = () => ({ notify: "all", muted_until: null, pinned: false, hidden_seq: null });

export class World {
  rooms = new Map();
  people = new Map();
  blocked = new Set();
  invitations = new Map();
  onevent = () => {};
  #position = 0;
  #ids = 0;
  #seconds = 0;

  constructor(clock, chance) {
    this.clock = clock;
    this.chance = chance;
    for (let id = 1; id <= PEOPLE; id += 1) {
      this.people.set(id, { id, username: `person ${id}`, display_name: "", avatar_url: "", is_deleted: false });
    }
    for (let count = 0; count < 3; count += 1) this.create();
  }

  /** As the client's Api. */
  get api() {
    const get = (path, query = {}) => this.#later(() => this.#answer(path, query));
    return { clock: this.clock, get, getAll: async (path, query) => (await get(path, { ...query, limit: 1000 })).results };
  }

  /** Something happens. */
  act() {
    const acts = ["message", "message", "message", "reply", "reply", "edit", "react", "react", "remove", "rename", "archive", "create", "join", "leave", "name", "read", "unread", "role", "hide", "pin", "block", "invite"];
    this[this.#one(acts)](this.#one([...this.rooms.values()]));
  }

  create() {
    const room = {
      id: (this.#ids += 1), kind: this.#one(["closed", "direct"]), name: "a room", description: "", created_at: this.#now(),
      archived_at: null, last_active_at: this.#now(), members: new Map(), messages: [],
    };
    const others = room.kind === "direct" ? [2 + Math.floor(this.chance() * (PEOPLE - 1))] : [2, 3];
    for (const id of [ME_ID, ...others]) room.members.set(id, { role: "member", joined_at: this.#now(), read_seq: 0, settings: newSettings() });
    this.rooms.set(room.id, room);
    this.#emit("room.created", room, this.#room(room));
  }

  message(room) {
    if (room.archived_at || !room.members.size) return;
    const sender = this.#one([...room.members.keys()]);
    room.last_active_at = this.#now();
    this.#post(room, sender, null);
    room.members.get(sender).read_seq = room.messages.length;
    this.#emit("message.created", room, this.#message(room.messages.at(-1)));
  }

  reply(room) {
    const root = this.#one(this.#history(room));
    if (room.archived_at || !room.members.size || !root) return;
    const reply = this.#post(room, this.#one([...room.members.keys()]), root);
    root.last_seq = reply.thread_seq;
    this.#emit("message.created", room, this.#message(reply), undefined, this.#told(room, root));
  }

  #post(room, sender, root) {
    const seq = room.messages.length + 1;
    const message = {
      id: room.id * 1000 + seq, room_id: room.id, seq, main_seq: this.#history(room).length + (root ? 0 : 1),
      thread_seq: root && root.last_seq + 1, parent_id: root && root.id, sent_by: sender, received_by: null,
      message: `text ${seq}`, sent_at: this.#now(), client_message_id: null, removed_at: null, version: 1, edited_at: null,
      who: new Map(), last_seq: 0,
    };
    room.messages.push(message);
    return message;
  }

  /** Without replies. */
  #history(room) {
    return room.messages.filter(({ parent_id }) => parent_id === null);
  }

  #thread(room, root) {
    const replies = room.messages.filter(({ parent_id, removed_at }) => parent_id === root.id && !removed_at);
    const ids = [...new Set(replies.map(({ sent_by }) => sent_by))].slice(0, 3);
    const participants = ids.map((id) => this.people.get(id));
    return { reply_count: replies.length, last_seq: root.last_seq, last_reply_at: replies.at(-1)?.sent_at ?? null, participants };
  }

  #told(room, root) {
    return { root_id: root.id, ...this.#thread(room, root) };
  }

  edit(room) {
    const message = this.#one(room.messages);
    if (!message || message.removed_at || room.archived_at) return;
    const version = message.version + 1;
    Object.assign(message, { message: `text ${message.seq}, version ${version}`, version, edited_at: this.#now() });
    this.#emit("message.updated", room, this.#message(message));
  }

  react(room) {
    const message = this.#one(room.messages);
    if (!message || message.removed_at || room.archived_at) return;
    const [userId, emoji] = [this.#one([...this.people.keys()]), this.#one(["a", "b", "c"])];
    const who = message.who.get(emoji) ?? message.who.set(emoji, new Set()).get(emoji);
    const type = who.has(userId) ? "reaction.removed" : "reaction.added";
    if (!who.delete(userId)) who.add(userId);
    const change = { message_id: message.id, room_id: room.id, seq: message.seq, user_id: userId, emoji, count: who.size };
    this.#emit(type, room, change);
  }

  remove(room) {
    const message = this.#one(room.messages);
    if (!message || message.removed_at) return;
    Object.assign(message, { message: "", version: message.version + 1, removed_at: this.#now() });
    const root = room.messages.find(({ id }) => id === message.parent_id);
    this.#emit("message.deleted", room, this.#message(message), undefined, root && this.#told(room, root));
  }

  rename(room) {
    room.name = `name ${this.#seconds}`;
    this.#emit("room.updated", room, this.#room(room));
  }

  archive(room) {
    if (!room.archived_at && this.chance() > 0.4) return;
    room.archived_at = room.archived_at ? null : this.#now();
    this.#emit(room.archived_at ? "room.archived" : "room.updated", room, this.#room(room));
  }

  join(room) {
    const id = this.#one([...this.people.keys()]);
    if (room.kind === "direct" || room.members.has(id)) return;
    room.members.set(id, { role: "member", joined_at: this.#now(), read_seq: room.messages.length, settings: newSettings() });
    this.#emit("member.added", room, this.#member(room, id));
  }

  leave(room) {
    const id = this.#one([...room.members.keys()]);
    if (room.kind === "direct" || id === undefined) return;
    const member = this.#member(room, id);
    this.#emit("member.removed", room, member);
    room.members.delete(id);
    if (id === ME_ID) this.#emit("room.left", room, { room_id: room.id, reason: "left" }, true);
  }

  name() {
    const person = this.#one([...this.people.values()]);
    this.people.set(person.id, { ...person, display_name: `name ${this.#seconds}` });
    this.#emit("user.updated", null, this.people.get(person.id));
  }

  read(room) {
    const id = this.#one([...room.members.keys()]);
    const member = room.members.get(id);
    if (!member || member.read_seq === room.messages.length) return;
    member.read_seq = room.messages.length;
    if (room.kind === "direct" || id === ME_ID) this.#emit("read.updated", room, this.#marker(room, id, false));
  }

  /** I mark a message as unread. */
  unread(room) {
    const member = room.members.get(ME_ID);
    if (!member?.read_seq || this.chance() < 0.5) return;
    member.read_seq = Math.floor(this.chance() * member.read_seq);
    this.#emit("read.updated", room, this.#marker(room, ME_ID, true));
  }

  role(room) {
    const id = this.#one([...room.members.keys()]);
    if (room.kind === "direct" || id === undefined) return;
    room.members.get(id).role = this.#one(["moderator", "member"]);
    this.#emit("member.updated", room, this.#member(room, id));
  }

  block() {
    const id = 2 + Math.floor(this.chance() * (PEOPLE - 1));
    const isBlocked = this.blocked.delete(id);
    if (!isBlocked) this.blocked.add(id);
    const data = { user: this.people.get(id), blocked_at: this.#now() };
    this.#emit(isBlocked ? "block.removed" : "block.added", null, data);
  }

  invite(room) {
    const id = [...this.invitations.keys()].find((one) => this.invitations.get(one).room_id === room.id);
    if (id !== undefined) {
      this.invitations.delete(id);
      return this.#emit("invitation.removed", room, { id, room_id: room.id }, true);
    }
    const invitation = { id: (this.#ids += 1), room_id: room.id, inviter: this.people.get(2), user_id: ME_ID };
    this.invitations.set(invitation.id, invitation);
    this.#emit("invitation.created", room, invitation, true);
  }

  hide(room) {
    const me = room.members.get(ME_ID);
    if (me) this.#set(room, { hidden_seq: me.settings.hidden_seq === null ? room.messages.length : null });
  }

  pin(room) {
    const me = room.members.get(ME_ID);
    if (me) this.#set(room, { pinned: !me.settings.pinned });
  }

  #set(room, changes) {
    Object.assign(room.members.get(ME_ID).settings, changes);
    this.#emit("membership.updated", room, this.#settings(room));
  }

  #settings(room) {
    const { settings } = room.members.get(ME_ID);
    return { room_id: room.id, ...settings, hidden: settings.hidden_seq !== null && room.messages.length <= settings.hidden_seq };
  }

  #marker(room, id, is_back) {
    const seq = room.members.get(id).read_seq;
    return { room_id: room.id, user_id: id, seq, read_main_seq: this.#mainAt(room, seq), is_back };
  }

  #mainAt(room, seq) {
    return room.messages[seq - 1]?.main_seq ?? 0;
  }

  #emit(type, room, data, isMine = room === null || room.members.has(ME_ID), thread = undefined) {
    this.#seconds += 1;
    this.#position += 1;
    const event = { position: this.#position, type, room_id: room?.id ?? null, actor_id: 2, at: this.#now(), data, thread };
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
    if (path === "/api/v1/sync/") return { rooms: this.#mine(), next: null, blocks: [...this.blocked], invitations: [...this.invitations.values()] };
    const room = this.rooms.get(Number(roomId));
    if (!room.members.has(ME_ID)) throw new this.NotFound(404);
    if (what === "members") return page([...room.members.keys()].sort((a, b) => a - b).map((id) => this.#member(room, id)));
    if (what === "messages") return this.#page(room, query);
    return this.#fullRoom(room);
  }

  #mine() {
    const mine = [...this.rooms.values()].filter(({ members, archived_at }) => members.has(ME_ID) && archived_at === null);
    return mine.sort((one, other) => (one.last_active_at < other.last_active_at ? 1 : -1)).map((room) => this.#fullRoom(room));
  }

  #page(room, { after = 0, limit }) {
    const history = this.#history(room);
    const found = history.filter(({ id }) => id > after);
    const some = after ? found.slice(0, limit) : found.slice(-limit);
    const isEnd = some.at(-1) === history.at(-1);
    const shown = (message) => {
      const thread = this.#thread(room, message);
      const reactions = message.removed_at ? [] : this.#reactions(message);
      return { ...this.#message(message), reactions, thread: thread.reply_count ? thread : null };
    };
    return { results: some.map(shown), next: isEnd ? null : some.at(-1).id, previous: some[0]?.main_seq > 1 ? some[0].id : null };
  }

  #reactions({ who }) {
    const counts = [...who].filter(([, people]) => people.size);
    const shown = counts.map(([emoji, people]) => ({ emoji, count: people.size, mine: people.has(ME_ID) }));
    return shown.sort((one, other) => other.count - one.count || (one.emoji < other.emoji ? -1 : 1));
  }

  #message({ who, last_seq, ...message }) {
    return { ...message, sender: this.people.get(message.sent_by) };
  }

  #member(room, id) {
    const { settings, ...member } = room.members.get(id);
    return { room_id: room.id, user: this.people.get(id), ...member };
  }

  #room({ members, messages, ...room }) {
    const people = room.kind === "direct" ? [...members.keys()].map((id) => this.people.get(id)) : null;
    return { ...room, people, last_seq: messages.length, main_seq: messages.at(-1)?.main_seq ?? 0, members_count: members.size };
  }

  #fullRoom(room) {
    const me = room.members.get(ME_ID);
    const last = this.#history(room).at(-1);
    const read_main_seq = this.#mainAt(room, me.read_seq);
    const unread = this.#mainAt(room, room.messages.length) - read_main_seq;
    const mine = { role: me.role, read_seq: me.read_seq, read_main_seq, unread, mentions: 0, me: this.#settings(room) };
    return { ...this.#room(room), ...mine, last_message: last ? this.#message(last) : null };
  }

  #now() {
    return new Date(Date.UTC(2026, 10, 28) + this.#seconds * 1000).toISOString();
  }

  #one(list) {
    return list[Math.floor(this.chance() * list.length)];
  }
}
