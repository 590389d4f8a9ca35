// Invitations to a group: new ones, of a person or as a link, and those that are open.

import { chat } from "./chat.js";
import { isSure } from "./confirm.js";
import { avatar, byId, el, icon } from "./dom.js";
import { makeInvitationLink } from "./invitations.js";
import { moderates } from "./messagerights.js";
import { personName } from "./names.js";
import { dateName } from "./times.js";
import { toast } from "./toast.js";

const MOST = 100;

/** Returns show(room), with null where I may not invite anybody. */
export function watchRoomInvitations() {
  let room = null;

  const draw = async () => {
    const shown = room;
    const page = shown === null ? null : await chat.invitations.list(shown.id, { limit: MOST }).catch(() => null);
    const invitations = page?.results ?? [];
    await Promise.all(invitations.map(({ user_id }) => meet(user_id)));
    if (shown !== room) return;
    byId("invited").hidden = invitations.length === 0;
    byId("invited-list").replaceChildren(...invitations.map((invitation) => invitationItem(invitation, room, revoke)));
  };
  const attempt = async (action) => {
    try {
      await action();
    } catch (error) {
      toast(error.message);
    }
    draw();
  };
  const revoke = ({ id }) => attempt(() => chat.invitations.remove(id));
  byId("invite").onclick = () =>
    attempt(async () => {
      const field = byId("invite-link");
      field.value = await makeInvitationLink(room);
      field.hidden = false;
      field.select();
      const isCopied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
      toast(isCopied ? "The link was copied. It is good for seven days." : "The link is good for seven days.", "done");
    });
  // Who joins has used theirs.
  chat.store.on("member", ({ type, member }) => type === "member.added" && member.room_id === room?.id && byId("details-dialog").open && draw());

  return {
    show(shown) {
      room = shown;
      byId("invite").hidden = room === null;
      byId("invite-link").hidden = byId("invited").hidden = true;
      draw();
    },
    /** Somebody whom I may not add. */
    async offer(person, reason) {
      const name = personName(person);
      if (!(await isSure({ title: `Invite ${name} instead?`, text: `${reason} They can accept an invitation.`, action: "Invite", isHarmless: true }))) return;
      await attempt(async () => {
        await chat.invitations.create(room.id, { user_id: person.id });
        toast(`${name} was invited.`, "done");
      });
    },
  };
}

/** Invitations name a person by id only. */
async function meet(personId) {
  if (personId === null || chat.store.people.has(personId)) return;
  const person = await chat.people.get(personId).catch(() => null);
  if (person) chat.store.know(person);
}

function invitationItem(invitation, room, revoke) {
  const { user_id, inviter, expires_at, uses_left } = invitation;
  const person = user_id === null ? null : chat.store.people.get(user_id);
  const name = user_id === null ? "Link" : personName(person);
  const isMine = inviter.id === chat.store.me.id;
  const about = [
    isMine ? "by you" : `by ${personName(inviter)}`,
    expires_at && `until ${dateName(expires_at)}`,
    uses_left !== null && `${uses_left} ${uses_left === 1 ? "use" : "uses"} left`,
  ].filter(Boolean);
  const end = el("button", { type: "button", class: "secondary", "aria-label": `Revoke: ${name}`, "data-testid": "revoke", onclick: () => revoke(invitation) }, "Revoke");
  return el(
    "li",
    { class: "choice", "data-testid": "open-invitation" },
    user_id === null ? el("span", { class: "avatar small" }, icon("link")) : avatar(name, user_id, { size: "small" }),
    el("span", { class: "name", dir: "auto" }, name),
    el("span", { class: "quiet", dir: "auto" }, about.join(" · ")),
    isMine || moderates(room) ? end : null,
  );
}
