// journey.js: brings the machine to where a link leads (link.js): on from where it is, or back.

const SHELL = " # ", MONITOR = "monitor> ";
const PATIENCE = 100, PERIOD = 50; // how often a prompt is looked for, and every how many ms

async function promptOf(machine, prompt) {
    for (let i = 0; i < PATIENCE && machine.phase === "ready" && !machine.serial.all().endsWith(prompt); i++)
        await new Promise((resolve) => setTimeout(resolve, PERIOD));
}

/** Types a line at the prompt of the shell, or of the monitor. */
async function type(machine, line, inMonitor) {
    if (machine.phase !== "ready") {
        if (machine.phase !== "stopped" || machine.broken) await machine.back();
        await machine.run();
    }
    await promptOf(machine, SHELL);
    if (inMonitor) {
        machine.callMonitor();
        await promptOf(machine, MONITOR);
    }
    if (line) machine.type(line);
}

/** Where the machine is when it cannot get there, it stays. */
export async function travel(machine, goal) {
    if (goal.run !== undefined) return type(machine, goal.run, false);
    if (goal.monitor !== undefined) return type(machine, goal.monitor, true);
    if (!goal.step) return;
    const other = machine.info.others.some(({ number }) => number === goal.step);
    const step = other ? goal.step : Math.min(goal.step, machine.info.steps.length);
    await machine.goTo(step);
    if (goal.break && machine.view?.number === step) await machine.breakIt();
}

/** The goal that names where the machine is now. */
export function whereNow(machine, image) {
    const { phase, view, broken } = machine;
    if (phase === "ready" || phase === "other" || !view) return { image };
    return { image, step: broken || view.number, break: phase === "asked" || broken > 0 };
}
