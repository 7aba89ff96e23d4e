// Level 10: paging on.
import { hex } from "../assembled.mjs";
import { IS, SCREEN } from "../outcome.mjs";
import { directoryProblem, mappingProblem } from "../paging.mjs";

export default {
    title: "Paging on",
    chapter: "14",
    goal: "The tables of level 9 are built. Load CR3 with 10000h, set bit PG of CR0, and show that the machine still runs: write `P` to the corner of the screen, at B8000h.",
    hints: [
        "CR3 first: with PG set and no tables, the next instruction cannot even be fetched.",
        "PG is bit 31 of CR0: 80000000h.",
        "`mov eax, 0x10000`, `mov cr3, eax`, `mov eax, cr0`, `or eax, 0x80000000`, `mov cr0, eax`, `mov byte [0xB8000], 'P'`.",
    ],
    glimpses: { paging: { when: ({ paging }) => paging, at: SCREEN } },
    praise: "Every address goes through your tables now, and none of them looks different: that is an identity map.",
    check(outcome) {
        const { cr0 } = outcome.registers;
        const set = outcome.last(IS.movCr3);
        if (!(cr0 >>> 31)) {
            if (!set) return "CR0.PG is still 0, and CR3 was not loaded.";
            return `CR0.PG is still 0: CR0 is ${hex(cr0, 8)}h. PG is bit 31, 80000000h.`;
        }
        const problem = directoryProblem(outcome, [0]) ?? mappingProblem(outcome);
        if (problem) return problem;
        if (outcome.cornerHad("P", "paging")) return "The P stood in the corner before PG was set. Write it afterwards: it is to show that the machine still runs.";
        const wrong = outcome.corner("P");
        return wrong && `Paging is on, but ${wrong}.`;
    },
};
