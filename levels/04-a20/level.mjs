// Level 4: address line 20. It is closed at the start, as on a PC that is an AT.
import { hex } from "../assembled.mjs";

export default {
    title: "Address line 20",
    chapter: "05",
    a20: false,
    goal: "Address line 20 is closed: above 1 MB, an address means the one 1 MB below. Open the gate, then write AAh to 0000:0500 and 55h to FFFF:0510, so that both bytes are there. The writes are done already.",
    hints: [
        "FFFF:0510 is FFFF0h + 0510h = 100500h. With line 20 forced to 0 that is 000500h, the first byte again.",
        "Three ways lead to the gate: bit 1 of port 92h, the keyboard controller's output port, and the BIOS, `int 0x15` with AX = 2401h.",
        "`in al, 0x92`, `or al, 2`, `and al, 0xFE` (bit 0 is the reset line!), `out 0x92, al`.",
    ],
    praise: "Two addresses, two bytes: line 20 carries what you put on it.",
    check(outcome) {
        const [below, above] = [outcome.memory[0x500], outcome.memory[0x100500]];
        if (!outcome.registers.a20)
            return `The gate is still closed: 000500h and 100500h are one byte, and it holds ${hex(below, 2)}h.` + tried(outcome);
        if (below === 0x55) return "The gate is open now, but the bytes were written before: 000500h holds 55h. Open it first.";
        if (below !== 0xaa) return `The gate is open, but 000500h holds ${hex(below, 2)}h, and not AAh.`;
        if (above !== 0x55) return `The gate is open, but 100500h holds ${hex(above, 2)}h, and not 55h.`;
        return null;
    },
};

function tried(outcome) {
    const call = outcome.call(0x15);
    if (call) return ` ${outcome.where(call.address)} called the BIOS with AX = ${hex(call.before.eax & 0xffff)}h: 2401h opens the gate.`;
    const out = outcome.last((code) => code[0] === 0xe6);
    if (!out) return "";
    return ` ${outcome.where(out.address)} wrote to port ${hex(out.code[1], 2)}h, but not what opens it: bit 1 of port 92h.`;
}
