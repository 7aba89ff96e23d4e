// Level 2: DS has to be set by who uses it.
import { hex } from "../assembled.mjs";
import { invisible } from "../outcome.mjs";

const WANTED = "Hello from real mode";

export default {
    title: "DS and the string",
    chapter: "02",
    goal: `Print \`${WANTED}\` in the first row. The loop is written already, and yet the screen shows nothing of it: why? Mend it, and stop with \`hlt\`.`,
    hints: [
        "`lodsb` reads the byte at DS:SI. Look at DS in the registers. The BIOS says nothing about what it holds at the start.",
        "The address is DS × 16 + SI. `org 0x7C00` makes NASM count from 7C00h, so that is the whole address already.",
        "DS has to be 0. A segment register takes no number: `xor ax, ax` and `mov ds, ax`, before the loop.",
    ],
    praise: "DS × 16 + SI is an address of yours now, and not what the BIOS happened to leave.",
    early(outcome) {
        const { ds } = outcome.registers;
        return outcome.ended === "limit" && ds.base ? aboutDs(ds) : null;
    },
    check(outcome) {
        const { ds, eflags } = outcome.registers;
        const row = outcome.row(0);
        if (row === WANTED && [...WANTED].some((_, column) => invisible(outcome.cell(0, column).colours)))
            return "The text is there, but nobody can see it: letters and background have the same colour. 07h is grey on black.";
        if (row === WANTED) return null;
        if (ds.base === 0 && eflags & 0x400) return "The direction flag is set: lodsb goes down through memory, and not up. cld clears it.";
        if (ds.base !== 0 && ds.base !== 0x7c00) return aboutDs(ds);
        if (ds.base === 0x7c00) return "DS is 07C0h, and org is 7C00h: that counts the sector's place twice. Use DS = 0, or org 0.";
        if (!row) return "The first row is empty.";
        if (WANTED.startsWith(row)) return `The first row ends too early: "${row}".`;
        if (row.startsWith(WANTED)) return `Behind the text there is more: "${row.slice(WANTED.length)}". A 0 byte ends it, and the loop has to see it.`;
        return `The first row says "${row}", and not "${WANTED}".`;
    },
};

const aboutDs = (ds) => `DS is ${hex(ds.selector)}h, so lodsb read from ${hex(ds.base, 5)}h and up. ` +
    "Your text lies near 07C00h: DS has to be set before it is used.";
