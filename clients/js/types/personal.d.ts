/** @typedef {import("./schema.js").Invitation} Invitation */
/** @typedef {import("./schema.js").ChatEvent} ChatEvent */
export class Personal {
    /** Ids of those whom I block: views hide what they write in groups. @type {Set<number>} */
    blocked: Set<number>;
    /** To me, by id: the first 100, and those that events tell of. Some may have expired. @type {Map<number, Invitation>} */
    invitations: Map<number, Invitation>;
    isInvisible: boolean;
    isStaff: boolean;
    /**
     * From the answer that a client starts with.
     * @param {{blocks: number[], invitations: Invitation[], invisible?: boolean, is_staff?: boolean}} mine
     */
    put({ blocks, invitations, invisible, is_staff }: {
        blocks: number[];
        invitations: Invitation[];
        invisible?: boolean;
        is_staff?: boolean;
    }): void;
    /**
     * A person has a new name or picture.
     * @param {import("./schema.js").Person} person
     */
    rename(person: import("./schema.js").Person): void;
    /**
     * Whether the event is about any of this.
     * @param {ChatEvent} event
     */
    apply(event: ChatEvent): boolean;
}
export type Invitation = import("./schema.js").Invitation;
export type ChatEvent = import("./schema.js").ChatEvent;
