/** @typedef {import("./schema.js").Room} Room */
/** @typedef {import("./schema.js").FullRoom} FullRoom */
/** Mine, with a place in the list that rises with each activity.
 * @typedef {FullRoom & {place: number}} StoredRoom */
export class StoredRooms {
    /** By id. @type {Map<number, StoredRoom>} */
    byId: Map<number, StoredRoom>;
    /** Those that are neither archived nor hidden, the most recently active one first. */
    list(): StoredRoom[];
    /**
     * From a snapshot, the most recently active one first.
     * @param {StoredRoom[]} rooms
     */
    replace(rooms: StoredRoom[]): void;
    /**
     * Add a room, or merge it into what is known of it. Returns the result.
     * @param {Room & Partial<FullRoom>} room
     */
    put(room: Room & Partial<FullRoom>): StoredRoom;
    /**
     * To the top of the list.
     * @param {StoredRoom} room
     */
    raise(room: StoredRoom): void;
    /**
     * A person has a new name or picture.
     * @param {import("./schema.js").Person} person
     */
    rename(person: import("./schema.js").Person): void;
    #private;
}
export type Room = import("./schema.js").Room;
export type FullRoom = import("./schema.js").FullRoom;
/**
 * Mine, with a place in the list that rises with each activity.
 */
export type StoredRoom = FullRoom & {
    place: number;
};
