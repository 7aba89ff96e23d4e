// outcome.mjs: what a run has left, as the checks of the levels ask for it.
import { MEMORY, diskSector } from "./run.mjs";
import { hex } from "./assembled.mjs";
import { descriptor, dword, gate, translate, word } from "./tables.mjs";

export const SCREEN = 0xb8000;
const COLUMNS = 80;
const PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3];

/** The bytes of an instruction behind its prefixes. */
export const opcode = (code) => code.subarray(code.findIndex((byte) => !PREFIXES.includes(byte)));
const is0f = (code, second) => opcode(code)[0] === 0x0f && opcode(code)[1] === second;
export const reg = (byte) => byte >> 3 & 7; // of ModRM

/** Instructions that the checks look for in what was executed. */
export const IS = {
    lgdt: (code) => is0f(code, 0x01) && reg(opcode(code)[2]) === 2,
    lidt: (code) => is0f(code, 0x01) && reg(opcode(code)[2]) === 3,
    movCr0: (code) => is0f(code, 0x22) && reg(opcode(code)[2]) === 0,
    movCr3: (code) => is0f(code, 0x22) && reg(opcode(code)[2]) === 3,
    invlpg: (code) => is0f(code, 0x01) && reg(opcode(code)[2]) === 7,
    ud2: (code) => is0f(code, 0x0b),
    farJump: (code) => opcode(code)[0] === 0xea,
    sti: (code) => opcode(code)[0] === 0xfb,
    loadSegment: (code) => opcode(code)[0] === 0x8e,
};

/** Of a character's colours: letter and background alike. Bit 7 is blinking. */
export const invisible = (colours) => (colours & 15) === (colours >> 4 & 7);

export class Outcome {
    /** run: of run.mjs, ended; program: of assembled.mjs; memory: what the machine's memory() gave. */
    constructor(run, program, memory) {
        Object.assign(this, { program, memory, ended: run.ended, trace: run.trace, calls: run.calls,
            registers: run.registers, address: run.address, first: run.first, seen: run.seen });
    }

    /** The line of the source that an address lies in, mapped or not; 0: none. */
    line(address) {
        return this.program.lineAt(address) || this.program.lineAt(0x7000 + (address & 0xfff));
    }

    /** "Line 12 (mov ds, ax)": how a message begins. */
    where(address) {
        const line = this.line(address);
        return line ? `Line ${line} (${this.program.text(line)})` : `The instruction at ${hex(address, 8)}h`;
    }

    /** The last instruction that was executed and of which `test` is true: { address, code }. */
    last(test) {
        return this.trace.findLast(({ code }) => code.length && test(code)) ?? null;
    }

    /** The last call of the BIOS with that number. */
    call(vector) {
        return this.calls.findLast((call) => call.vector === vector) ?? null;
    }

    bytes(address, length) {
        return this.memory.subarray(address, Math.min(address + length, MEMORY));
    }

    dword(address) {
        return dword(this.memory, address);
    }

    word(address) {
        return word(this.memory, address);
    }

    /** A character of the screen and its colours; "" where there is a blank. */
    cell(row, column) {
        const at = SCREEN + (row * COLUMNS + column) * 2;
        const code = this.memory[at];
        return { text: code === 0x20 || code === 0 ? "" : String.fromCharCode(code), colours: this.memory[at + 1] };
    }

    /** Null, or a clause that says what the corner of the screen shows instead of that letter. */
    corner(letter) {
        const { text, colours } = this.cell(0, 0);
        if (text !== letter) return `the corner of the screen shows "${text}", and not "${letter}"`;
        return invisible(colours) ? `nobody can see the ${letter} in the corner: its colours, ${hex(colours, 2)}h, are the same for letter and background` : null;
    }

    /** Was the letter in the corner already when the level took that glimpse? */
    cornerHad(letter, name) {
        const bytes = this.seen[name];
        return bytes !== undefined && String.fromCharCode(bytes[0]) === letter;
    }

    row(row) {
        return Array.from({ length: COLUMNS }, (_, column) => {
            const code = this.memory[SCREEN + (row * COLUMNS + column) * 2];
            return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : code ? "?" : " ";
        }).join("").trimEnd();
    }

    /** The number of the first row with something in it; -1: the screen is empty. */
    firstRow() {
        for (let row = 0; row < 25; row++) if (this.row(row)) return row;
        return -1;
    }

    /** The sector of the disk that these bytes are: its LBA, or -1. */
    sectorAt(address) {
        const found = this.bytes(address, 512);
        if (found[510] === 0x55 && this.program.bytes.every((byte, at) => byte === found[at])) return 0;
        const text = /^Sector with LBA (\d+) /.exec(String.fromCharCode(...found.subarray(0, 40)));
        if (!text) return -1;
        const number = Number(text[1]);
        return diskSector(number).every((byte, at) => byte === found[at]) ? number : -1;
    }

    descriptor(selector) {
        const { base, limit } = this.registers.gdtr;
        const at = this.linear(base + (selector & 0xfff8));
        return (selector & 0xfff8) + 7 > limit || at === null ? null : descriptor(this.memory, at);
    }

    gate(vector) {
        const { base, limit } = this.registers.idtr;
        const at = this.linear(base + vector * 8);
        return vector * 8 + 7 > limit || at === null ? null : gate(this.memory, at);
    }

    /** The physical address that a linear one leads to; null: none. */
    linear(address) {
        const { cr0, cr3, cr4 } = this.registers;
        return cr0 >>> 31 ? translate(this.memory, cr3, cr4, address) : address >>> 0;
    }
}
