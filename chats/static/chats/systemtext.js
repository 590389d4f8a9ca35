// What a system message says: who came, who went, what the room is called now. It has ids; names are those of today.

const MOST_NAMES = 3;

export const SYSTEM_TEXTS = {
  member_joined: (who) => `${who} joined`,
  members_added: (who, whom) => `${who} added ${whom}`,
  member_left: (who) => `${who} left`,
  member_removed: (who, whom) => `${who} removed ${whom}`,
  room_renamed: (who, whom, name) => (name ? `${who} renamed the room to “${name}”` : `${who} removed the name of the room`),
  several: (names, others) => {
    const all = others ? [...names, others === 1 ? "1 other" : `${others} others`] : names;
    return all.length > 1 ? `${all.slice(0, -1).join(", ")} and ${all.at(-1)}` : (all[0] ?? "nobody");
  },
};

/**
 * @param {import("./client/schema.js").Message} message
 * @param {(userId: number, isObject?: boolean) => string} nameOf
 */
export function systemText(message, nameOf, texts = SYSTEM_TEXTS) {
  const { action, user_ids = [], count = user_ids.length, name = "" } = message.metadata ?? {};
  const who = nameOf(message.sent_by);
  const shown = user_ids.slice(0, MOST_NAMES);
  const whom = texts.several(shown.map((id) => nameOf(id, true)), count - shown.length);
  return texts[action]?.(who, whom, name) ?? `${who} ${message.message}`;
}
