// Who the person is, asked until the server answers.

import { Backoff } from "./backoff.js";
import { pause } from "./clock.js";
import { asChatError } from "./errors.js";

/**
 * Who I am, by which credential and until when. Throws ChatError where the answer is final, or is not wanted any more.
 * @param {import("./session.js").Session} session
 * @param {() => boolean} isWanted
 * @param {(problem: import("./errors.js").ChatError) => void} onproblem before each further attempt
 */
export async function whoAmI(session, isWanted, onproblem) {
  const { clock, credential } = session.api;
  const backoff = new Backoff(clock);
  for (;;) {
    try {
      const answer = await session.get();
      if (credential.isRenewable) credential.learnExpiry(await credential.token(), answer.expires_at);
      return answer;
    } catch (error) {
      const problem = asChatError(error);
      if (!problem.isTemporary || !isWanted()) throw problem;
      onproblem(problem);
      await pause(clock, backoff.next(problem.retryAfter));
    }
  }
}
