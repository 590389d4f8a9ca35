/**
 * The error of an answer that is not 2xx.
 * @param {Response} response
 * @param {any} body the parsed JSON, if it is any
 * @param {number} now
 */
export function errorOf(response: Response, body: any, now: number): ChatError;
/**
 * @param {unknown} error
 * @returns {ChatError} itself, or that there was no answer
 */
export function asChatError(error: unknown): ChatError;
/** An unsuccessful answer of ChatServer, or none at all. */
export class ChatError extends Error {
    /**
     * @param {number} status of HTTP; 0: there was no answer
     * @param {{code?: string, detail?: string, errors?: {field: string, code: string, detail: string}[]}} [problem] RFC 9457
     * @param {number | null} [retryAfter] in seconds, where the server says so
     */
    constructor(status: number, problem?: {
        code?: string;
        detail?: string;
        errors?: {
            field: string;
            code: string;
            detail: string;
        }[];
    }, retryAfter?: number | null);
    status: number;
    /** Stable, such as "room_archived"; null where the answer has none. */
    code: string | null;
    errors: {
        field: string;
        code: string;
        detail: string;
    }[];
    retryAfter: number | null;
    /** Whether the same request may succeed later. */
    get isTemporary(): boolean;
}
