// Threads over REST, and what events of replies tell of them.

/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").Following} Following */
/**
 * @template Item
 * @typedef {import("./api.js").ListPage<Item>} ListPage
 */
/** The totals of a thread, as an event of a reply has them.
 * @typedef {NonNullable<import("./schema.js").MessageCreatedEvent["thread"]>} ToldThread */

/**
 * A root with the new totals of its thread.
 * @param {Message} message
 * @param {ToldThread} told
 * @returns {Message}
 */
export function withThread(message, { root_id, last_reply_at, ...totals }) {
  return { ...message, thread: last_reply_at === null ? null : { ...totals, last_reply_at } };
}

/**
 * A message where a person has a new name.
 * @param {Message} message
 * @param {Person} person
 * @returns {Message}
 */
export function withPerson(message, person) {
  const sender = message.sent_by === person.id ? person : message.sender;
  if (!message.thread) return { ...message, sender };
  const participants = message.thread.participants.map((each) => (each.id === person.id ? person : each));
  return { ...message, sender, thread: { ...message.thread, participants } };
}

export class Threads {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * A page of the threads that I follow, the latest reply first.
   * @param {{unread?: boolean, limit?: number, after?: number}} [query]
   * @returns {Promise<ListPage<Following & {unread: number, root: Message}>>}
   */
  list(query) {
    return this.api.get("/api/v1/threads/", query);
  }

  /**
   * A page of the replies to a message, the first ones first. To reply: `messages.send({ ..., parent_id })`.
   * @param {number} rootId
   * @param {{limit?: number, after?: number, before?: number}} [query] message ids
   * @returns {Promise<ListPage<Message>>}
   */
  replies(rootId, query) {
    return this.api.get(`${pathOf(rootId)}replies/`, query);
  }

  /**
   * Whether I follow a thread, and how far I have read it.
   * @param {number} rootId
   * @returns {Promise<Following>}
   */
  get(rootId) {
    return this.api.get(`${pathOf(rootId)}follow/`);
  }

  /**
   * @param {number} rootId
   * @returns {Promise<Following>}
   */
  follow(rootId) {
    return this.api.request("PUT", `${pathOf(rootId)}follow/`);
  }

  /**
   * @param {number} rootId
   * @returns {Promise<null>}
   */
  unfollow(rootId) {
    return this.api.request("DELETE", `${pathOf(rootId)}follow/`);
  }

  /**
   * I have read a thread up to this thread_seq.
   * @param {number} rootId
   * @param {number} seq
   * @returns {Promise<Following>}
   */
  markRead(rootId, seq) {
    return this.api.request("PUT", `${pathOf(rootId)}thread-read-marker/`, { seq });
  }
}

/** @param {number} rootId */
const pathOf = (rootId) => `/api/v1/messages/${rootId}/`;
