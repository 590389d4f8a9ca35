export class Activity {
    /** @param {Pick<import("./api.js").Api, "clock" | "request">} api */
    constructor(api: Pick<import("./api.js").Api, "clock" | "request">);
    api: Pick<import("./api.js").Api, "clock" | "request">;
    clock: import("./clock.js").Clock;
    /** The person does something. Told once in a while; it does not matter if it fails. */
    note(): void;
    /** The stream was opened. After a while without one, the server no longer knows what was reported. */
    opened(): void;
    /** There is no stream. */
    closed(): void;
    /** In a page, from now on. Other programs call note(). */
    watch(): void;
    close(): void;
    #private;
}
