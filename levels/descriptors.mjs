// descriptors.mjs: what is wrong with a GDT, in words: for the levels that need one.
import { hex } from "./assembled.mjs";
import { IS } from "./outcome.mjs";

const FOUR_GIGABYTES = 0xffffffff;

/** Null, or the first thing that is wrong with code at 08h and data at 10h. */
export function gdtProblem(outcome) {
    const { gdtr, ds } = outcome.registers;
    const load = outcome.last(IS.lgdt);
    if (!load) return "lgdt was not executed: GDTR is still that of the BIOS.";
    const where = outcome.where(load.address);
    const inSector = gdtr.base >= 0x7c00 && gdtr.base < 0x7e00;
    if (!inSector && !looksLikeTable(outcome))
        return `${where} loaded the base ${hex(gdtr.base, 8)}h, and there is no GDT. One in the sector lies at 7C00h to 7DFFh. ` +
            (ds.base ? `lgdt reads through DS, which was ${hex(ds.selector)}h.` : "Limit (a word) and base (a double word) have to stand in this order where lgdt reads.");
    const zero = outcome.descriptor(0);
    if (zero && !zero.empty) return `The first descriptor, at ${hex(gdtr.base)}h, is not null: the processor never uses it. Eight bytes of 0 come first.`;
    if (gdtr.limit < 23)
        return `${where} loaded the limit ${hex(gdtr.limit)}h: the table ends before descriptor 10h. Three descriptors are 24 bytes, and the limit is 1 less: 0017h.`;
    const [code, data] = [8, 16].map((selector) => outcome.descriptor(selector));
    return segmentProblem(code, "08h", true) ?? segmentProblem(data, "10h", false);
}

/** Somebody may have built it elsewhere. */
function looksLikeTable(outcome) {
    return [8, 16].some((selector) => {
        const found = outcome.descriptor(selector);
        return found && found.present && found.segment;
    });
}

function segmentProblem(found, name, code) {
    const access = `its access byte is ${hex(found.access, 2)}h`;
    if (found.empty) return `Descriptor ${name} is empty.`;
    if (!found.present) return `Descriptor ${name} is not present: ${access}, and its bit 7, P, is 0.`;
    if (!found.segment) return `Descriptor ${name} is of a system segment: ${access}, and its bit 4, S, is 0.`;
    if (found.code !== code) return `Descriptor ${name} is of ${found.code ? "code" : "data"}, and not of ${code ? "code" : "data"}: ${access}, and its bit 3 is ${found.code ? 1 : 0}.`;
    if (found.dpl) return `Descriptor ${name} has the privilege level ${found.dpl}: ${access}, and its bits 5 and 6, DPL, have to be 0.`;
    if (!code && !found.writable) return `Descriptor ${name} is of data that cannot be written: ${access}, and its bit 1, W, is 0.`;
    if (!code && found.expandsDown) return `Descriptor ${name} is of data that expands down: ${access}. With its bit 2, E, a segment begins above its limit, and nothing is above ${hex(found.limit, 8)}h.`;
    if (found.base) return `Descriptor ${name} has the base ${hex(found.base, 8)}h, and not 0.`;
    if (found.limit !== FOUR_GIGABYTES)
        return `Descriptor ${name} has the limit ${hex(found.limit, 8)}h, and not FFFFFFFFh: ` + (found.granular ? `its 20 bits are ${hex(found.rawLimit, 5)}h, and FFFFFh is wanted.`
            : "bit G is 0, so the 20 bits count bytes, and not pages of 4 KB.");
    if (!found.big) return `Descriptor ${name} is of 16 bits: bit D/B is 0.`;
    if (found.long) return `Descriptor ${name} has bit L set, beside D/B: that is for 64-bit code, and has to be 0 here.`;
    return null;
}
