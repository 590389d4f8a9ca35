// The timelines and lists of members that are open, for what concerns them all.

import { MemberList } from "./memberlist.js";
import { Timeline } from "./timeline.js";

export class Views {
  /** @type {Set<Timeline>} */
  #timelines = new Set();
  /** @type {Set<MemberList>} */
  #lists = new Set();

  /**
   * @param {import("./store.js").Store} store
   * @param {number} roomId
   * @param {() => number | null} placeOf
   */
  openTimeline(store, roomId, placeOf) {
    const timeline = new Timeline(store, roomId, placeOf);
    this.#timelines.add(timeline);
    timeline.onclose = () => this.#timelines.delete(timeline);
    timeline.load();
    return timeline;
  }

  /**
   * @param {import("./store.js").Store} store
   * @param {number} roomId
   */
  openMembers(store, roomId) {
    const list = new MemberList(store, roomId);
    this.#lists.add(list);
    list.onclose = () => this.#lists.delete(list);
    return list;
  }

  /** Fetch them anew: after a reset. Each timeline tries again by itself. */
  async reload() {
    await Promise.all([...this.#timelines].map((timeline) => timeline.reload()));
    await Promise.all([...this.#lists].map((list) => list.reload()));
  }

  /** The server is there again. */
  recover() {
    this.#timelines.forEach((timeline) => timeline.recover());
  }
}
