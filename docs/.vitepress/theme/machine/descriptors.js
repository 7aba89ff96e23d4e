// descriptors.js: the GDT and the IDT as they lie in memory (SDM 3A §3.4.5, figure 3-8; §6.11, figure 6-2).

const SYSTEM_TYPES = { 1: "16-bit TSS", 2: "LDT", 3: "16-bit TSS, busy", 9: "TSS", 11: "TSS, busy", 12: "call gate",
    14: "interrupt gate", 15: "trap gate" };

export const hex = (value, digits) => value.toString(16).toUpperCase().padStart(digits, "0");

/** The fields of a descriptor from bit 63 down: [name, highest bit, number of bits, value]. */
function fields(low, high) {
    const field = (name, word, top, bits) => ({ name, bit: top + (word === high ? 32 : 0), bits,
        value: (word >>> (top - bits + 1)) & ((1 << bits) - 1) });
    return [
        field("base 31:24", high, 31, 8), field("G", high, 23, 1), field("D/B", high, 22, 1),
        field("L", high, 21, 1), field("AVL", high, 20, 1), field("limit 19:16", high, 19, 4),
        field("P", high, 15, 1), field("DPL", high, 14, 2), field("S", high, 12, 1),
        field("type", high, 11, 4), field("base 23:16", high, 7, 8),
        field("base 15:0", low, 31, 16), field("limit 15:0", low, 15, 16),
    ];
}

export function decodeDescriptor(bytes) {
    const word = (at) => (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24) >>> 0;
    const low = word(0), high = word(4);
    const limit = (low & 0xffff) | (high & 0xf0000);
    const type = high >>> 8 & 15;
    const segment = (high >>> 12 & 1) === 1;
    const granular = high >>> 23 & 1;
    const kind = high === 0 && low === 0 ? "null"
        : !segment ? SYSTEM_TYPES[type] ?? `system type ${type}`
            : `${high >>> 22 & 1 ? "32-bit" : "16-bit"} ${type & 8 ? "code" : "data"}`;
    return {
        bytes: [...bytes],
        fields: fields(low, high),
        kind,
        null: kind === "null",
        present: (high >>> 15 & 1) === 1,
        accessed: segment && (type & 1) === 1,
        dpl: high >>> 13 & 3,
        base: ((low >>> 16) | (high & 0xff) << 16 | (high & 0xff000000)) >>> 0,
        limit: granular ? ((limit << 12) | 0xfff) >>> 0 : limit,
    };
}

const GATE_TYPES = { 5: "task gate", 14: "interrupt gate", 15: "trap gate" };
const EXCEPTIONS = ["#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS", "#NP", "#SS", "#GP", "#PF", "",
    "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"];
const FIRST_IRQ = 0x20, IRQS = 16, SYSTEM_CALL = 0x80; // as the kernel has them

const vectorName = (vector) => EXCEPTIONS[vector] || (vector === SYSTEM_CALL ? "INT 80h"
    : vector >= FIRST_IRQ && vector < FIRST_IRQ + IRQS ? `IRQ ${vector - FIRST_IRQ}` : "");

function decodeGate(bytes, vector) {
    const kind = GATE_TYPES[bytes[5] & 31] ?? "no gate";
    return {
        bytes: [...bytes], vector, name: vectorName(vector), kind,
        present: bytes[5] >> 7 === 1,
        dpl: bytes[5] >> 5 & 3,
        selector: bytes[2] | bytes[3] << 8,
        offset: (bytes[0] | bytes[1] << 8 | bytes[6] << 16 | bytes[7] << 24) >>> 0,
    };
}

/** All gates of an IDT. `read(linear, length)` gives bytes of memory. */
export function readGates(read, base, limit) {
    const count = Math.min(limit + 1 >> 3, 256);
    const bytes = read(base, count * 8);
    return Array.from({ length: count }, (_, vector) => decodeGate(bytes.subarray(vector * 8, vector * 8 + 8), vector));
}

/** Whether a row of a table is not as it was at the stop before. */
export const rowChanged = (row, old) => !old || old.bytes.join() !== row.bytes.join();

/** All descriptors of a table. `read(linear, length)` gives bytes of memory. */
export function readTable(read, base, limit) {
    const count = Math.min(limit + 1 >> 3, 32);
    const bytes = read(base, count * 8);
    return Array.from({ length: count }, (_, index) => ({
        selector: index * 8,
        ...decodeDescriptor(bytes.subarray(index * 8, index * 8 + 8)),
    }));
}
