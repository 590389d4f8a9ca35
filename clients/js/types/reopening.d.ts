export class Reopening {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    /** What the server said of it last, in ms. @type {number | null} */
    retry: number | null;
    clock: import("./clock.js").Clock;
    credential: import("./credential.js").Credential;
    /** The stream is live from now on. */
    begin(): void;
    /** In ms, where the network is away. */
    wait(): number;
    /**
     * In ms, after the end of a connection: by a bye, by an error, or just so.
     * @param {string | null} bye
     * @param {import("./errors.js").ChatError | null} error
     */
    waitAfter(bye: string | null, error: import("./errors.js").ChatError | null): number;
    #private;
}
