// chapters.mjs SITE: does in v86 what the pages offer to do there: every command of the monitor and every
// program of the shell (docs/.vitepress/machine-here.mjs). Prints a line of JSON for each: what it says.
import { readFileSync, readdirSync } from "node:fs";
import { offers } from "../../docs/.vitepress/machine-here.mjs";
import { travel } from "../../docs/.vitepress/theme/machine/journey.js";
import { machineOf } from "./machine.mjs";

const DOCS = new URL("../../docs/", import.meta.url);
const QUIET = 25000, LONG = 120000; // ms
const LEFT_OUT = ["oom"]; // fills 80 MB of swap, which takes v86 minutes

/** What the machine says until its prompt is there again, or it says no more. */
async function answer(machine, from) {
    let last = "", since = Date.now();
    for (const end = Date.now() + LONG; Date.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const said = machine.serial.all().slice(from);
        if (machine.phase !== "ready") break;
        if (said !== last) [last, since] = [said, Date.now()];
        else if (/(monitor>|#) $|System halted\.\n*$/.test(said) && Date.now() - since > 200) break;
        else if (Date.now() - since > QUIET) break;
    }
    return machine.serial.all().slice(from);
}

const machine = await machineOf(process.argv[2]);
await machine.start();
const wanted = process.argv.slice(3);
for (const page of readdirSync(DOCS).filter((name) => name.endsWith(".md")).sort()) {
    for (const { kind, argument, goal } of offers(page, readFileSync(new URL(page, DOCS), "utf8"))) {
        if (kind === "step" || LEFT_OUT.includes(argument) || (wanted.length && !wanted.includes(argument))) continue;
        await machine.goTo(1);
        await machine.run();
        const from = machine.serial.all().length;
        await travel(machine, goal);
        console.log(JSON.stringify({ page, kind, argument, says: await answer(machine, from), phase: machine.phase }));
    }
}
process.exit(0);
