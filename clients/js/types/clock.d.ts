/**
 * @param {Clock} clock
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
export function pause(clock: Clock, milliseconds: number): Promise<void>;
/**
 * @typedef {{
 *   now: () => number,
 *   setTimeout: (act: () => void, milliseconds: number) => any,
 *   clearTimeout: (timer: any) => void,
 *   random: () => number,
 * }} Clock
 */
/** @type {Clock} */
export const systemClock: Clock;
export type Clock = {
    now: () => number;
    setTimeout: (act: () => void, milliseconds: number) => any;
    clearTimeout: (timer: any) => void;
    random: () => number;
};
