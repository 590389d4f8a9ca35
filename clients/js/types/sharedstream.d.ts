/** @typedef {{
 *   kind: "ask" | "lead" | "state" | "hello" | "event" | "fresh" | "heard",
 *   lastId: string,
 *   state: import("./stream.js").StreamState,
 *   detail?: any,
 * }} Note */
/** @typedef {{
 *   locks?: Pick<LockManager, "request">,
 *   BroadcastChannel?: typeof globalThis.BroadcastChannel,
 * }} Sharing */
/** As Stream, for this tab and others. @extends {Emitter<import("./stream.js").StreamEvents>} */
export class SharedStream extends Emitter<import("./stream.js").StreamEvents> {
    /**
     * @param {import("./stream.js").Stream} stream
     * @param {string} name of the lock and the channel: the same for the tabs that share
     * @param {Sharing} sharing
     */
    constructor(stream: import("./stream.js").Stream, name: string, { locks, BroadcastChannel }: Sharing);
    /** @type {import("./stream.js").StreamState} */
    state: import("./stream.js").StreamState;
    isLeading: boolean;
    stream: import("./stream.js").Stream;
    clock: import("./clock.js").Clock;
    name: string;
    locks: Pick<LockManager, "request"> | undefined;
    Channel: {
        new (name: string): BroadcastChannel;
        prototype: BroadcastChannel;
    } | undefined;
    open(): void;
    /** Read here, whichever tab does now: after a sleep, when the network is back, or because a person wants this one. */
    take(): void;
    /** The network is back. */
    reopen(): void;
    /** The network is gone. */
    suspend(): void;
    close(): void;
    #private;
}
export type Note = {
    kind: "ask" | "lead" | "state" | "hello" | "event" | "fresh" | "heard";
    lastId: string;
    state: import("./stream.js").StreamState;
    detail?: any;
};
export type Sharing = {
    locks?: Pick<LockManager, "request">;
    BroadcastChannel?: typeof globalThis.BroadcastChannel;
};
import { Emitter } from "./emitter.js";
