/** @typedef {"connecting" | "live" | "reconnecting" | "crowded" | "closed"} StreamState */
/** @typedef {{
 *   state: StreamState,
 *   hello: import("./schema.js").Hello,
 *   event: import("./schema.js").ChatEvent,
 *   fresh: undefined,
 *   heard: undefined,
 *   ended: string,
 * }} StreamEvents */
/**
 * Emits `state`; `hello`; `event`; `fresh` where everything must be fetched again; `heard` after each chunk; `ended`
 * with the reason when the server does not want it back.
 *
 * @extends {Emitter<StreamEvents>}
 */
export class Stream extends Emitter<StreamEvents> {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    /** @type {StreamState} */
    state: StreamState;
    /** Where to continue; "" for now. */
    lastId: string;
    api: import("./api.js").Api;
    clock: import("./clock.js").Clock;
    /** Open, or open anew, now. */
    open(): void;
    /** Open anew, if it is meant to be open. */
    reopen(): void;
    /** Without a network nothing is live, whatever the old connection says. */
    suspend(): void;
    close(): void;
    #private;
}
export type StreamState = "connecting" | "live" | "reconnecting" | "crowded" | "closed";
export type StreamEvents = {
    state: StreamState;
    hello: import("./schema.js").Hello;
    event: import("./schema.js").ChatEvent;
    fresh: undefined;
    heard: undefined;
    ended: string;
};
import { Emitter } from "./emitter.js";
