/** @typedef {import("./schema.js").Member} Member */
/** Emits `changed`. @extends {Emitter<{changed: undefined}>} */
export class MemberList extends Emitter<{
    changed: undefined;
}> {
    /**
     * @param {import("./store.js").Store} store
     * @param {number} roomId
     */
    constructor(store: import("./store.js").Store, roomId: number);
    hasMore: boolean;
    store: import("./store.js").Store;
    roomId: number;
    onclose: () => void;
    /** @returns {Member[]} */
    list(): Member[];
    /** @param {number} userId */
    get(userId: number): import("./schema.js").Member | null;
    /** Fetch the first page, or after a reset as many as there were. Throws ChatError. */
    load(): Promise<void>;
    /** After a reset. A room that is not mine any more has none. Throws ChatError where it is to be tried again. */
    reload(): Promise<void>;
    /** Fetch the next page. Throws ChatError. */
    loadMore(): Promise<void | null>;
    /** No longer follow the room. */
    close(): void;
    #private;
}
export type Member = import("./schema.js").Member;
import { Emitter } from "./emitter.js";
