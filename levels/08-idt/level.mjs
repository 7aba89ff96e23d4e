// Level 8: an exception that is taken.
import { hex } from "../assembled.mjs";
import { IS, SCREEN } from "../outcome.mjs";

const UD = 6;

export default {
    title: "A fault, and who takes it",
    chapter: "12",
    goal: "`ud2` raises exception 6, #UD. Build an IDT whose gate 6 leads to `handler`, and load it with `lidt`. The handler writes `!` to the corner of the screen and stops.",
    hints: [
        "A gate has 8 bytes: offset 15:0, selector, a byte of 0, the type, offset 31:16. Gate 6 is at IDT + 48. The limit has to reach its last byte.",
        "Type 8Eh: present, DPL 0, interrupt gate of 32 bits. The selector is 08h, the code segment.",
        "NASM cannot cut a label into halves with org: move `handler` to EAX, store AX at `idt + 48`, shift right by 16, store AX at `idt + 54`. Before `ud2`: `lidt [idtr]`.",
    ],
    glimpses: { fault: { when: ({ code }) => IS.ud2(code), at: SCREEN } },
    praise: "The processor found your handler through two tables: the IDT for where, the GDT for which segment.",
    check(outcome) {
        const { idtr } = outcome.registers;
        const fault = outcome.trace.findIndex(({ code }) => IS.ud2(code));
        if (fault < 0) return "ud2 was never executed, so there was no fault to take.";
        const gate = outcome.gate(UD);
        if (!outcome.last(IS.lidt)) return "lidt was not executed: IDTR is still that of real mode.";
        if (!gate) return `The IDT at ${hex(idtr.base)}h has no gate 6: its limit is ${hex(idtr.limit)}h.`;
        if (gate.selector !== 8) return `Gate 6 has the selector ${hex(gate.selector)}h, and not 0008h.`;
        const after = outcome.trace[fault + 1]?.address ?? outcome.address;
        if (after !== gate.offset) return `After ud2 the processor went to ${hex(after, 8)}h, and gate 6 says ${hex(gate.offset, 8)}h.`;
        if (outcome.cornerHad("!", "fault")) return "The ! stood in the corner before ud2 was executed: the handler is to write it.";
        const wrong = outcome.corner("!");
        return wrong && `The handler ran, but ${wrong}.`;
    },
};
