/**
 * A message with a change of its reactions; where they are not known, as it is.
 * @param {Message} message
 * @param {ReactionChange} change
 * @param {boolean} isMine it is I who reacted, or took it back
 * @param {boolean} isAdded
 * @returns {Message}
 */
export function withReaction(message: Message, change: ReactionChange, isMine: boolean, isAdded: boolean): Message;
export type Message = import("./schema.js").Message;
export type ReactionChange = import("./schema.js").ReactionChange;
export type ReactionCount = import("./schema.js").ReactionCount;
