// Level 7: the hidden part of CS changes with a far jump only.
import { hex } from "../assembled.mjs";
import { gdtProblem } from "../descriptors.mjs";
import { IS } from "../outcome.mjs";

const FOUR_GIGABYTES = 0xffffffff;

/** Null, or what is missing on the way to 32-bit code with flat segments. */
export function flatProblem(outcome) {
    const { registers } = outcome;
    const { cr0, cs, eflags } = registers;
    if (!(cr0 & 1)) return "CR0.PE is 0: this is real mode.";
    if (cs.bits === 16 && !outcome.last(IS.farJump))
        return `CS is still ${hex(cs.selector)}h with a ${cs.limit === 0xffff ? "16-bit limit" : `limit of ${hex(cs.limit, 8)}h`}: the far jump has not been made.`;
    if (cs.selector !== 8) return `CS is ${hex(cs.selector)}h, and not 0008h.`;
    if (cs.bits === 16) return "CS is 0008h, but its code is of 16 bits: the descriptor has D/B = 0.";
    for (const name of ["ds", "es", "ss"])
        if (registers[name].selector !== 0x10)
            return `${name.toUpperCase()} is ${hex(registers[name].selector)}h, and not 0010h: its hidden part still has the base ${hex(registers[name].base, 8)}h.`;
    for (const name of ["cs", "ds", "es", "ss"]) {
        const { base, limit } = registers[name];
        if (base || limit !== FOUR_GIGABYTES)
            return `${name.toUpperCase()} has the right selector, but its hidden part has base ${hex(base, 8)}h and limit ${hex(limit, 8)}h: ` +
                "it was loaded in real mode, or from another table. Load it again once PE is set.";
    }
    if (eflags & 0x200) return "Interrupts are on (EFLAGS.IF = 1), and there is no IDT: the next clock tick is a triple fault.";
    return gdtProblem(outcome);
}

export default {
    title: "The far jump",
    chapter: "09",
    goal: "PE is set, but CS is still of 16 bits. Jump to 32-bit code through selector 08h, then load DS, ES and SS with 10h.",
    hints: [
        "CS takes a new descriptor only with a far jump (or call, or return). `jmp selector:offset` is one.",
        "What stands behind it is 32-bit code: tell NASM so with `bits 32`, just before the label.",
        "`jmp 0x08:code32`, `bits 32`, `code32:`, then `mov ax, 0x10` and `mov ds, ax`, `mov es, ax`, `mov ss, ax`.",
    ],
    praise: "CS is 0008h, 32 bits, 4 GB. The 8086 is behind you.",
    check: flatProblem,
};
