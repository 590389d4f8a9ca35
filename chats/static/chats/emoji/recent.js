// The emoji that one used last on this device, the newest first.

import { deviceStorage } from "../place.js";

const KEY = "emoji";
const MOST = 24;
const FIRST = ["👍", "❤️", "😂", "🎉", "👀", "🙏"];

export function recentEmoji() {
  let kept = [];
  try {
    kept = JSON.parse(deviceStorage.get(KEY) ?? "[]");
  } catch {
    // Somebody else's.
  }
  return [...new Set([...(Array.isArray(kept) ? kept : []), ...FIRST])].filter((each) => typeof each === "string").slice(0, MOST);
}

export function noteEmoji(emoji) {
  deviceStorage.set(KEY, JSON.stringify([emoji, ...recentEmoji().filter((each) => each !== emoji)].slice(0, MOST)));
}
