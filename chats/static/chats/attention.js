// How much of what is unread is worth the person's attention, by what they set for the room.

export function isMuted(room) {
  const { notify, muted_until } = room.me ?? {};
  return notify === "none" || (Boolean(muted_until) && new Date(muted_until) > new Date());
}

/** Messages that count in the title and the icon of the page. */
export function attentionOf(room) {
  if (isMuted(room)) return 0;
  return room.me?.notify === "mentions" && room.kind !== "direct" ? (room.mentions ?? 0) : room.unread;
}
