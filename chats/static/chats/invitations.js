// Invitations: those to me, above the rooms; those that came as a link; and links that I make for others.

import { chat } from "./chat.js";
import { isSure } from "./confirm.js";
import { byId, el } from "./dom.js";
import { personName } from "./names.js";
import { BASE_PATH } from "./place.js";
import { goTo, roomAddress } from "./route.js";
import { toast } from "./toast.js";

export function watchInvitations() {
  const draw = () => {
    const items = [...chat.store.invitations.values()].map(invitationItem);
    byId("invitations").replaceChildren(...items);
    byId("invitations-section").hidden = items.length === 0;
  };
  chat.store.on("personal", draw);
  draw();
}

/** Somebody followed a link. */
export async function openInvitation(code) {
  goTo("#/", { replace: true });
  try {
    const { room, inviter } = await chat.invitations.get(code);
    const members = `${room.members_count} ${room.members_count === 1 ? "member" : "members"}`;
    const question = { title: `Join ${room.name}?`, text: `${personName(inviter)} invites you. It has ${members}.`, action: "Join", isHarmless: true };
    if (await isSure(question)) await accept(code);
  } catch (error) {
    toast(error.message);
  }
}

/** A link by which anybody joins the room, for seven days. Throws ChatError. */
export async function makeInvitationLink(room) {
  const { code } = await chat.invitations.create(room.id);
  return new URL(`${BASE_PATH}/#/invitations/${code}`, location.href).href;
}

function invitationItem({ id, room, inviter }) {
  const button = (text, kind, act) => el("button", { type: "button", class: kind, onclick: () => act().catch((error) => toast(error.message)) }, text);
  return el(
    "li",
    { class: "invitation", "data-testid": "invitation" },
    el("p", { dir: "auto" }, el("strong", {}, room.name), el("span", { class: "quiet" }, ` from ${personName(inviter)}`)),
    button("Join", "primary", () => accept(id)),
    button("Decline", "secondary", () => chat.invitations.remove(id)),
  );
}

async function accept(idOrCode) {
  const { room_id } = await chat.invitations.accept(idOrCode);
  await chat.store.loadRoom(room_id);
  goTo(roomAddress(room_id));
}
