// single_step.js: v86 executes one instruction at a time. Its interface has no such thing, and its
// main loop goes on for 100,003 instructions before it looks up. But the loop is WebAssembly, and that
// can be changed before it is compiled, in two places of v86 0.5.462:
//
//   do_many_cycles()       while (executed < 100003) …     → while (executed < 1)
//   jit_run_interpreted()  if (executed >= 100001 and the
//                          last jump was backward) leave   → leave
//
// main_loop() still repeats that until its clock says that 1 ms is over. The clock is ours.

const PATCHES = [
    // i32.const 100003, i32.lt_u  →  i32.const 1 (in as many bytes), i32.lt_u
    { from: "41 a3 8d 06 49 0d 00", to: "41 81 80 00 49 0d 00" },
    // local.get 11, i32.const 100001, i32.lt_u, br_if 0, local.get 9, local.get 3, i32.ge_u, br_if 2
    //   →  nop …, br 2
    { from: "20 0b 41 a1 8d 06 49 0d 00 20 09 20 03 4f 0d 02", to: "01 01 01 01 01 01 01 01 01 01 01 01 01 01 0c 02" },
];

const bytes = (text) => text.split(" ").map((byte) => parseInt(byte, 16));

/** Where `wanted` lies in `code`. It has to be there once: any other v86 is not the one we know. */
function findOnce(code, wanted) {
    const found = [];
    for (let at = code.indexOf(wanted[0]); at >= 0; at = code.indexOf(wanted[0], at + 1))
        if (wanted.every((byte, index) => code[at + index] === byte)) found.push(at);
    if (found.length !== 1) throw new Error(`this v86 cannot single-step: its main loop is another (${found.length})`);
    return found[0];
}

/** v86.wasm, so changed that main_loop() asks its clock after each instruction. */
export function singleStepping(wasm) {
    const code = wasm.slice();
    for (const { from, to } of PATCHES) code.set(bytes(to), findOnce(code, bytes(from)));
    return code;
}

const ENOUGH = 2; // ms: more than main_loop() may take

/**
 * The clock of such a v86: `imports` are those that V86 hands to wasm_fn. main_loop() asks it at its
 * start and after each instruction; RDTSC asks it too.
 */
export class Clock {
    constructor(imports) {
        const { microtick, run_hardware_timers } = imports.env;
        let started = false;
        this.begin = () => { started = false; };
        this.more = () => false; // asked after each instruction: shall it go on?
        this.timers = false;     // do devices see time pass?
        imports.env.microtick = () => {
            const now = microtick();
            if (started && !this.more()) return now + ENOUGH;
            started = true;
            return now;
        };
        imports.env.run_hardware_timers = (acpi) => this.timers ? run_hardware_timers(acpi, microtick()) : 0;
    }
}
