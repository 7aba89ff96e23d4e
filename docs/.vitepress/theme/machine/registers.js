// registers.js: what an @STEP line shows as a table, with the bits that have names (SDM 3A §2.5, §2.3).

const BITS = {
    cr0: { 0: "PE", 1: "MP", 2: "EM", 3: "TS", 4: "ET", 5: "NE", 16: "WP", 18: "AM", 29: "NW", 30: "CD", 31: "PG" },
    cr4: { 0: "VME", 1: "PVI", 2: "TSD", 3: "DE", 4: "PSE", 5: "PAE", 6: "MCE", 7: "PGE", 9: "OSFXSR", 11: "UMIP",
        20: "SMEP", 21: "SMAP" },
    eflags: { 8: "TF", 9: "IF", 10: "DF" },
    error: { 0: "P", 1: "W", 2: "U", 4: "I" },
    pte: { 0: "P", 1: "RW", 2: "US", 5: "A", 6: "D" },
};
const LONG = {
    PE: "protection enable", MP: "monitor coprocessor", ET: "extension type", NE: "numeric error",
    WP: "write protect", NW: "not write-through", CD: "cache disable", PG: "paging",
    PSE: "page size extensions", PAE: "physical address extension", PGE: "page global enable",
    UMIP: "user-mode instruction prevention", IF: "interrupt enable", DF: "direction", EM: "emulation",
    TS: "task switched", P: "present", RW: "writable", US: "for ring 3 too", A: "accessed", D: "written to",
    W: "a write", U: "by ring 3", I: "an instruction fetch",
};
const ROWS = ["cr0", "cr3", "cr4", "cs", "ds", "ss", "gdtr", "idtr", "eip", "esp", "eflags"];
// Of the steps of the first program: what a page fault was about, a call's number, and EIP, CS, EFLAGS,
// ESP, SS of ring 3 on the kernel's stack.
const EVENT_ROWS = ["cr2", "error", "pte", "eax", "frame", "at", "esp0"];
const COME_AND_GO = ["eip", "esp", "cr2", "error", "eax", "frame", "at", "esp0"]; // no news
const SYSTEM_FLAGS = 0x700;         // of EFLAGS: the others are results of arithmetic

const low = (text) => parseInt(text.slice(-8), 16); // an entry of PAE has 64 bits

const bits = (name, before, now) => Object.entries(BITS[name] ?? {}).map(([bit, label]) => ({
    label,
    title: LONG[label] ?? label,
    before: low(before) >>> bit & 1,
    now: low(now) >>> bit & 1,
})).filter((b) => b.before || b.now);

/**
 * The rows of the table. `registers` is of the @STEP line, `last` that of the step before: the line
 * itself says nothing of how ESP, EIP and EFLAGS were.
 */
export function registerRows(registers, last) {
    return [...ROWS, ...EVENT_ROWS].filter((name) => registers[name]).map((name) => {
        const now = registers[name].now;
        let before = registers[name].before;
        if (before === now && last?.[name] && !EVENT_ROWS.includes(name)) before = last[name].now;
        let changed = before !== now && !COME_AND_GO.includes(name);
        if (name === "eflags") changed = changed && ((parseInt(before, 16) ^ parseInt(now, 16)) & SYSTEM_FLAGS) !== 0;
        return { name, before, now, changed, bits: bits(name, before, now) };
    });
}

/** What changed, in words: registers, and what `ranges` (of paging.js) says of the page tables. */
export function changesInWords(rows, ranges = []) {
    const words = rows.filter((row) => row.changed).map((row) => {
        const flips = row.bits.filter((bit) => bit.before !== bit.now);
        const name = row.name.toUpperCase();
        return flips.length ? flips.map((bit) => `${name}.${bit.label} is now ${bit.now}`).join(", ")
            : `${name} is now ${row.now.toUpperCase()}`;
    });
    if (!words.length) words.push("no control or segment register");
    for (const [news, verb] of [["new", "mapped now"], ["changed", "mapped otherwise"], ["gone", "not mapped any more"]]) {
        const count = ranges.filter((range) => range.news === news).length;
        if (count) words.push(`${count} range${count > 1 ? "s" : ""} of linear addresses ${count > 1 ? "are" : "is"} ${verb}`);
    }
    return words.join("; ");
}
