// Desktop notifications, asked for by a button. A message is told of if nobody has read it a moment later: then no tab and no
// other device of this person shows it.

import { isMuted } from "./attention.js";
import { isBlocked } from "./blocks.js";
import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { plainText } from "./markdown/blocks.js";
import { personName, roomName } from "./names.js";
import { deviceStorage } from "./place.js";
import { goTo, roomAddress } from "./route.js";

const UNREAD_MILLISECONDS = 1_500;
const LONGEST_BODY = 200;
const DECLINED = "notifications declined";

export function watchNotifications() {
  byId("notify-on").onclick = turnOnNotifications;
  byId("notify-off").onclick = () => {
    deviceStorage.set(DECLINED, "1");
    drawOffer();
  };
  chat.on("event", ({ type, data }) => type === "message.created" && consider(data));
  drawOffer();
}

/** Let the browser ask for permission. */
export async function turnOnNotifications() {
  await Notification.requestPermission();
  drawOffer();
}

function drawOffer() {
  byId("notify").hidden = globalThis.Notification?.permission !== "default" || deviceStorage.get(DECLINED) !== null;
}

function consider(message) {
  if (globalThis.Notification?.permission !== "granted" || message.sent_by === chat.store.me.id || isBlocked(message.sent_by) || message.kind === "system") return;
  setTimeout(() => {
    const room = chat.store.rooms.get(message.room_id);
    if (room && message.seq > (room.read_seq ?? 0) && isWanted(message, room)) tell(message, room);
  }, UNREAD_MILLISECONDS);
}

function isWanted(message, room) {
  if (isMuted(room)) return false;
  // Replies move no read marker: they are told to those whom they mention.
  if (!message.parent_id && (room.kind === "direct" || room.me?.notify !== "mentions")) return true;
  return (message.mentions ?? []).some((each) => each.room || each.user_id === chat.store.me.id);
}

function tell(message, room) {
  const name = personName(chat.store.people.get(message.sent_by) ?? message.sender);
  const title = room.kind === "direct" ? name : `${name} in ${roomName(room)}`;
  // Of several tabs that tell of it, one is seen.
  const note = new Notification(title, { body: plainText(message.message.slice(0, LONGEST_BODY)), tag: `message ${message.id}`, icon: byId("icon").dataset.read });
  note.onclick = () => {
    window.focus();
    goTo(roomAddress(room.id));
    note.close();
  };
}
