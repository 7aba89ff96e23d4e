// Level 11: where a kernel lives.
import { hex } from "../assembled.mjs";
import { IS, SCREEN } from "../outcome.mjs";
import { directoryProblem, mappingProblem } from "../paging.mjs";

const HIGHER_HALF = 0xc0000000;
const PRESENT = 1, LARGE = 0x80;
const PAGES = 1024; // of the identity map: invlpg forgets one at a time

const flushes = (code) => IS.movCr3(code) || IS.invlpg(code);

/** Null, or why the TLB may still hold the identity map, of which entry 0 of the directory is clear. */
function staleProblem(outcome) {
    const jumped = outcome.trace.findIndex(({ address }) => address >= HIGHER_HALF);
    const high = outcome.trace.slice(jumped);
    if (!high.some(({ code }) => flushes(code)))
        return "Entry 0 is cleared, but the TLB may still hold what it said: load CR3 again, after the entry was cleared.";
    if (outcome.seen.flush?.[0] & PRESENT)
        return "CR3 was loaded again before entry 0 was cleared: what the TLB took from it meanwhile is still there. First the entry, then CR3.";
    const once = high.filter(({ code }) => IS.invlpg(code)).length;
    if (!high.some(({ code }) => IS.movCr3(code)) && once < PAGES && !(outcome.dword(0x10000 + 768 * 4) & LARGE))
        return `invlpg was executed ${once} times, and each forgets one page of 4 KB. The identity map had ${PAGES}: load CR3 again.`;
    return null;
}

export default {
    title: "The higher half",
    chapter: "14",
    goal: "Map the same 4 MB at C0000000h too, jump there, take the identity map away (clear entry 0 of the directory and reload CR3), and write `H` to the corner of the screen, at C00B8000h.",
    hints: [
        "C0000000h / 4 MB = 768: entry 768 of the directory can lead to the same page table as entry 0. It is easiest before paging is on.",
        "`org` makes all labels low. An address of the higher half is `0xC0000000 + label`, and a jump through a register goes to it: `mov eax, 0xC0000000 + high`, `jmp eax`.",
        "Then `mov dword [0xC0010000], 0` (the directory, seen from above), `mov eax, cr3`, `mov cr3, eax`, `mov byte [0xC00B8000], 'H'`.",
    ],
    glimpses: {
        jump: { when: ({ address }) => address >= HIGHER_HALF, at: SCREEN },
        flush: { when: ({ paging, code }) => paging && flushes(code), at: 0x10000, last: true },
    },
    praise: "Nothing is mapped below any more: the lower 3 GB are free for programs. This is where Ascent's kernel runs.",
    check(outcome) {
        const { cr0, eip } = outcome.registers;
        if (!(cr0 >>> 31)) return "CR0.PG is 0: without paging there is no higher half.";
        if (outcome.address < HIGHER_HALF)
            return `EIP is ${hex(eip, 8)}h: the processor still runs on the identity map. Jump to C0000000h + the label, through a register.`;
        if (outcome.dword(0x10000) & 1) return `The identity map is still there: entry 0 of the page directory is ${hex(outcome.dword(0x10000), 8)}h. Write 0 to it.`;
        const problem = directoryProblem(outcome, [768]) ?? mappingProblem(outcome, HIGHER_HALF);
        if (problem) return problem;
        const stale = staleProblem(outcome);
        if (stale) return stale;
        if (outcome.cornerHad("H", "jump")) return "The H stood in the corner before the jump to C0000000h: write it from there.";
        const wrong = outcome.corner("H");
        return wrong && `The processor runs in the higher half, but ${wrong}.`;
    },
};
