// Blocking people: neither of us writes to the other, and groups hide what they write.

import { chat } from "./chat.js";
import { isSure } from "./confirm.js";
import { personName } from "./names.js";
import { toast } from "./toast.js";

export const isBlocked = (personId) => chat.store.blocked.has(personId);

/** An item of a menu. */
export function blockItem(person) {
  if (isBlocked(person.id)) return { text: `Unblock ${personName(person)}`, symbol: "check", testid: "unblock", act: () => unblock(person) };
  return { text: `Block ${personName(person)}`, symbol: "block", testid: "block", isDangerous: true, act: () => block(person) };
}

export async function unblock(person) {
  await attempt(() => chat.people.unblock(person.id));
}

async function block(person) {
  const text = "Neither of you can write to the other, and you will not see what they write in rooms. They are not told.";
  if (await isSure({ title: `Block ${personName(person)}?`, text, action: "Block" })) await attempt(() => chat.people.block(person.id));
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    toast(error.message);
  }
}
