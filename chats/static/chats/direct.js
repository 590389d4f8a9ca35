// A direct conversation that has no room yet. The page goes to the room as soon as one of the two people has created it by
// the first message.

import { chat } from "./chat.js";
import { directRoomWith, peerOf } from "./names.js";
import { goTo, roomAddress } from "./route.js";

export function watchDirect(conversation) {
  const enter = (roomId) => {
    conversation.composer.moveDraft({ room_id: roomId });
    goTo(roomAddress(roomId), { replace: true });
  };
  const enterIfCreated = () => {
    const room = conversation.personId === null ? undefined : directRoomWith(conversation.personId);
    if (room) enter(room.id);
  };
  chat.store.on("rooms", enterIfCreated);
  conversation.addEventListener("opened", enterIfCreated);
  chat.outbox.on("sent", ({ item, message }) => {
    if (conversation.personId !== null && item.to.user_id === conversation.personId) enter(message.room_id);
  });
}

/** The unsent messages of a conversation, also those that were written to the person before the room existed. */
export function pendingIn({ room, to }) {
  const peer = room && peerOf(room);
  return [...(peer ? chat.outbox.itemsTo({ user_id: peer.id }) : []), ...chat.outbox.itemsTo(to)];
}
