// What I set for myself in the open room: what to be notified of, quiet for a while, pinned, hidden.

import { isMuted } from "./attention.js";
import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { openMenu } from "./menu.js";
import { toast } from "./toast.js";

const HOUR = 3_600_000;
const NOTIFY = { all: ["Every message", "bell"], mentions: ["Mentions only", "at"], none: ["Nothing", "bell-off"] };

export function watchBell(conversation) {
  const button = byId("room-bell");
  button.onclick = () => openMenu(button, "Notifications and list", itemsFor(conversation.room));
  const draw = () => {
    const { room } = conversation;
    button.hidden = !room?.me;
    if (!room?.me) return;
    const isQuiet = isMuted(room);
    button.querySelector("use").setAttribute("href", isQuiet ? "#icon-bell-off" : "#icon-bell");
    button.setAttribute("aria-label", isQuiet ? "Notifications: muted" : "Notifications");
  };
  chat.store.on("rooms", draw);
  conversation.addEventListener("opened", draw);
  draw();
}

function itemsFor(room) {
  const change = (changes) => async () => {
    try {
      await chat.rooms.updateSettings(room.id, changes);
    } catch (error) {
      toast(error.message);
    }
  };
  const { notify, pinned, muted_until } = room.me;
  const isPaused = Boolean(muted_until) && new Date(muted_until) > new Date();
  const choices = Object.entries(NOTIFY).map(([value, [text, symbol]]) => ({
    text,
    symbol,
    isChosen: notify === value,
    testid: `notify-${value}`,
    act: change({ notify: value }),
  }));
  const until = (milliseconds) => new Date(Date.now() + milliseconds).toISOString();
  const pause = { text: "Quiet for 8 hours", symbol: "clock", testid: "mute", act: change({ muted_until: until(8 * HOUR) }) };
  return [
    ...choices,
    isPaused ? { ...pause, text: "No longer quiet", isChosen: true, act: change({ muted_until: null }) } : pause,
    { text: pinned ? "Unpin from the list" : "Pin to the top of the list", symbol: "pin", testid: "pin-room", act: change({ pinned: !pinned }) },
    { text: "Hide until somebody writes", symbol: "hide", testid: "hide-room", act: change({ hidden: true }) },
  ];
}
