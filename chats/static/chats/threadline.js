// Below a message: how many replies its thread has, from whom, and since when.

import { avatar, el } from "./dom.js";
import { chat } from "./chat.js";
import { personName } from "./names.js";
import { threadAddress } from "./route.js";
import { shortTime } from "./times.js";

export function threadLine(message) {
  const { thread } = message;
  if (!thread) return null;
  const faces = thread.participants.map((person) => avatar(personName(chat.store.people.get(person.id) ?? person), person.id, { size: "tiny" }));
  const count = `${thread.reply_count} ${thread.reply_count === 1 ? "reply" : "replies"}`;
  return el(
    "a",
    { class: "thread", href: threadAddress(message), "data-testid": "thread-line" },
    el("span", { class: "faces" }, ...faces),
    el("strong", { dir: "auto" }, count),
    el("span", { class: "quiet", dir: "auto" }, `last ${shortTime(thread.last_reply_at)}`),
  );
}
