// What is a person's own besides their rooms: whom they block, which rooms they are invited to, whether they are invisible, or staff.

/** @typedef {import("./schema.js").Invitation} Invitation */
/** @typedef {import("./schema.js").ChatEvent} ChatEvent */

export class Personal {
  /** Ids of those whom I block: views hide what they write in groups. @type {Set<number>} */
  blocked = new Set();
  /** To me, by id: the first 100, and those that events tell of. Some may have expired. @type {Map<number, Invitation>} */
  invitations = new Map();
  isInvisible = false;
  isStaff = false;

  /**
   * From the answer that a client starts with.
   * @param {{blocks: number[], invitations: Invitation[], invisible?: boolean, is_staff?: boolean}} mine
   */
  put({ blocks, invitations, invisible = false, is_staff = false }) {
    this.isInvisible = invisible;
    this.isStaff = is_staff;
    this.blocked = new Set(blocks);
    this.invitations = new Map(invitations.map((invitation) => [invitation.id, invitation]));
  }

  /**
   * A person has a new name or picture.
   * @param {import("./schema.js").Person} person
   */
  rename(person) {
    this.invitations.forEach((invitation, id) => {
      if (invitation.inviter.id === person.id) this.invitations.set(id, { ...invitation, inviter: person });
    });
  }

  /**
   * Whether the event is about any of this.
   * @param {ChatEvent} event
   */
  apply(event) {
    switch (event.type) {
      case "block.added":
        this.blocked.add(event.data.user.id);
        return true;
      case "block.removed":
        this.blocked.delete(event.data.user.id);
        return true;
      case "invitation.created":
        this.invitations.set(event.data.id, event.data);
        return true;
      case "invitation.removed":
        this.invitations.delete(event.data.id);
        return true;
      case "visibility.updated":
        this.isInvisible = event.data.invisible;
        return true;
    }
    return false;
  }
}
