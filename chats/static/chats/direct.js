// A direct conversation that has not begun: it goes on in its room as soon as there is one, whoever of the two began it.

import { chat } from "./chat.js";
import { directRoomWith, peerOf } from "./names.js";
import { goTo, roomAddress } from "./route.js";

export function watchDirect(conversation) {
  const enter = (roomId) => {
    conversation.composer.moveDraft({ room_id: roomId });
    goTo(roomAddress(roomId), { replace: true });
  };
  const look = () => {
    const room = conversation.personId === null ? undefined : directRoomWith(conversation.personId);
    if (room) enter(room.id);
  };
  chat.store.on("rooms", look);
  conversation.addEventListener("opened", look);
  chat.outbox.on("sent", ({ item, message }) => item.to.user_id !== undefined && item.to.user_id === conversation.personId && enter(message.room_id));
}

/** What is being sent there, and what was to be sent to the person before there was the room. */
export function pendingIn({ room, to }) {
  const peer = room && peerOf(room);
  return [...(peer ? chat.outbox.itemsTo({ user_id: peer.id }) : []), ...chat.outbox.itemsTo(to)];
}
