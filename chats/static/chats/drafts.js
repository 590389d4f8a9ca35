// What was written in a conversation and not sent, on this device.

import { chat } from "./chat.js";
import { deviceStorage } from "./place.js";

/** `to` is where it would be sent to. */
export function draftOf(to) {
  return deviceStorage.get(keyOf(to)) ?? "";
}

export function keepDraftOf(to, text) {
  if (text) deviceStorage.set(keyOf(to), text);
  else deviceStorage.remove(keyOf(to));
}

const keyOf = (to) => `draft:${chat.store.me.id}:${JSON.stringify(to)}`;
