import { ME_ID } from "./me.js";

function invite(world, room) {
  const id = [...world.invitations.keys()].find((one) => world.invitations.get(one).room_id === room.id);
  if (id !== undefined) {
    world.invitations.delete(id);
    return world.emit("invitation.removed", room, { id, room_id: room.id }, true);
  }
  const invitation = { id: (world.ids += 1), room_id: room.id, inviter: world.people.get(2), user_id: ME_ID };
  world.invitations.set(invitation.id, invitation);
  world.emit("invitation.created", room, invitation, true);
}

export const invitationActs = { invite };

/** To me. The inviter may have another name by now. */
export function shownInvitations(world) {
  return [...world.invitations.values()].map((one) => ({ ...one, inviter: world.people.get(one.inviter.id) }));
}
