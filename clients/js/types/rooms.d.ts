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
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * A page of my rooms, the most recently active first; or of open rooms that I could join.
     * @param {{joinable?: boolean, archived?: boolean, limit?: number, after?: number | string}} [query]
     * @returns {Promise<ListPage<FullRoom>>}
     */
    list(query?: {
        joinable?: boolean;
        archived?: boolean;
        limit?: number;
        after?: number | string;
    }): Promise<ListPage<FullRoom>>;
    /**
     * @param {number} roomId
     * @returns {Promise<FullRoom>}
     */
    get(roomId: number): Promise<FullRoom>;
    /**
     * @param {{name: string, kind?: "open" | "closed", description?: string, members?: number[], client_room_id?: string} & RoomSettings} room
     * @returns {Promise<FullRoom>}
     */
    create(room: {
        name: string;
        kind?: "open" | "closed";
        description?: string;
        members?: number[];
        client_room_id?: string;
    } & RoomSettings): Promise<FullRoom>;
    /**
     * @param {number} roomId
     * @param {{name?: string, kind?: "open" | "closed", description?: string, archived?: boolean} & RoomSettings} changes
     * @returns {Promise<FullRoom>}
     */
    update(roomId: number, changes: {
        name?: string;
        kind?: "open" | "closed";
        description?: string;
        archived?: boolean;
    } & RoomSettings): Promise<FullRoom>;
    /**
     * What I set for myself in a room. The store has it, too, as `me` of each room.
     * @param {number} roomId
     * @returns {Promise<MemberSettings>}
     */
    settings(roomId: number): Promise<MemberSettings>;
    /**
     * A hidden room shows again as soon as somebody writes there.
     * @param {number} roomId
     * @param {{notify?: "all" | "mentions" | "none", muted_until?: string | null, pinned?: boolean, hidden?: boolean}} changes
     * @returns {Promise<MemberSettings>}
     */
    updateSettings(roomId: number, changes: {
        notify?: "all" | "mentions" | "none";
        muted_until?: string | null;
        pinned?: boolean;
        hidden?: boolean;
    }): Promise<MemberSettings>;
    /**
     * Nobody can write there until an owner restores it: `update(roomId, { archived: false })`.
     * @param {number} roomId
     * @returns {Promise<null>}
     */
    archive(roomId: number): Promise<null>;
}
export class Members {
    /** @param {import("./api.js").Api} api */
    constructor(api: import("./api.js").Api);
    api: import("./api.js").Api;
    /**
     * Ask to join a closed room that takes requests.
     * @param {number} roomId
     * @param {string} [message] for its owners and moderators
     * @returns {Promise<JoinRequest>}
     */
    ask(roomId: number, message?: string): Promise<JoinRequest>;
    /**
     * A page of those who ask, by user id, for owners and moderators. To approve is to add them.
     * @param {number} roomId
     * @param {{limit?: number, after?: number}} [query]
     * @returns {Promise<ListPage<JoinRequest>>}
     */
    requests(roomId: number, query?: {
        limit?: number;
        after?: number;
    }): Promise<ListPage<JoinRequest>>;
    /**
     * Decline a request, or withdraw mine.
     * @param {number} roomId
     * @param {number} userId
     * @returns {Promise<null>}
     */
    decline(roomId: number, userId: number): Promise<null>;
    /**
     * A page of the members of a room, by user id.
     * @param {number} roomId
     * @param {{limit?: number, after?: number}} [query]
     * @returns {Promise<ListPage<Member>>}
     */
    list(roomId: number, query?: {
        limit?: number;
        after?: number;
    }): Promise<ListPage<Member>>;
    /**
     * @param {number} roomId
     * @param {number} userId
     * @returns {Promise<Member>}
     */
    get(roomId: number, userId: number): Promise<Member>;
    /**
     * Add people, or oneself to an open room. All or none.
     * @param {number} roomId
     * @param {number[]} userIds
     * @returns {Promise<{results: Member[]}>}
     */
    add(roomId: number, userIds: number[]): Promise<{
        results: Member[];
    }>;
    /**
     * @param {number} roomId
     * @param {number} userId
     * @param {"owner" | "moderator" | "member"} role
     * @returns {Promise<Member>}
     */
    setRole(roomId: number, userId: number, role: "owner" | "moderator" | "member"): Promise<Member>;
    /**
     * Remove a member, or leave.
     * @param {number} roomId
     * @param {number} userId
     * @returns {Promise<null>}
     */
    remove(roomId: number, userId: number): Promise<null>;
}
export type FullRoom = import("./schema.js").FullRoom;
export type RoomSettings = {
    posting?: "everyone" | "moderators";
    history?: "all" | "from_joining";
    slow_mode_seconds?: number;
    edit_minutes?: number | null;
    max_length?: number | null;
    pinning?: "everyone" | "moderators";
    join_requests?: boolean;
    metadata?: Record<string, any>;
};
export type Member = import("./schema.js").Member;
export type MemberSettings = import("./schema.js").MemberSettings;
export type JoinRequest = import("./schema.js").AskedToJoin & {
    message: string;
};
export type ListPage<Item> = import("./api.js").ListPage<Item>;
