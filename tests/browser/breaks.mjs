// breaks.mjs SITE: breaks every step that can be broken, and goes back each time. Prints a line of
// JSON for each: how it ended, after which stops, and where Back led.
import { machineOf } from "./machine.mjs";
import { screenText } from "../../docs/.vitepress/theme/machine/screen.js";

const machine = await machineOf(process.argv[2]);
await machine.start();
for (const { number, breaks } of machine.info.steps) {
    if (!breaks) continue;
    await machine.goTo(number);
    await machine.breakIt();
    const asked = machine.phase;
    await machine.next(); // nothing yet
    if (machine.phase !== "asked") throw new Error("it did not wait for an answer");
    machine.expect("unsure");
    await machine.next();
    const stops = [];
    while (machine.phase === "stopped") {
        stops.push(machine.view.number);
        if (machine.view.number === machine.info.steps.length) break;
        await machine.next();
    }
    const phase = machine.phase, screen = screenText(machine.screen());
    await machine.back();
    console.log(JSON.stringify({ number, asked, phase, stops, screen, back: machine.view.number, whole: machine.phase }));
}
process.exit(0);
