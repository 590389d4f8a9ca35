// ChatServer's client for browsers and Node: see docs/javascript.md.

export { ChatClient } from "./client.js";
export { ChatError } from "./errors.js";
export { EVENT_TYPES } from "./schema.js";

/** @typedef {import("./options.js").ClientOptions} ClientOptions */
/** @typedef {import("./storedrooms.js").StoredRoom} StoredRoom */
/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./memberlist.js").MemberList} MemberList */
/** @typedef {import("./outbox.js").OutboxItem} OutboxItem */
/** @typedef {import("./stream.js").StreamState} StreamState */
/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").FullRoom} FullRoom */
/** @typedef {import("./schema.js").Member} Member */
/** @typedef {import("./schema.js").Person} Person */
/** @typedef {import("./schema.js").User} User */
