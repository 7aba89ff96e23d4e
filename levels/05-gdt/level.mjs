// Level 5: the table, and where it is.
import { gdtProblem } from "../descriptors.mjs";

export default {
    title: "A table of segments",
    chapter: "07",
    goal: "Write a GDT of three descriptors and load GDTR with `lgdt`: null, 32-bit code at 08h, data at 10h. Both begin at 0, have 4 GB, and belong to ring 0.",
    hints: [
        "A descriptor has 8 bytes: limit 15:0, base 15:0, base 23:16, the access byte, flags with limit 19:16, base 31:24.",
        "The access byte: P = 1, DPL = 00, S = 1, then 1 for code or 0 for data, 0, 1 (readable, writable), 0: 9Ah and 92h. Flags: G = 1, D/B = 1: Ch, beside limit 19:16 = Fh.",
        "`dq 0x00CF9A000000FFFF` and `dq 0x00CF92000000FFFF`. What `lgdt [gdtr]` reads: `dw gdtr - gdt - 1` and `dd gdt`.",
    ],
    praise: "GDTR points to your table. Nothing uses it yet: real mode does not look at it.",
    check: gdtProblem,
};
