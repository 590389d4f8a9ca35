/** @typedef {{type: string, data: string, id: string}} ParsedEvent */
export class EventParser {
    /** Of the last event that is complete, also of one without data. */
    lastId: string;
    /** What `retry:` said last, in ms. @type {number | null} */
    retry: number | null;
    /**
     * The events that a chunk completes. Throws RangeError where one has no end.
     * @param {Uint8Array} bytes
     * @returns {ParsedEvent[]}
     */
    feed(bytes: Uint8Array): ParsedEvent[];
    #private;
}
export type ParsedEvent = {
    type: string;
    data: string;
    id: string;
};
