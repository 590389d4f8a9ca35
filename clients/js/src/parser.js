// Parses text/event-stream as https://html.spec.whatwg.org/multipage/server-sent-events.html has it, from chunks that
// may be cut anywhere: within a line, between CR and LF, within a character.

// The server's frames are far smaller. What has no end is no stream of ours.
const LONGEST_EVENT = 8 * 1024 * 1024;

/** @typedef {{type: string, data: string, id: string}} ParsedEvent */

export class EventParser {
  /** Of the last event that is complete, also of one without data. */
  lastId = "";
  /** What `retry:` said last, in ms. @type {number | null} */
  retry = null;
  // It takes a byte order mark off, and keeps the first bytes of a character for the next chunk.
  #decoder = new TextDecoder();
  #rest = "";
  #wasReturn = false;
  #type = "";
  #data = "";
  #id = "";

  /**
   * The events that a chunk completes. Throws RangeError where one has no end.
   * @param {Uint8Array} bytes
   * @returns {ParsedEvent[]}
   */
  feed(bytes) {
    let text = this.#decoder.decode(bytes, { stream: true });
    // The first bytes of a character alone say nothing about what follows a CR.
    if (text === "") return [];
    if (this.#wasReturn && text.startsWith("\n")) text = text.slice(1);
    this.#wasReturn = text.endsWith("\r");
    // Not \u2028, which is no end of a line here.
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.#rest + lines[0];
    this.#rest = lines.pop() ?? "";
    const events = lines.flatMap((line) => this.#line(line));
    if (this.#rest.length + this.#data.length > LONGEST_EVENT) throw new RangeError("an event without an end");
    return events;
  }

  /** @param {string} line */
  #line(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") this.#data += `${value}\n`;
    else if (name === "event") this.#type = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return [];
  }

  #dispatch() {
    this.lastId = this.#id;
    const event = { type: this.#type || "message", data: this.#data.slice(0, -1), id: this.#id };
    const isEvent = this.#data !== "";
    this.#type = this.#data = "";
    return isEvent ? [event] : [];
  }
}
