// Pages of a room's history, with what is told of their messages while they are fetched.

const PAGE = 50;

/** @typedef {import("./schema.js").Message} Message */
/** @typedef {{id: number, change: (message: Message) => Message}} ToldChange */

export class HistoryPages {
  /** What changes messages while a page is being fetched. @type {Set<ToldChange[]>} */
  #heard = new Set();

  /**
   * @param {import("./store.js").Store} store
   * @param {number} roomId
   */
  constructor(store, roomId) {
    this.store = store;
    this.roomId = roomId;
  }

  /**
   * What changes a message, which may be newer than a page that is under way.
   * @param {number} id
   * @param {(message: Message) => Message} change
   */
  note(id, change) {
    this.#heard.forEach((heard) => heard.push({ id, change }));
  }

  /**
   * @param {import("./api.js").Query} query
   * @returns {Promise<import("./run.js").Page>}
   */
  async fetch(query) {
    const { mark } = this.store.known;
    /** @type {ToldChange[]} */
    const heard = [];
    this.#heard.add(heard);
    try {
      const page = await this.store.api.get(`/api/v1/rooms/${this.roomId}/messages/`, { limit: PAGE, ...query });
      const results = page.results.map((/** @type {Message} */ message) =>
        heard.filter(({ id }) => id === message.id).reduce((known, { change }) => change(known), message),
      );
      return { ...page, results: this.store.known.named(results, mark) };
    } finally {
      this.#heard.delete(heard);
    }
  }
}
