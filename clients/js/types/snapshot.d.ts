export class Snapshot {
    /**
     * @param {import("./clock.js").Clock} clock
     * @param {() => Promise<void>} fetchAll
     * @param {(problem: import("./errors.js").ChatError) => void} onproblem before each further attempt
     */
    constructor(clock: import("./clock.js").Clock, fetchAll: () => Promise<void>, onproblem: (problem: import("./errors.js").ChatError) => void);
    clock: import("./clock.js").Clock;
    fetchAll: () => Promise<void>;
    onproblem: (problem: import("./errors.js").ChatError) => void;
    /** Fetch until it succeeds. */
    load(): Promise<void>;
    /** No longer try. */
    close(): void;
    #private;
}
