// Which of two versions of an object is the newer one.

import { laterMarker } from "./markers.js";

/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */

/**
 * The newer of two messages; of the same one, the later version: what was removed stays so.
 * @param {Message | null | undefined} one
 * @param {Message | null | undefined} other
 * @returns {Message | null}
 */
export function newerMessage(one, other) {
  if (!one || !other) return one ?? other ?? null;
  if (one.seq === other.seq) return newerState(one, other);
  return one.seq > other.seq ? one : other;
}

/**
 * Of two states of one message. Events show neither reactions nor the thread, so those that are known stay.
 * @param {Message} one
 * @param {Message} other
 * @returns {Message}
 */
function newerState(one, other) {
  const newer = one.removed_at || (one.version ?? 1) > (other.version ?? 1) ? one : other;
  const known = one.reactions ?? other.reactions;
  const thread = one.thread === undefined ? other.thread : one.thread;
  const threaded = thread === undefined ? newer : { ...newer, thread };
  return known === undefined ? threaded : { ...threaded, reactions: newer.removed_at ? [] : known };
}

/**
 * The later of two times in UTC.
 * @param {string} one
 * @param {string} other
 */
export const laterTime = (one, other) => (one > other ? one : other);

/**
 * What I set for myself in a room: a hidden one shows again as soon as somebody writes there, other than in a thread.
 * @param {import("./schema.js").MemberSettings | null} settings
 * @param {number} mainSeq of the room
 */
export function settingsAt(settings, mainSeq) {
  return settings && { ...settings, hidden: settings.hidden_seq !== null && mainSeq <= settings.hidden_seq };
}

/**
 * What is known of a room, with what an answer or an event says of it. Numbers only rise.
 * @param {StoredRoom | undefined} known
 * @param {import("./schema.js").Room & Partial<import("./schema.js").FullRoom>} room
 * @param {number} place if it is new, or has news
 * @returns {StoredRoom}
 */
export function mergedRoom(known, room, place) {
  const last = Math.max(room.last_seq, known?.last_seq ?? 0);
  const main = Math.max(room.main_seq ?? room.last_seq, known?.main_seq ?? 0);
  const read = laterMarker(known, room);
  return {
    role: "member",
    visible_from_seq: 0,
    ...known,
    ...room,
    place: known?.last_seq === last ? known.place : place,
    last_seq: last,
    main_seq: main,
    ...read,
    unread: Math.max(0, main - read.read_main_seq),
    mentions: room.mentions ?? known?.mentions ?? null,
    me: settingsAt(room.me ?? known?.me ?? null, main),
    last_message: newerMessage(known?.last_message, room.last_message),
    last_active_at: laterTime(room.last_active_at, known?.last_active_at ?? ""),
  };
}
