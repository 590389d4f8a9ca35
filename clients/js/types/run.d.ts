export class Run {
    /** Oldest first. @type {Message[]} */
    messages: Message[];
    hasOlder: boolean;
    /** The run ends before the room does. */
    hasNewer: boolean;
    /** How many messages lie between the run and the first one that is held; 0 if none is. */
    get gap(): number;
    /** @param {Page} page */
    replace(page: Page): void;
    /** @param {Page} page */
    addOlder(page: Page): void;
    /** @param {Page} page */
    addNewer(page: Page): void;
    /**
     * What lies between the run and what is held. A held version is of an event, and those that follow it come, too.
     * @param {Page} page
     */
    fill(page: Page): void;
    /**
     * A newer version of a message that is here.
     * @param {Message} message
     */
    update(message: Message): boolean;
    /**
     * Change the message with this id, where it is here.
     * @param {number} id
     * @param {(message: Message) => Message} change
     */
    change(id: number, change: (message: Message) => Message): void;
    /**
     * Take it in as soon as it joins.
     * @param {Message} message
     * @param {boolean} isFetching a page that is fetched at this moment may be older
     */
    hold(message: Message, isFetching: boolean): void;
    /** @param {import("./schema.js").Person} person */
    rename(person: import("./schema.js").Person): void;
    /**
     * Keep it short: without the oldest, or without the newest messages.
     * @param {boolean} ofOldest
     */
    drop(ofOldest: boolean): void;
    leaveTheEnd(): void;
    #private;
}
export type Message = import("./schema.js").Message;
export type Page = import("./api.js").ListPage<Message>;
