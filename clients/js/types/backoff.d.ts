export class Backoff {
    /** @param {import("./clock.js").Clock} clock */
    constructor(clock: import("./clock.js").Clock);
    clock: import("./clock.js").Clock;
    /**
     * Milliseconds until the next attempt. Not less than the server's Retry-After, which clients must not all keep to
     * the millisecond.
     * @param {number | null} [retryAfter] in seconds
     */
    next(retryAfter?: number | null): number;
    /** It worked. */
    reset(): void;
    #private;
}
