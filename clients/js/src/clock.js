// Time and chance, so that tests can set them.

/**
 * @typedef {{
 *   now: () => number,
 *   setTimeout: (act: () => void, milliseconds: number) => any,
 *   clearTimeout: (timer: any) => void,
 *   random: () => number,
 * }} Clock
 */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (act, milliseconds) => setTimeout(act, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};

/**
 * @param {Clock} clock
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
export function pause(clock, milliseconds) {
  return new Promise((resolve) => clock.setTimeout(resolve, milliseconds));
}
