// tables.mjs: descriptors and page tables as they lie in memory (SDM 3A §3.4.5, §4.3, §6.11).

const P = 1, RW = 2, PS = 0x80;
const PSE = 0x10; // of CR4
const PAGE = 0x1000, LARGE = 0x400000;

export const word = (memory, at) => at + 2 > memory.length ? 0 : memory[at] | memory[at + 1] << 8;
export const dword = (memory, at) => at + 4 > memory.length ? 0 : (word(memory, at) | word(memory, at + 2) << 16) >>> 0;

/** The page directory entry and the page table entry of a linear address: { directory, table }. */
export function entriesOf(memory, cr3, linear) {
    const directoryAt = ((cr3 & 0xfffff000) >>> 0) + (linear >>> 22) * 4;
    const directory = dword(memory, directoryAt);
    const tableAt = ((directory & 0xfffff000) >>> 0) + (linear >>> 12 & 1023) * 4;
    return { directoryAt, directory, tableAt, table: dword(memory, tableAt) };
}

/** The physical address of a linear one; null: no page is there. */
export function translate(memory, cr3, cr4, linear) {
    const { directory, table } = entriesOf(memory, cr3, linear);
    if (!(directory & P)) return null;
    if (directory & PS && cr4 & PSE) return ((directory & 0xffc00000) | (linear & (LARGE - 1))) >>> 0;
    return table & P ? ((table & 0xfffff000) | (linear & (PAGE - 1))) >>> 0 : null;
}

/** May ring 0 write there with CR0.WP set? */
export function writable(memory, cr3, cr4, linear) {
    const { directory, table } = entriesOf(memory, cr3, linear);
    return (directory & RW) !== 0 && ((directory & PS && cr4 & PSE) || (table & RW) !== 0);
}

/** A descriptor of a segment. */
export function descriptor(memory, at) {
    const low = dword(memory, at), high = dword(memory, at + 4);
    const limit = (low & 0xffff) | (high & 0xf0000);
    return {
        empty: low === 0 && high === 0,
        base: ((low >>> 16) | (high & 0xff) << 16 | (high & 0xff000000)) >>> 0,
        limit: high & 0x800000 ? ((limit << 12) | 0xfff) >>> 0 : limit,
        rawLimit: limit,
        granular: (high & 0x800000) !== 0,
        big: (high & 0x400000) !== 0,
        long: (high & 0x200000) !== 0,
        present: (high & 0x8000) !== 0,
        dpl: high >>> 13 & 3,
        segment: (high & 0x1000) !== 0,
        code: (high & 0x800) !== 0,
        writable: (high & 0x200) !== 0, // of data; of code: readable
        expandsDown: (high & 0x400) !== 0, // of data; of code: conforming
        access: high >>> 8 & 0xff,
    };
}

/** A gate of the IDT. */
export function gate(memory, at) {
    const low = dword(memory, at), high = dword(memory, at + 4);
    return { offset: ((high & 0xffff0000) | (low & 0xffff)) >>> 0, selector: low >>> 16, present: (high & 0x8000) !== 0,
        type: high >>> 8 & 0x1f, dpl: high >>> 13 & 3 };
}
