/** @typedef {import("./schema.js").Person} Person */
export class KnownPeople {
    /** @type {Map<number, Person>} */
    byId: Map<number, Person>;
    /** The number of renames so far. */
    mark: number;
    /**
     * Take a person from an answer or an event in, and return them as they are now.
     * @param {Person} person
     * @param {number} [mark] from before the answer was asked for
     */
    know(person: Person, mark?: number): import("./schema.js").Person;
    /** @param {Person} person */
    rename(person: Person): void;
    /**
     * Messages of a page, with the people in them as they are now.
     * @param {import("./schema.js").Message[]} messages
     * @param {number} mark
     */
    named(messages: import("./schema.js").Message[], mark: number): import("./schema.js").Message[];
    #private;
}
export type Person = import("./schema.js").Person;
