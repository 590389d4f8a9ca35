/** Emits `changed` with the id of the room. @extends {Emitter<{changed: number}>} */
export class Typing extends Emitter<{
    changed: number;
}> {
    /** @param {import("./store.js").Store} store */
    constructor(store: import("./store.js").Store);
    store: import("./store.js").Store;
    api: import("./api.js").Api;
    clock: import("./clock.js").Clock;
    /**
     * Ids of those who are typing in a room.
     * @param {number} roomId
     */
    in(roomId: number): number[];
    /**
     * I typed something. Announced at most once in three seconds; it does not matter if it fails.
     * @param {number} roomId
     */
    announce(roomId: number): void;
    /**
     * I sent it: the next key is announced again.
     * @param {number} roomId
     */
    sent(roomId: number): void;
    close(): void;
    #private;
}
import { Emitter } from "./emitter.js";
