export class Views {
    /**
     * @param {import("./store.js").Store} store
     * @param {number} roomId
     * @param {() => number | null} placeOf
     */
    openTimeline(store: import("./store.js").Store, roomId: number, placeOf: () => number | null): Timeline;
    /**
     * @param {import("./store.js").Store} store
     * @param {number} roomId
     */
    openMembers(store: import("./store.js").Store, roomId: number): MemberList;
    /** Fetch them anew: after a reset. Each timeline tries again by itself. */
    reload(): Promise<void>;
    /** The server is there again. */
    recover(): void;
    #private;
}
import { Timeline } from "./timeline.js";
import { MemberList } from "./memberlist.js";
