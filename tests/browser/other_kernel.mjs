// other_kernel.mjs SITE IMAGE: walks through an image whose kernel is of another hand. Prints a line of JSON
// for each stop, for what comes behind the last, and for where Back and two links lead.
import { machineOf } from "./machine.mjs";
import { travel, whereNow } from "../../docs/.vitepress/theme/machine/journey.js";

const machine = await machineOf(process.argv[2], process.argv[3]);
const say = (what) => console.log(JSON.stringify({ what, phase: machine.phase, number: machine.view.number,
    name: machine.step().name, paging: machine.view.paging, cs: machine.view.cpu.cs?.selector,
    before: machine.before?.()?.number, where: whereNow(machine, "disk").step }));

await machine.start();
while (machine.phase === "stopped") {
    say("stop");
    await machine.next();
}
say("last");
await machine.back();
say("back");
await machine.back();
say("back");
await machine.run();
say("run");
await travel(machine, { step: 3 });
say("link");
await travel(machine, { step: Number(process.argv[4]) });
say("link");
process.exit(0);
