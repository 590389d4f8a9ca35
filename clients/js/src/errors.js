// What goes wrong with a request, as one class.

// The server may answer these and succeed later. A 500 is a bug, which the same request would meet again.
const TEMPORARY = [0, 408, 425, 429, 502, 503, 504];

/** An unsuccessful answer of ChatServer, or none at all. */
export class ChatError extends Error {
  /**
   * @param {number} status of HTTP; 0: there was no answer
   * @param {{code?: string, detail?: string, errors?: {field: string, code: string, detail: string}[]}} [problem] RFC 9457
   * @param {number | null} [retryAfter] in seconds, where the server says so
   */
  constructor(status, problem = {}, retryAfter = null) {
    super(problem.detail ?? (status ? `The server answered ${status}.` : "The server can't be reached."));
    this.name = "ChatError";
    this.status = status;
    /** Stable, such as "room_archived"; null where the answer has none. */
    this.code = problem.code ?? null;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return TEMPORARY.includes(this.status);
  }
}

/**
 * The error of an answer that is not 2xx.
 * @param {Response} response
 * @param {any} body the parsed JSON, if it is any
 * @param {number} now
 */
export function errorOf(response, body, now) {
  return new ChatError(response.status, body ?? {}, secondsOf(response.headers.get("Retry-After"), now));
}

/**
 * @param {unknown} error
 * @returns {ChatError} itself, or that there was no answer
 */
export function asChatError(error) {
  return error instanceof ChatError ? error : new ChatError(0);
}

/**
 * Retry-After has seconds, or a date where a proxy wrote it.
 * @param {string | null} text
 * @param {number} now
 */
function secondsOf(text, now) {
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}
