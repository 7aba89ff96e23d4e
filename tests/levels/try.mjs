// try.mjs MACHINE WHAT [LEVELS]: boots sources on a machine (browser or native) and prints a line of
// JSON for each: { name, passed, message, says, trace }. WHAT: starts, solutions, attempts or others; LEVELS:
// which, as 1,7,12.
import { assemble } from "../../levels/native/nasm.mjs";
import { judge } from "../../levels/judge.mjs";
import { Qemu } from "../../levels/native/qemu.mjs";
import * as all from "./attempts.mjs";
import { browserMachine } from "./browser_machine.mjs";

const [machineName, what, which, folder = "build/levels-machine"] = process.argv.slice(2);
const wanted = which ? which.split(",").map(Number) : null;
const native = () => ({ machine: new Qemu(), assemble });
const tools = machineName === "native" ? native() : await browserMachine(folder);
let status = 0;
try {
    for (const { level, name, source, says } of all[what]) {
        if (wanted && !wanted.includes(level.number)) continue;
        const { verdict, run, program } = await judge(level, source, tools);
        console.log(JSON.stringify({ name, level: level.number, passed: verdict.passed, message: verdict.message, line: verdict.line, says,
            bytes: Buffer.from(program.bytes).toString("hex"), trace: run?.trace.map(({ address }) => address) ?? [] }));
    }
} catch (error) {
    console.error(error);
    status = 1;
}
await tools.machine.off();
process.stdout.write("", () => process.exit(status)); // behind all lines: a pipe takes 64 KB at a time
