// Level 1: a letter on the screen, by the BIOS or written to the screen's memory.
import { hex } from "../assembled.mjs";
import { invisible } from "../outcome.mjs";

export default {
    title: "A letter on the screen",
    chapter: "01",
    goal: "Put the letter `A` in the top left corner of the screen, then stop with `hlt`. The screen is empty and the cursor is at its top.",
    hints: [
        "The BIOS prints a character when it is called with `int 0x10`. Registers say which service, and which character.",
        "Service 0Eh, teletype output, goes to AH, the character to AL, the page, 0, to BH.",
        "Three lines: `mov ah, 0x0E`, `mov al, 'A'`, `int 0x10`. Or write the word 0741h to B800:0000 yourself.",
    ],
    praise: "An A, and the processor stands still. 512 bytes, and you were in charge of all of them.",
    check(outcome) {
        const { text, colours } = outcome.cell(0, 0);
        const row = outcome.firstRow();
        if (text === "A" && invisible(colours))
            return `The A is there, but its colours, ${hex(colours, 2)}h, are the same for letter and background. 07h is grey on black.`;
        if (text === "A") return null;
        if (text) return `In the corner stands "${text}", and not "A".`;
        const call = outcome.call(0x10);
        if (row >= 0) return `The screen shows "${outcome.row(row).trim()}" in row ${row}, but nothing in the top left corner.`;
        if (call && (call.before.eax >> 8 & 0xff) !== 0x0e)
            return `${outcome.where(call.address)} called the BIOS with AH = ${hex(call.before.eax >> 8 & 0xff, 2)}h. That is another service: teletype output is 0Eh.`;
        return call ? "The BIOS was called, but printed nothing that can be seen." : "The screen is still empty: nothing was printed.";
    },
};
