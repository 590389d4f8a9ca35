// What messages and markers change in a room that is mine: the last message, and what is unread.

import { laterMarker } from "./markers.js";
import { laterTime, newerMessage, settingsAt } from "./versions.js";

const MOST_MENTIONS = 100;

/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {import("./markers.js").Marker} Marker */
/** @typedef {Omit<import("./schema.js").MovedReadMarker, "user_id">} ToldMarker */

/**
 * Returns whether it moves the room up. A reply in a thread has a seq, and changes nothing else; a system message is the
 * last one of the room, and is never unread.
 * @param {StoredRoom} room
 * @param {Message} message
 * @param {number} me my id
 * @param {boolean} isTold an event says that it was posted
 */
export function addMessage(room, message, me, isTold) {
  const isSystem = message.kind === "system";
  const isMine = message.sent_by === me && !isSystem;
  const isNew = message.seq > room.last_seq;
  const main = message.main_seq ?? message.seq;
  if (isNew) Object.assign(room, { last_seq: message.seq, main_seq: main });
  if (isNew && !message.parent_id && !isSystem) room.last_active_at = laterTime(message.sent_at, room.last_active_at);
  room.me = settingsAt(room.me, room.main_seq ?? room.last_seq);
  if (message.parent_id) return false;
  // Rooms show it without.
  const { reactions, thread, ...shown } = message;
  room.last_message = newerMessage(room.last_message, shown);
  // Who sends has read. A late answer to that is no news: the marker may have moved back since.
  moveMarker(room, isMine && (isNew || isTold) ? { read_seq: message.seq, read_main_seq: main } : room);
  if (isNew && room.unread && isMention(message, me)) room.mentions = Math.min(MOST_MENTIONS, (room.mentions ?? 0) + 1);
  return isNew && !isSystem;
}

/**
 * Returns whether the mentions have to be counted anew.
 * @param {StoredRoom} room
 * @param {Marker} marker
 * @param {boolean} [isBack] else a lower one is old news
 */
export function moveMarker(room, marker, isBack = false) {
  const before = room.read_seq;
  Object.assign(room, laterMarker(isBack ? undefined : room, marker));
  room.unread = Math.max(0, (room.main_seq ?? room.last_seq) - (room.read_main_seq ?? 0));
  // Which of them are read, the server knows.
  if (room.mentions && room.unread === 0) room.mentions = 0;
  return room.read_seq !== before && (isBack || Boolean(room.mentions));
}

/**
 * The marker at a seq, as if what comes after it were no replies: at most what it is.
 * @param {StoredRoom} room
 * @param {number} seq
 * @returns {Marker}
 */
export function markerAt(room, seq) {
  return { read_seq: seq, read_main_seq: Math.max(0, (room.main_seq ?? room.last_seq) - Math.max(0, room.last_seq - seq)) };
}

/**
 * Whether it mentions me, or the room.
 * @param {Message} message
 * @param {number} me
 */
const isMention = ({ mentions = [] }, me) => mentions.some(({ user_id, room }) => user_id === me || room);
