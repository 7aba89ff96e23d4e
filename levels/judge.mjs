// judge.mjs: a source, a level and a machine: the whole way to a verdict.
import { Run } from "./run.mjs";
import { beforeBoot, verdict } from "./verdict.mjs";

/** assemble(source) gives what assembled() does. Returns { verdict, run, program }; run is null if nothing was booted. */
export async function judge(level, source, { machine, assemble }) {
    const program = await assemble(source);
    const early = beforeBoot(program);
    if (early) return { verdict: early, run: null, program };
    const run = new Run(machine, level);
    await run.start(program.bytes);
    await run.finish();
    return { verdict: verdict(level, run, program, await machine.memory()), run, program };
}
