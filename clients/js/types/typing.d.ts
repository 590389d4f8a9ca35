/** @typedef {number | null} ParentId the root of a thread; null: the room itself */
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
     * Ids of those who are typing in a room, or in a thread there; without those whom I block.
     * @param {number} roomId
     * @param {ParentId} [parentId]
     */
    in(roomId: number, parentId?: ParentId): number[];
    /**
     * I typed something. Announced once in some seconds; it does not matter if it fails.
     * @param {number} roomId
     * @param {ParentId} [parentId]
     */
    announce(roomId: number, parentId?: ParentId): void;
    /**
     * I took back what I typed: others see it no longer.
     * @param {number} roomId
     * @param {ParentId} [parentId]
     */
    stop(roomId: number, parentId?: ParentId): void;
    /**
     * I sent it, which tells others that I am done: the next text is announced at once.
     * @param {number} roomId
     * @param {ParentId} [parentId]
     */
    sent(roomId: number, parentId?: ParentId): void;
    close(): void;
    #private;
}
/**
 * the root of a thread; null: the room itself
 */
export type ParentId = number | null;
import { Emitter } from "./emitter.js";
