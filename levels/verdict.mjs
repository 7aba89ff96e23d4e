// verdict.mjs: passed or not, and why not. First what holds for every boot sector: it can be assembled
// and booted, and the processor comes to a HLT. Then the check of the level.
import { hex, notBootable } from "./assembled.mjs";
import { IS, Outcome, opcode, reg } from "./outcome.mjs";
import { LIMIT } from "./run.mjs";
import { descriptor } from "./tables.mjs";

const DATA = /\b(?:db|dw|dd|dq)\b/;
const SEVERAL = /\b(?:times|d[bwdq])\b|^%|^\w+\s*$/;
const EXCEPTIONS = { 0: "#DE, divide error", 3: "#BP, breakpoint", 6: "#UD, invalid opcode", 8: "#DF, double fault",
    13: "#GP, general protection", 14: "#PF, page fault" };

const SS = 2; // the number of a segment register in ModRM

const failed = (message, line = 0) => ({ passed: false, message, line });

/** What keeps a source from being booted at all, or null. */
export function beforeBoot(program) {
    const first = program.complaints.find(({ fatal }) => fatal);
    if (first) return failed(`Line ${first.line} (${program.text(first.line)}): NASM says: ${first.text}. ${first.help}`.trim(), first.line);
    if (!program.ok) return failed("NASM came to no end with this, or made far more than a sector of it. Does a %rep, a macro or a times make more than you think?");
    const problem = notBootable(program);
    return problem ? failed(problem) : null;
}

/** Of an ended run: { passed, message, line }. */
export function verdict(level, run, program, memory) {
    const outcome = new Outcome(run, program, memory);
    const ends = level.ends ?? ["hlt", "loop"];
    if (!ends.includes(run.ended)) {
        const early = level.early?.(outcome);
        const message = early ?? misread(outcome) ?? howItEnded(outcome);
        return failed(message, outcome.line(run.trace.at(-1)?.address ?? run.address));
    }
    const message = level.check(outcome);
    if (message) return failed(misread(outcome) ?? message, outcome.line(run.address));
    return { passed: true, message: level.praise, line: 0 };
}

function howItEnded(outcome) {
    const data = ranData(outcome);
    if (data) return data;
    const last = outcome.trace.at(-1);
    switch (outcome.ended) {
    case "hlt":
    case "loop":
        return `${outcome.where(outcome.address)}: the processor came to its end here, and nothing had gone wrong.`;
    case "left":
        return `${outcome.where(last.address)} led to ${hex(outcome.address, 8)}h. That is not in your sector, ` +
            "which lies at 7C00h to 7DFFh. End with hlt, and check where jumps and calls lead to.";
    case "limit":
        return endless(outcome);
    case "reset":
        return `${outcome.where(last.address)} reset the PC: this port has the reset line, and what was written pulled it. No exception was needed, and no line behind it runs.`;
    case "lost":
        return `${outcome.where(last.address)}: the BIOS did not come back from this call.`;
    default:
        return `${outcome.where(last.address)}: triple fault, the processor resets. ${whyTriple(outcome, last)}`;
    }
}

/**
 * Code that NASM made for 16 bits and the processor reads as 32, or the other way round: it soon comes
 * to the middle of an instruction. Lines of several instructions are left out.
 */
function misread({ trace, program, registers }) {
    const found = trace.find(({ address }) => {
        const line = program.lineAt(address);
        return line && !program.begins(address) && !SEVERAL.test(program.text(line));
    });
    if (!found) return null;
    const line = program.lineAt(found.address);
    return `The processor came to the middle of line ${line} (${program.text(line)}), at ${hex(found.address)}h: it reads the bytes as ` +
        `${registers.cs.bits}-bit code, and NASM made them for ${registers.cs.bits === 32 ? 16 : 32}. ` +
        `${registers.cs.bits === 32 ? "bits 32 is missing before the label that the far jump goes to." : "bits 32 stands too early, or the far jump is missing."}`;
}

/** Data is no code. Told only when something went wrong: one may write instructions with db. */
function ranData(outcome) {
    if (outcome.ended === "hlt" || outcome.ended === "loop") return null;
    const at = outcome.trace.findIndex(({ address }) => DATA.test(outcome.program.text(outcome.line(address))));
    if (at < 1) return null;
    const { trace, program } = outcome;
    const line = outcome.line(trace[at].address);
    return `Line ${line} (${program.text(line)}) is data, but the processor came there from line ` +
        `${outcome.line(trace[at - 1].address)} and ran it as instructions. Put hlt before it.`;
}

function endless(outcome) {
    const lines = outcome.trace.slice(-2000).map(({ address }) => outcome.line(address)).filter(Boolean);
    const [first, last] = [Math.min(...lines), Math.max(...lines)];
    return `After ${LIMIT} instructions there is no end: the processor goes round in ` +
        (first === last ? `line ${first}` : `lines ${first} to ${last}`) + ". Does the loop count, and compare, what you think?";
}

const IDT_MISSING = "There is no IDT that could take it: a second exception follows, then a third.";

function whyTriple(outcome, { address, code }) {
    const { registers, memory } = outcome;
    if (!code.length)
        return `With CR0.PG set, address ${hex(address, 8)}h is on no page: the processor cannot fetch the instruction (#PF). ` +
            "The code that turns paging on has to be mapped where it runs.";
    const [first, second] = opcode(code);
    if (!(registers.cr0 & 1)) return `In real mode the IDT has a limit of ${hex(registers.idtr.limit)}h: this interrupt is beyond it.`;
    if (IS.farJump(code)) return `The far jump wants selector ${hex(farSelector(outcome, code))}h. ${aboutSelector(outcome, farSelector(outcome, code), "code")}`;
    if (IS.loadSegment(code)) {
        const selector = sourceOfMove(registers, second) & 0xffff;
        return `It loads the selector ${hex(selector)}h. ${aboutSelector(outcome, selector, reg(second) === SS ? "stack" : "data")}`;
    }
    const vector = first === 0xcd ? second : first === 0xcc ? 3 : first === 0x0f && second === 0x0b ? 6 : null;
    if (vector !== null) return `It raises ${EXCEPTIONS[vector] ?? `interrupt ${hex(vector, 2)}h`}. ${aboutGate(outcome, vector)}`;
    if (registers.cr0 >>> 31) return `It touches an address that no page maps, or one that may not be written (#PF). ${IDT_MISSING}`;
    if (descriptor(memory, registers.gdtr.base + (registers.cs.selector & 0xfff8)).present === false)
        return `The descriptor of CS is not present. ${IDT_MISSING}`;
    return `It raises an exception. ${IDT_MISSING}`;
}

function farSelector({ registers }, code) {
    const at = code.length - opcode(code).length;
    const wide = (registers.cs.bits === 32) !== code.subarray(0, at).includes(0x66);
    const selectorAt = at + 1 + (wide ? 4 : 2);
    return code[selectorAt] | code[selectorAt + 1] << 8;
}

const sourceOfMove = (registers, modrm) =>
    modrm >> 6 === 3 ? registers[["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"][modrm & 7]] : 0;

function aboutSelector(outcome, selector, kind) {
    const { gdtr } = outcome.registers;
    if ((selector & 0xfffc) === 0) return kind === "data" ? IDT_MISSING : `That is the null selector: ${kind === "code" ? "CS" : "SS"} cannot hold it (#GP).`;
    if (selector & 4) return "Its bit 2 asks for an LDT, and there is none (#GP).";
    const found = outcome.descriptor(selector);
    if (!found) return `The GDT at ${hex(gdtr.base)}h ends before it: its limit is ${hex(gdtr.limit)}h (#GP).`;
    if (!found.present) return `Its descriptor in the GDT is not present: bit 7 of the access byte, ${hex(found.access, 2)}h, is 0 (#NP).`;
    if (!found.segment) return `Its descriptor is of a system segment: bit 4 of the access byte, ${hex(found.access, 2)}h, is 0 (#GP).`;
    if (kind === "code" && !found.code) return `Its descriptor is of data: bit 3 of the access byte, ${hex(found.access, 2)}h, is 0 (#GP).`;
    if (kind === "data" && found.code && !found.writable) return "Its descriptor is of code that cannot be read (#GP).";
    if (kind === "stack" && (found.code || !found.writable)) return "SS needs a descriptor of data that can be written, and this is none (#GP).";
    if (selector & 3) return `Its bits 0 and 1, RPL, ask for it as ring ${selector & 3} would, and it belongs to ring ${found.dpl} (#GP).`;
    return IDT_MISSING;
}

function aboutGate(outcome, vector) {
    const { idtr } = outcome.registers;
    const found = outcome.gate(vector);
    if (!outcome.last(IS.lidt)) return `IDTR is still that of real mode, base ${hex(idtr.base)}h: lidt has not been executed.`;
    if (!found) return `The IDT at ${hex(idtr.base)}h has no gate ${vector}: its limit is ${hex(idtr.limit)}h, and a gate takes 8 bytes.`;
    if (!found.present) return `Gate ${vector} of the IDT at ${hex(idtr.base)}h is not present: bit 15 of its second double word is 0.`;
    if (found.type !== 14 && found.type !== 15) return `Gate ${vector} has type ${hex(found.type, 2)}h, and not 0Eh, an interrupt gate of 32 bits.`;
    return `Gate ${vector} has the selector ${hex(found.selector)}h. ${aboutSelector(outcome, found.selector, "code")}`;
}
