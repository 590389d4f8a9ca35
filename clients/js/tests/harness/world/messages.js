import { isText } from "./kinds.js";
import { ME_ID } from "./me.js";
import { reactionsTo } from "./reactions.js";

function message(world, room) {
  if (room.archived_at || !room.members.size) return;
  const sender = world.one([...room.members.keys()]);
  room.last_active_at = world.now();
  const posted = post(world, room, sender, {});
  room.members.get(sender).read_seq = room.messages.length;
  tell(world, "message.created", room, posted);
}

function reply(world, room) {
  const root = world.one(historyOf(room).filter(isText));
  if (room.archived_at || !room.members.size || !root) return;
  const posted = post(world, room, world.one([...room.members.keys()]), { root });
  root.last_seq = posted.thread_seq;
  tell(world, "message.created", room, posted, told(world, room, root));
}

/** The room says what somebody did there. It moves neither a marker nor the room. */
export function announce(world, room, sender, what) {
  tell(world, "message.created", room, post(world, room, sender, { what }));
}

function post(world, room, sender, { root = null, what = null }) {
  const seq = room.messages.length + 1;
  const history = historyOf(room);
  const posted = {
    id: room.id * 1000 + seq, room_id: room.id, seq, main_seq: history.filter(isText).length + (root || what ? 0 : 1),
    place: history.length + (root ? 0 : 1), thread_seq: root && root.last_seq + 1, parent_id: root && root.id,
    sent_by: sender, received_by: null, kind: what ? "system" : "text", metadata: what ?? {},
    message: `text ${seq}`, sent_at: world.now(), client_message_id: null, removed_at: null, version: 1, edited_at: null,
    who: new Map(), last_seq: 0,
  };
  room.messages.push(posted);
  return posted;
}

function edit(world, room) {
  const edited = world.one(room.messages);
  if (!edited || !isText(edited) || edited.removed_at || room.archived_at) return;
  const version = edited.version + 1;
  Object.assign(edited, { message: `text ${edited.seq}, version ${version}`, version, edited_at: world.now() });
  tell(world, "message.updated", room, edited);
}

function remove(world, room) {
  const removed = world.one(room.messages);
  if (!removed || removed.removed_at) return;
  Object.assign(removed, { message: "", metadata: {}, version: removed.version + 1, removed_at: world.now() });
  const root = room.messages.find(({ id }) => id === removed.parent_id);
  tell(world, "message.deleted", room, removed, root && told(world, room, root));
}

export const messageActs = { message, reply, edit, remove };

function tell(world, type, room, message, thread) {
  world.emit(type, room, shownMessage(world, message), isSeen(room, message), thread);
}

/** Whether I see a message: who came late may see no older ones, nor replies to these. */
export function isSeen(room, { seq, parent_id }) {
  const me = room.members.get(ME_ID);
  return me !== undefined && me.visible_from_seq <= (room.messages.find(({ id }) => id === parent_id)?.seq ?? seq);
}

export function seenHistoryOf(room) {
  return historyOf(room).filter((message) => isSeen(room, message));
}

/** Without replies. */
export function historyOf(room) {
  return room.messages.filter(({ parent_id }) => parent_id === null);
}

function thread(world, room, root) {
  const replies = room.messages.filter(({ parent_id, removed_at }) => parent_id === root.id && !removed_at);
  const ids = [...new Set(replies.map(({ sent_by }) => sent_by))].slice(0, 3);
  const participants = ids.map((id) => world.people.get(id));
  return { reply_count: replies.length, last_seq: root.last_seq, last_reply_at: replies.at(-1)?.sent_at ?? null, participants };
}

function told(world, room, root) {
  return { root_id: root.id, ...thread(world, room, root) };
}

export function shownMessage(world, { who, last_seq, ...shown }) {
  return { ...shown, sender: world.people.get(shown.sent_by) };
}

export function pageOf(world, room, { after = 0, limit }) {
  const history = seenHistoryOf(room);
  const found = history.filter(({ id }) => id > after);
  const some = after ? found.slice(0, limit) : found.slice(-limit);
  const isEnd = some.at(-1) === history.at(-1);
  const shown = (each) => {
    const totals = thread(world, room, each);
    const reactions = each.removed_at ? [] : reactionsTo(each);
    return { ...shownMessage(world, each), reactions, thread: totals.reply_count ? totals : null };
  };
  return { results: some.map(shown), next: isEnd ? null : some.at(-1).id, previous: some.length && some[0] !== history[0] ? some[0].id : null };
}
