// paging.mjs: what is wrong with page tables, in words: for the levels that need them.
import { hex } from "./assembled.mjs";
import { IS } from "./outcome.mjs";
import { entriesOf, translate, writable } from "./tables.mjs";

const PAGE = 0x1000, MAPPED = 0x400000;

/** Null, or the first page of [from, from + 4 MB) that does not lead to [0, 4 MB), or why. */
export function mappingProblem(outcome, from = 0) {
    const { cr3, cr4 } = outcome.registers;
    const { memory } = outcome;
    for (let offset = 0; offset < MAPPED; offset += PAGE) {
        const linear = (from + offset) >>> 0;
        const found = translate(memory, cr3, cr4, linear);
        if (found === offset && writable(memory, cr3, cr4, linear)) continue;
        const { directoryAt, directory, tableAt, table } = entriesOf(memory, cr3, linear);
        const entry = directory & 1 ? `entry ${linear >>> 12 & 1023} of the page table, at ${hex(tableAt, 5)}h, is ${hex(table, 8)}h`
            : `entry ${linear >>> 22} of the page directory, at ${hex(directoryAt, 5)}h, is ${hex(directory, 8)}h`;
        const why = found === null ? "bit 0, present, is 0" : found !== offset ? `it leads to ${hex(found, 8)}h` : "bit 1, writable, is 0 there or in the directory";
        return `Linear address ${hex(linear, 8)}h has to lead to ${hex(offset, 8)}h: ${entry}, so ${why}.`;
    }
    return null;
}

/** Null, or what is wrong with CR3 and the directory that it points to; `used` are the entries that may be present. */
export function directoryProblem(outcome, used) {
    const { cr3 } = outcome.registers;
    const set = outcome.last(IS.movCr3);
    if (!set) return "CR3 was not loaded: mov cr3 was not executed.";
    if (cr3 >>> 12 !== 0x10)
        return `${outcome.where(set.address)} made CR3 ${hex(cr3, 8)}h. The page directory is to lie at 00010000h.`;
    for (let index = 0; index < 1024; index++) {
        const entry = outcome.dword(0x10000 + index * 4);
        if (entry & 1 && !used.includes(index))
            return `Entry ${index} of the page directory, at ${hex(0x10000 + index * 4, 5)}h, is ${hex(entry, 8)}h: present, ` +
                (entry === 0xe7e7e7e7 ? "and it is what lay in RAM before. Write 0 to all 1024 entries first." : "and nothing was to be mapped there.");
    }
    return null;
}
