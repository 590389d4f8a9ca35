// Messages over REST. To send what must not get lost, see Outbox.

/** @typedef {import("./schema.js").Message} Message */
/** What an edited message said before. @typedef {{id: number, version: number, message: string, replaced_at: string}} EarlierText */
/**
 * @template Item
 * @typedef {import("./api.js").ListPage<Item>} ListPage
 */

export class Messages {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * A page of a room's history, oldest first; without a cursor the newest.
   * @param {number} roomId
   * @param {{before?: number, after?: number, around?: number, around_seq?: number, limit?: number}} [query] message ids, or a seq
   * @returns {Promise<ListPage<Message>>}
   */
  list(roomId, query) {
    return this.api.get(`/api/v1/rooms/${roomId}/messages/`, query);
  }

  /**
   * Change the text of one's own message. With `version` only where it still has it: else it throws version_mismatch.
   * @param {number} id
   * @param {string} text
   * @param {number} [version]
   * @returns {Promise<Message>}
   */
  edit(id, text, version) {
    return this.api.request("PATCH", `/api/v1/messages/${id}/`, { message: text, version });
  }

  /**
   * Remove one's own message; owners and moderators of the room remove anybody's.
   * @param {number} id
   * @returns {Promise<null>}
   */
  remove(id) {
    return this.api.request("DELETE", `/api/v1/messages/${id}/`);
  }

  /**
   * @param {number} id
   * @param {string} emoji or a short code, as `:shipit:`
   * @returns {Promise<null>}
   */
  react(id, emoji) {
    return this.api.request("PUT", `/api/v1/messages/${id}/reactions/${encodeURIComponent(emoji)}/`);
  }

  /**
   * Take my reaction back.
   * @param {number} id
   * @param {string} emoji
   * @returns {Promise<null>}
   */
  unreact(id, emoji) {
    return this.api.request("DELETE", `/api/v1/messages/${id}/reactions/${encodeURIComponent(emoji)}/`);
  }

  /**
   * Pin it for everybody in the room, where I may.
   * @param {number} id
   * @returns {Promise<null>}
   */
  pin(id) {
    return this.api.request("PUT", `/api/v1/messages/${id}/pin/`);
  }

  /**
   * @param {number} id
   * @returns {Promise<null>}
   */
  unpin(id) {
    return this.api.request("DELETE", `/api/v1/messages/${id}/pin/`);
  }

  /**
   * A page of the pinned messages of a room, oldest first. `message` events tell of changes.
   * @param {number} roomId
   * @param {{limit?: number, after?: number}} [query]
   * @returns {Promise<ListPage<Message>>}
   */
  pinned(roomId, query) {
    return this.api.get(`/api/v1/rooms/${roomId}/pins/`, query);
  }

  /**
   * A page of those who have read it, by id, without its sender. In rooms of more than 100 members it throws too_many_members.
   * @param {number} id
   * @param {{limit?: number, after?: number}} [query]
   * @returns {Promise<ListPage<import("./schema.js").Person>>}
   */
  readers(id, query) {
    return this.api.get(`/api/v1/messages/${id}/readers/`, query);
  }

  /**
   * A page of what an edited message said before, oldest first, for owners and moderators. Empty where the server keeps nothing.
   * @param {number} id
   * @param {{limit?: number, after?: number}} [query]
   * @returns {Promise<ListPage<EarlierText>>}
   */
  earlierTexts(id, query) {
    return this.api.get(`/api/v1/messages/${id}/edits/`, query);
  }

  /**
   * With a client_message_id it can be sent again safely.
   * @param {{message: string, client_message_id?: string, parent_id?: number, metadata?: object} & ({room_id: number} | {user_id: number})} message
   * @returns {Promise<Message>}
   */
  send(message) {
    return this.api.request("POST", "/api/v1/chats/", message);
  }
}
