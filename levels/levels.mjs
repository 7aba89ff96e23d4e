// levels.mjs: the twelve levels in order. Each folder has level.mjs (texts and the check), start.asm
// (what a learner begins with) and solution.asm.
import level01 from "./01-letter/level.mjs";
import level02 from "./02-string/level.mjs";
import level03 from "./03-disk/level.mjs";
import level04 from "./04-a20/level.mjs";
import level05 from "./05-gdt/level.mjs";
import level06 from "./06-pe/level.mjs";
import level07 from "./07-far-jump/level.mjs";
import level08 from "./08-idt/level.mjs";
import level09 from "./09-page-directory/level.mjs";
import level10 from "./10-pg/level.mjs";
import level11 from "./11-higher-half/level.mjs";
import level12 from "./12-triple-fault/level.mjs";

const FOLDERS = ["01-letter", "02-string", "03-disk", "04-a20", "05-gdt", "06-pe", "07-far-jump", "08-idt",
    "09-page-directory", "10-pg", "11-higher-half", "12-triple-fault"];

export const levels = [level01, level02, level03, level04, level05, level06, level07, level08, level09, level10,
    level11, level12].map((level, index) => ({ number: index + 1, folder: FOLDERS[index], ...level }));
