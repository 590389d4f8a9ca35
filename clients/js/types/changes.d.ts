/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").Member} Member */
/** @typedef {{
 *   rooms: import("./storedrooms.js").StoredRooms,
 *   personal: import("./personal.js").Personal,
 *   presence: import("./presence.js").Presence,
 *   refresh: import("./roomrefresh.js").RoomRefresh,
 * }} StoreParts */
export class Changes {
    /**
     * @param {import("./store.js").Store} store
     * @param {StoreParts} parts
     */
    constructor(store: import("./store.js").Store, { rooms, personal, presence, refresh }: StoreParts);
    /** @param {ChatEvent} event */
    apply(event: ChatEvent): void;
    #private;
}
export type ChatEvent = import("./schema.js").ChatEvent;
export type Message = import("./schema.js").Message;
export type Person = import("./schema.js").Person;
export type Member = import("./schema.js").Member;
export type StoreParts = {
    rooms: import("./storedrooms.js").StoredRooms;
    personal: import("./personal.js").Personal;
    presence: import("./presence.js").Presence;
    refresh: import("./roomrefresh.js").RoomRefresh;
};
