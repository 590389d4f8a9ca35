// The order of rooms in a list, and of events.

/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {import("./schema.js").ChatEvent} ChatEvent */

/**
 * The most recently active one first. Times are whole seconds; `place` says what came in which order within one.
 * @param {StoredRoom} one
 * @param {StoredRoom} other
 */
export function byActivity(one, other) {
  if (one.last_active_at !== other.last_active_at) return one.last_active_at > other.last_active_at ? -1 : 1;
  return other.place - one.place;
}

/**
 * As they happened; those without a position at the end.
 * @param {ChatEvent} one
 * @param {ChatEvent} other
 */
export function byPosition(one, other) {
  const [first, second] = [one, other].map((event) => ("position" in event ? event.position : Number.MAX_VALUE));
  return first - second;
}
