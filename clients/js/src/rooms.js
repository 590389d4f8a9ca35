// Rooms, their members, read markers and typing over REST.

const ROOMS = "/api/v1/rooms/";

/** @typedef {import("./schema.js").FullRoom} FullRoom */
/** @typedef {{
 *   posting?: "everyone" | "moderators",
 *   history?: "all" | "from_joining",
 *   slow_mode_seconds?: number,
 *   edit_minutes?: number | null,
 *   max_length?: number | null,
 *   pinning?: "everyone" | "moderators",
 *   join_requests?: boolean,
 *   metadata?: Record<string, any>,
 * }} RoomSettings */
/** @typedef {import("./schema.js").Member} Member */
/** @typedef {import("./schema.js").MemberSettings} MemberSettings */
/** @typedef {import("./schema.js").AskedToJoin & {message: string}} JoinRequest */
/**
 * @template Item
 * @typedef {import("./api.js").ListPage<Item>} ListPage
 */

export class Rooms {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * A page of my rooms, the most recently active first; or of open rooms that I could join.
   * @param {{joinable?: boolean, archived?: boolean, limit?: number, after?: number | string}} [query]
   * @returns {Promise<ListPage<FullRoom>>}
   */
  list(query) {
    return this.api.get(ROOMS, query);
  }

  /**
   * @param {number} roomId
   * @returns {Promise<FullRoom>}
   */
  get(roomId) {
    return this.api.get(`${ROOMS}${roomId}/`);
  }

  /**
   * @param {{name: string, kind?: "open" | "closed", description?: string, members?: number[], client_room_id?: string} & RoomSettings} room
   * @returns {Promise<FullRoom>}
   */
  create(room) {
    return this.api.request("POST", ROOMS, room);
  }

  /**
   * @param {number} roomId
   * @param {{name?: string, kind?: "open" | "closed", description?: string, archived?: boolean} & RoomSettings} changes
   * @returns {Promise<FullRoom>}
   */
  update(roomId, changes) {
    return this.api.request("PATCH", `${ROOMS}${roomId}/`, changes);
  }

  /**
   * What I set for myself in a room. The store has it, too, as `me` of each room.
   * @param {number} roomId
   * @returns {Promise<MemberSettings>}
   */
  settings(roomId) {
    return this.api.get(`${ROOMS}${roomId}/me/`);
  }

  /**
   * A hidden room shows again as soon as somebody writes there.
   * @param {number} roomId
   * @param {{notify?: "all" | "mentions" | "none", muted_until?: string | null, pinned?: boolean, hidden?: boolean}} changes
   * @returns {Promise<MemberSettings>}
   */
  updateSettings(roomId, changes) {
    return this.api.request("PATCH", `${ROOMS}${roomId}/me/`, changes);
  }

  /**
   * Nobody can write there until an owner restores it: `update(roomId, { archived: false })`.
   * @param {number} roomId
   * @returns {Promise<null>}
   */
  archive(roomId) {
    return this.api.request("DELETE", `${ROOMS}${roomId}/`);
  }
}

export class Members {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * Ask to join a closed room that takes requests.
   * @param {number} roomId
   * @param {string} [message] for its owners and moderators
   * @returns {Promise<JoinRequest>}
   */
  ask(roomId, message = "") {
    return this.api.request("POST", `${ROOMS}${roomId}/join-requests/`, { message });
  }

  /**
   * A page of those who ask, by user id, for owners and moderators. To approve is to add them.
   * @param {number} roomId
   * @param {{limit?: number, after?: number}} [query]
   * @returns {Promise<ListPage<JoinRequest>>}
   */
  requests(roomId, query) {
    return this.api.get(`${ROOMS}${roomId}/join-requests/`, query);
  }

  /**
   * Decline a request, or withdraw mine.
   * @param {number} roomId
   * @param {number} userId
   * @returns {Promise<null>}
   */
  decline(roomId, userId) {
    return this.api.request("DELETE", `${ROOMS}${roomId}/join-requests/${userId}/`);
  }

  /**
   * A page of the members of a room, by user id.
   * @param {number} roomId
   * @param {{limit?: number, after?: number}} [query]
   * @returns {Promise<ListPage<Member>>}
   */
  list(roomId, query) {
    return this.api.get(membersOf(roomId), query);
  }

  /**
   * @param {number} roomId
   * @param {number} userId
   * @returns {Promise<Member>}
   */
  get(roomId, userId) {
    return this.api.get(memberOf(roomId, userId));
  }

  /**
   * Add people, or oneself to an open room. All or none.
   * @param {number} roomId
   * @param {number[]} userIds
   * @returns {Promise<{results: Member[]}>}
   */
  add(roomId, userIds) {
    return this.api.request("POST", membersOf(roomId), { user_ids: userIds });
  }

  /**
   * @param {number} roomId
   * @param {number} userId
   * @param {"owner" | "moderator" | "member"} role
   * @returns {Promise<Member>}
   */
  setRole(roomId, userId, role) {
    return this.api.request("PATCH", memberOf(roomId, userId), { role });
  }

  /**
   * Remove a member, or leave.
   * @param {number} roomId
   * @param {number} userId
   * @returns {Promise<null>}
   */
  remove(roomId, userId) {
    return this.api.request("DELETE", memberOf(roomId, userId));
  }
}

/** @param {number} roomId */
const membersOf = (roomId) => `${ROOMS}${roomId}/members/`;

/**
 * @param {number} roomId
 * @param {number} userId
 */
const memberOf = (roomId, userId) => `${membersOf(roomId)}${userId}/`;
