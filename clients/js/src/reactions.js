// The reactions to a message, kept up to date by what events tell.

/** @typedef {import("./schema.js").Message} Message */
/** @typedef {import("./schema.js").ReactionChange} ReactionChange */
/** @typedef {import("./schema.js").ReactionCount} ReactionCount */

/** Texts compare by UTF-16 otherwise, and the server's by code points.
 * @param {string} text */
const codePoints = (text) => [...text].map((each) => Number(each.codePointAt(0)).toString(16).padStart(6, "0")).join();

/** As the server orders them.
 * @param {ReactionCount} one
 * @param {ReactionCount} other */
const byCount = (one, other) => other.count - one.count || (codePoints(one.emoji) < codePoints(other.emoji) ? -1 : 1);

/**
 * A message with a change of its reactions; where they are not known, as it is.
 * @param {Message} message
 * @param {ReactionChange} change
 * @param {boolean} isMine it is I who reacted, or took it back
 * @param {boolean} isAdded
 * @returns {Message}
 */
export function withReaction(message, change, isMine, isAdded) {
  if (message.reactions === undefined || message.removed_at) return message;
  const known = message.reactions.find(({ emoji }) => emoji === change.emoji);
  const others = message.reactions.filter((each) => each !== known);
  const mine = isMine ? isAdded : (known?.mine ?? false);
  const changed = change.count > 0 ? [{ emoji: change.emoji, count: change.count, mine }] : [];
  return { ...message, reactions: [...others, ...changed].sort(byCount) };
}
