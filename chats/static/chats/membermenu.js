// What one can do with a member of a group: roles by owners, removal by those above them, and blocking.

import { blockItem } from "./blocks.js";
import { chat } from "./chat.js";
import { isSure } from "./confirm.js";
import { openMenu } from "./menu.js";
import { personName } from "./names.js";
import { toast } from "./toast.js";

const RANKS = ["member", "moderator", "owner"];

/** `whenDone` is called after a change. */
export function memberMenu(anchor, room, { user, role }, whenDone) {
  const isOwner = room.role === "owner" && !room.archived_at;
  const outranks = RANKS.indexOf(room.role) > RANKS.indexOf(role);
  const attempt = async (action) => {
    try {
      await action();
      whenDone();
    } catch (error) {
      toast(error.message);
    }
  };
  const roles = RANKS.toReversed().map((each) => ({
    text: each[0].toUpperCase() + each.slice(1),
    symbol: each === "member" ? "people" : "star",
    isChosen: each === role,
    testid: `role-${each}`,
    act: () => each !== role && attempt(() => chat.members.setRole(room.id, user.id, each)),
  }));
  const remove = async () => {
    const question = { title: `Remove ${personName(user)}?`, text: `They can no longer read ${room.name}.`, action: "Remove" };
    if (await isSure(question)) attempt(() => chat.members.remove(room.id, user.id));
  };
  openMenu(anchor, `About ${personName(user)}`, [
    ...(isOwner ? roles : []),
    outranks && { text: "Remove from the room", symbol: "leave", testid: "remove-member", isDangerous: true, act: remove },
    blockItem(user),
  ]);
}
