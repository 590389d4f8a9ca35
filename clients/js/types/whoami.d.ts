/**
 * Who I am, by which credential and until when. Throws ChatError where the answer is final, or is not wanted any more.
 * @param {import("./session.js").Session} session
 * @param {() => boolean} isWanted
 * @param {(problem: import("./errors.js").ChatError) => void} onproblem before each further attempt
 */
export function whoAmI(session: import("./session.js").Session, isWanted: () => boolean, onproblem: (problem: import("./errors.js").ChatError) => void): Promise<import("./schema.js").Session>;
