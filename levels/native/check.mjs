// check.mjs N [SOURCE]: the check of docs/boot-sector.md on this machine: NASM and QEMU. Without a
// source it is level-NN.asm, and if there is no such file, it is made: the start of the level.
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { judge } from "../judge.mjs";
import { levels } from "../levels.mjs";
import { assemble } from "./nasm.mjs";
import { Qemu } from "./qemu.mjs";

const [number, given] = process.argv.slice(2);
const level = levels[Number(number) - 1];
if (!level) {
    console.error(`make level N=1 to N=${levels.length}: which level?`);
    process.exit(2);
}
const file = given || `level-${String(level.number).padStart(2, "0")}.asm`;
console.log(`Level ${level.number}: ${level.title}`);
if (!given && !existsSync(file)) {
    copyFileSync(fileURLToPath(new URL(`../${level.folder}/start.asm`, import.meta.url)), file);
    console.log(`${level.goal.replaceAll("`", "")}\n\n${file} is made: edit it, then type the same again.`);
    process.exit(1);
}
const machine = new Qemu();
try {
    const { verdict } = await judge(level, readFileSync(file, "utf8"), { machine, assemble });
    console.log(`${verdict.passed ? "passed" : `${file}: not yet`}: ${verdict.message}`);
    process.exitCode = verdict.passed ? 0 : 1;
} finally {
    await machine.off();
}
