// attempts.mjs: sources for the tests: { level, name, source, says }; says is null for what passes.
import { readFileSync } from "node:fs";
import { levels } from "../../levels/levels.mjs";
import { right } from "./right.mjs";
import { wrong } from "./wrong.mjs";

const read = (level, name) => readFileSync(new URL(`../../levels/${level.folder}/${name}.asm`, import.meta.url), "utf8");

function changed(source, [from, to], name) {
    if (!source.includes(from)) throw new Error(`${name}: the source has no ${JSON.stringify(from)}`);
    return source.replace(from, () => to);
}

/** The solution of its level with what the attempt changes, or a text of its own. */
function sourceOf(attempt) {
    if (attempt.replace) return attempt.replace;
    let source = read(levels[attempt.level - 1], "solution");
    for (const text of attempt.drop ?? []) source = changed(source, [text, ""], attempt.name);
    for (const change of [attempt.change, attempt.also, attempt.and]) if (change) source = changed(source, change, attempt.name);
    return source;
}

export const starts = levels.map((level) => ({ level, name: `level ${level.number}: start`, source: read(level, "start"), says: "" }));
export const solutions = levels.map((level) => ({ level, name: `level ${level.number}: solution`, source: read(level, "solution"), says: null }));
export const attempts = wrong.map((attempt) => ({ level: levels[attempt.level - 1], name: `level ${attempt.level}: ${attempt.name}`,
    source: sourceOf(attempt), says: attempt.says }));
export const others = right.map((attempt) => ({ level: levels[attempt.level - 1], name: `level ${attempt.level}: ${attempt.name}`,
    source: sourceOf(attempt), says: null }));
