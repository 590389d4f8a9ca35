// Messages over REST. To send what must not get lost, see Outbox.

/** @typedef {import("./schema.js").Message} Message */

export class Messages {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * A page of a room's history, oldest first; without a cursor the newest.
   * @param {number} roomId
   * @param {{before?: number, after?: number, around?: number, around_seq?: number, limit?: number}} [query] message ids, or a seq
   * @returns {Promise<import("./api.js").ListPage<Message>>}
   */
  list(roomId, query) {
    return this.api.get(`/api/v1/rooms/${roomId}/messages/`, query);
  }

  /**
   * With a client_message_id it can be sent again safely.
   * @param {{message: string, client_message_id?: string} & ({room_id: number} | {user_id: number})} message
   * @returns {Promise<Message>}
   */
  send(message) {
    return this.api.request("POST", "/api/v1/chats/", message);
  }
}
