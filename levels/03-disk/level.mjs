// Level 3: one sector more than the BIOS brings.
import { hex } from "../assembled.mjs";

const PLACE = 0x8000;
const ERRORS = { 1: "invalid parameter", 4: "sector not found", 9: "the buffer crosses a line of 64 KB", 0x80: "the drive does not answer" };
const half = (value, high) => (high ? value >> 8 : value) & 0xff;

/** Did the BIOS read the second sector, wherever to? Of service 42h only the packet says which: it counts as if. */
function broughtIt({ vector, before, after }) {
    if (vector !== 0x13 || after.eflags & 1) return false;
    if (half(before.eax, true) === 0x42) return true;
    const cylinder = half(before.ecx, true) | (before.ecx & 0xc0) << 2, first = before.ecx & 0x3f;
    return half(before.eax, true) === 2 && cylinder === 0 && half(before.edx, true) === 0 &&
        first <= 2 && first + half(before.eax) > 2;
}

export default {
    title: "Read the disk",
    chapter: "03",
    goal: "Read the second sector of the disk, the one behind yours, to 0000:8000 with `int 0x13`. At the start DL holds the number of the drive that the BIOS booted from: keep it.",
    hints: [
        "Service 02h of `int 0x13` reads sectors: AH = 02h, AL how many. Where from is in CH, CL, DH and DL, where to in ES:BX.",
        "Cylinders (CH) and heads (DH) count from 0, sectors (CL) from 1. So the second sector is cylinder 0, head 0, sector 2.",
        "ES is not 0 at the start. `xor ax, ax`, `mov es, ax`, `mov bx, 0x8000`, then AH = 2, AL = 1, CH = 0, CL = 2, DH = 0.",
    ],
    praise: "The sector is where you wanted it: this is how a boot loader grows beyond 512 bytes.",
    check(outcome) {
        const call = outcome.call(0x13);
        const found = outcome.sectorAt(PLACE);
        if (found === 1 && outcome.calls.some(broughtIt)) return null;
        if (found === 1) return "At 8000h stands what the second sector says, but int 13h has not read that sector: let the BIOS bring it.";
        if (!call) return "Nothing was read: the disk service, int 13h, was not called.";
        const { before, after, address } = call;
        const where = outcome.where(address);
        if (half(before.eax, true) !== 2 && half(before.eax, true) !== 0x42)
            return `${where} asked for service ${hex(half(before.eax, true), 2)}h. AH = 02h reads sectors.`;
        if (after.eflags & 1)
            return `${where} failed: the carry flag is set, and AH = ${hex(half(after.eax, true), 2)}h, ${ERRORS[half(after.eax, true)] ?? "an error"}. ` +
                `It was asked for drive ${hex(half(before.edx), 2)}h, cylinder ${half(before.ecx, true)}, head ${half(before.edx, true)}, sector ${half(before.ecx)}.`;
        const to = before.es.base + (before.ebx & 0xffff);
        if (outcome.sectorAt(to) === 1)
            return `The right sector was read, but to ${hex(to, 5)}h: ES was ${hex(before.es.selector)}h and BX ${hex(before.ebx & 0xffff)}h. ES × 16 + BX has to be 08000h.`;
        const read = found >= 0 ? found : outcome.sectorAt(to);
        if (read === 0) return `${where} read your own boot sector again: it is sector 1. The second sector is 2.`;
        if (read > 0) return `${where} read the sector with LBA ${read}: cylinder ${half(before.ecx, true)}, head ${half(before.edx, true)}, sector ${half(before.ecx)}. Cylinder 0, head 0, sector 2 is wanted.`;
        return `At 8000h there is not the second sector. ${where} was asked to read to ${hex(to, 5)}h.`;
    },
};
