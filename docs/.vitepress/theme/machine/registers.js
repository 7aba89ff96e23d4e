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
const COME_AND_GO = ["cr2", "error", "eax", "frame", "at", "esp0"]; // no news
const PLACES = ["eip", "esp"];      // news where the step jumps, or leads to another megabyte: else they just go on
const PLACE_SHIFT = 20;             // STEP_PLACE_SHIFT of include/ascent/steps.h
const FRAME = ["eip", "cs", "eflags", "esp", "ss"];
const SYSTEM_FLAGS = 0x700;         // of EFLAGS: the others are results of arithmetic

const low = (text) => parseInt(text.slice(-8), 16); // an entry of PAE has 64 bits

const bits = (name, before, now) => Object.entries(BITS[name] ?? {}).map(([bit, label]) => ({
    label,
    title: LONG[label] ?? label,
    before: low(before) >>> bit & 1,
    now: low(now) >>> bit & 1,
})).filter((b) => b.before || b.now);

/** Before INT 80h there were the program's registers, which the processor has pushed. */
function pushed(registers) {
    return Object.fromEntries(registers.frame.now.split("/").map((value, index) =>
        [FRAME[index], { now: value.slice(-registers[FRAME[index]].now.length) }]));
}

/**
 * The rows of the table. `registers` is of the @STEP line, `last` that of the step before: the line
 * itself says nothing of how ESP, EIP and EFLAGS were. `step`: the row of the table of steps.
 */
export function registerRows(registers, last, step) {
    const trap = step?.name === "syscall" ? pushed(registers) : {};
    return [...ROWS, ...EVENT_ROWS].filter((name) => registers[name]).map((name) => {
        const now = registers[name].now;
        let before = registers[name].before;
        if (before === now && last?.[name] && !EVENT_ROWS.includes(name)) before = last[name].now;
        before = trap[name]?.now ?? before;
        let changed = before !== now && !COME_AND_GO.includes(name);
        if (PLACES.includes(name))
            changed = changed && (step?.jump || (low(before) ^ low(now)) >>> PLACE_SHIFT !== 0);
        if (name === "eflags") changed = changed && ((parseInt(before, 16) ^ parseInt(now, 16)) & SYSTEM_FLAGS) !== 0;
        return { name, before, now, changed, bits: bits(name, before, now) };
    });
}

const plural = (count, what) => `${count} ${what}${count > 1 ? "s" : ""}`;

/**
 * What changed, in words: registers; `tables`: names of tables, and how many of their rows; what `ranges`
 * says of the page tables, which the processor uses only if `paging`; and `used`: both are of paging.js.
 */
export function changesInWords(rows, { tables = {}, ranges = [], paging = true, used = [] } = {}) {
    const words = rows.filter((row) => row.changed).map((row) => {
        const flips = row.bits.filter((bit) => bit.before !== bit.now);
        const name = row.name.toUpperCase();
        return flips.length ? flips.map((bit) => `${name}.${bit.label} is now ${bit.now}`).join(", ")
            : `${name} is now ${row.now.toUpperCase()}`;
    });
    for (const [name, count] of Object.entries(tables)) if (count) words.push(`${plural(count, "row")} of the ${name} ${count > 1 ? "are" : "is"} new or changed`);
    const verbs = paging ? [["new", "mapped now"], ["changed", "mapped otherwise"], ["gone", "not mapped any more"]]
        : [["new", "in the page tables, which nothing uses while CR0.PG is 0"]];
    for (const [news, verb] of verbs) {
        const count = ranges.filter((range) => range.news === news).length;
        if (count) words.push(`${plural(count, "range")} of linear addresses ${count > 1 ? "are" : "is"} ${verb}`);
    }
    if (used.length === 1) words.push(`the processor has set ${used[0].bits.join(" and ")} in entry ${used[0].path}`);
    if (used.length > 1) words.push(`the processor has set A or D in ${used.length} entries`);
    return words.join("; ") || "no control or segment register";
}
