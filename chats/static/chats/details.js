// About a group room: its members and their roles, adding people, its settings, leaving.

import { chat } from "./chat.js";
import { byId, el, icon } from "./dom.js";
import { aboutGroup } from "./heading.js";
import { watchJoinRequests } from "./joinrequests.js";
import { memberMenu } from "./membermenu.js";
import { personName } from "./names.js";
import { watchClosing } from "./newdialog.js";
import { nobody, personChoice, watchSearch } from "./people.js";
import { watchRoomInvitations } from "./roominvitations.js";
import { watchRoomSettings } from "./roomsettings.js";
import { goTo, personAddress } from "./route.js";
import { watchTabs } from "./tabs.js";
import { toast } from "./toast.js";

const GENERAL = 0;
const MEMBERS_AT_ONCE = 100;
const ROLES = { owner: "Owner", moderator: "Moderator" };

export function watchDetails(conversation) {
  const dialog = byId("details-dialog");
  let room = null;
  let members = [];

  const draw = async () => {
    const drawn = (members = []);
    const page = await drawFrom();
    // Another room may be shown by now, whose members are in another list.
    if (drawn === members) byId("details-members").replaceChildren(...page);
  };
  /** The items of a page of members; behind them the button for the next one, if there is one. */
  const drawFrom = async (after) => {
    const known = members;
    try {
      const { results, next } = await chat.members.list(room.id, { limit: MEMBERS_AT_ONCE, after });
      known.push(...results);
      const items = results.map(memberItem);
      return next === null ? items : [...items, moreButton(next)];
    } catch (error) {
      return [nobody(error.message)];
    }
  };
  const memberItem = (member) => {
    const item = personChoice(member.user, () => open(member.user), roleOf(member));
    if (member.user.id === chat.store.me.id) return item;
    const label = `More about ${member.user.username}`;
    const more = el("button", { type: "button", class: "round", "aria-label": label, "data-testid": "member-more", onclick: () => memberMenu(more, room, member, draw) }, icon("more"));
    item.classList.add("member");
    item.append(more);
    return item;
  };
  const moreButton = (next) => {
    const more = async () => item.replaceWith(...(await drawFrom(next)));
    const item = el("li", {}, el("button", { type: "button", class: "link", onclick: more, "data-testid": "more-members" }, "More members"));
    return item;
  };
  const roleOf = ({ user, role }) => {
    const name = ROLES[role] ?? null;
    if (user.id !== chat.store.me.id) return name;
    return name ? `${name} · you` : "You";
  };
  const open = (person) => {
    if (person.id === chat.store.me.id) return;
    dialog.close();
    goTo(personAddress(person.id));
  };
  const attempt = async (action) => {
    try {
      await action();
    } catch (error) {
      toast(error.message);
    }
  };
  const add = (person) =>
    attempt(async () => {
      search.clear();
      try {
        await chat.members.add(room.id, [person.id]);
        await draw();
      } catch (error) {
        if (error.code !== "left_recently") throw error;
        await invitations.offer(person, `${personName(person)} has left this room within the last day.`);
      }
    });
  const isLeftOut = (person) => members.some((member) => member.user.id === person.id);
  const search = watchSearch(byId("details-search"), byId("details-results"), add, { isLeftOut });
  const invitations = watchRoomInvitations();
  const showSettings = watchRoomSettings(() => dialog.close());
  const showTab = watchTabs(byId("details-tabs"), () => {});

  watchJoinRequests(conversation, draw);
  watchClosing(dialog);
  byId("room-details").onclick = () => {
    ({ room } = conversation);
    const isFixed = room.id === GENERAL;
    const mayAdd = !room.archived_at && (room.kind === "open" || room.role !== "member");
    byId("details-title").textContent = room.name;
    byId("details-about").textContent = aboutGroup(room);
    byId("details-tabs").hidden = isFixed;
    byId("details-add").hidden = isFixed || !mayAdd;
    byId("details-leave").hidden = isFixed;
    invitations.show(mayAdd && !isFixed ? room : null);
    byId("details-members").replaceChildren(nobody("Loading…"));
    search.clear();
    showSettings(room);
    showTab(byId("tab-members"));
    dialog.showModal();
    draw();
  };
  chat.store.on("left", (roomId) => roomId === room?.id && dialog.close());
  byId("details-leave").onclick = () => attempt(() => chat.leaveRoom(room.id));
}
