/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
/**
 * The most recently active one first. Times are whole seconds; `place` says what came in which order within one.
 * @param {StoredRoom} one
 * @param {StoredRoom} other
 */
export function byActivity(one: StoredRoom, other: StoredRoom): number;
/**
 * As they happened; those without a position at the end.
 * @param {ChatEvent} one
 * @param {ChatEvent} other
 */
export function byPosition(one: ChatEvent, other: ChatEvent): number;
export type StoredRoom = import("./storedrooms.js").StoredRoom;
export type ChatEvent = import("./schema.js").ChatEvent;
