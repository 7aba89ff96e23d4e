// Level 9: two tables, not in use yet.
import { directoryProblem, mappingProblem } from "../paging.mjs";

export default {
    title: "A page directory",
    chapter: "13",
    goal: "Build a page directory at 10000h, and the tables that it needs, so that the first 4 MB are mapped to themselves, present and writable, and nothing else is. Load CR3. Paging stays off.",
    hints: [
        "Two levels: one entry of the directory leads to a page table of 1024 entries, and each of these to a page of 4 KB. 1024 × 4 KB = 4 MB.",
        "RAM is not empty: clear the directory first (`rep stosd` with EAX = 0, ECX = 1024). An entry is the physical address of what it leads to, plus 3: present and writable.",
        "Entry 0 of the directory: `mov dword [0x10000], 0x11000 | 3`. Entry n of the table at 11000h: n × 1000h + 3. A loop with `stosd` and `add eax, 0x1000`. Then CR3 through EAX.",
    ],
    praise: "1025 entries that mean something, and 1023 that mean nothing is there.",
    check(outcome) {
        if (outcome.registers.cr0 >>> 31) return "Paging is on already. Only the tables and CR3 were asked for.";
        return directoryProblem(outcome, [0]) ?? mappingProblem(outcome);
    },
};
