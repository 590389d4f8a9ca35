// The names of people and rooms as the page shows them.

export function personName(person) {
  if (!person || person.is_deleted) return "Deleted user";
  return person.display_name || person.username;
}

/** The other one of a direct room. */
export function peerOf(room, state) {
  if (room.kind !== "direct") return null;
  const other = room.people.find((person) => person.id !== state.me.id);
  return state.people.get(other.id) ?? other;
}

export function roomName(room, state) {
  return room.kind === "direct" ? personName(peerOf(room, state)) : room.name;
}

export const unreadOf = (room) => Math.max(0, room.last_seq - room.read_seq);

/** Rooms with the most recently active one first. */
export function sortedRooms(state) {
  return [...state.rooms.values()].sort((one, other) => other.place - one.place);
}
