// expect.js: what a reader may expect of a broken step, and what comes of it, in the same words.

export const ANSWERS = {
    reset: "a triple fault, and a reset",
    error: "the loader's report of an error",
    report: "the kernel's report of an exception",
    on: "it goes on",
    unsure: "I do not know",
};

/** One of ANSWERS; "" where there is nothing to break. How a step ends is told in steps.def. */
export function outcomeOf(step) {
    return step.end === "reset" ? "reset" : step.end.startsWith("E") ? "error" : step.end && "report";
}
