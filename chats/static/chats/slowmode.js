// Slow mode: from when on I may write in a room again. It is counted from what I sent; where the server says otherwise, it knows better.

import { chat } from "./chat.js";
import { moderates } from "./messagerights.js";

const SECOND = 1_000;
/** By room. */
const ends = new Map();

/** 0: none. */
export function secondsToWait(room) {
  if (!room?.slow_mode_seconds || moderates(room)) return 0;
  return Math.max(0, Math.ceil(((ends.get(room.id) ?? 0) - Date.now()) / SECOND));
}

/** `whenChanged` is called with the id of a room where the time has changed. */
export function watchSlowMode(whenChanged) {
  const wait = (roomId, seconds) => {
    if (!seconds) return;
    ends.set(roomId, Date.now() + seconds * SECOND);
    whenChanged(roomId);
  };
  const slowness = (roomId) => chat.store.rooms.get(roomId)?.slow_mode_seconds ?? 0;
  chat.outbox.on("sent", ({ message }) => wait(message.room_id, slowness(message.room_id)));
  chat.outbox.on("delayed", ({ item, error }) => error.code === "slow_mode" && wait(item.to.room_id, error.retryAfter));
}
