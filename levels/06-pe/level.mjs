// Level 6: one bit.
import { hex } from "../assembled.mjs";
import { gdtProblem } from "../descriptors.mjs";
import { IS } from "../outcome.mjs";

export default {
    title: "Protection enable",
    chapter: "09",
    goal: "Set bit PE of CR0 and leave its other bits as they are. Interrupts have to stay off: there is no IDT of protected mode. Then `hlt`, still in 16-bit code.",
    hints: [
        "A control register can only be moved from and to a general register of 32 bits.",
        "Read CR0 to EAX, set bit 0, write it back.",
        "`mov eax, cr0`, `or eax, 1`, `mov cr0, eax`.",
    ],
    praise: "Protected mode, in 16-bit code: look at the hidden part of CS. It is still that of real mode.",
    early(outcome) {
        const set = outcome.last(IS.movCr0);
        return set && outcome.registers.cr0 >>> 31
            ? `${outcome.where(set.address)} set PG as well, bit 31 of CR0: there are no page tables yet.` : null;
    },
    check(outcome) {
        const { cr0, cs, eflags } = outcome.registers;
        const set = outcome.last(IS.movCr0);
        if (!(cr0 & 1) && !set) return "CR0.PE is still 0: nothing was written to CR0.";
        if (!(cr0 & 1)) return `${outcome.where(set.address)} wrote ${hex(cr0, 8)}h to CR0: bit 0, PE, is still 0.`;
        const others = ((cr0 ^ outcome.first.cr0) & ~1) >>> 0;
        if (others) return `CR0 was ${hex(outcome.first.cr0, 8)}h and is ${hex(cr0, 8)}h: more than bit 0 has changed. Read CR0, set the one bit, write it back.`;
        if (cs.bits === 32) return "CS is of 32 bits already: the far jump is for the next level. Here hlt comes before it.";
        if (eflags & 0x200) return "Interrupts are on (EFLAGS.IF = 1). The next clock tick, 55 ms at most from now, finds no IDT of protected mode: triple fault. cli comes before PE.";
        return gdtProblem(outcome);
    },
};
