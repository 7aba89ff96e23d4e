// run.mjs: a boot sector, instruction by instruction, from 7C00h to its first HLT. The machine is v86
// in the page and in node (docs/.vitepress/theme/levels/stepper.js), or QEMU (native/qemu.mjs):
//
//   start(sector, { a20 })  at 0000:7C00, as the BIOS leaves the machine, but for what prepared() says
//   position()              { address, real, paging }: the linear address of the next instruction, and
//                           the mode that the processor is in
//   registers()             all of them: { eax … edi, eip, eflags, cr0, cr2, cr3, cr4, cs … gs:
//                           { selector, base, limit, bits }, gdtr, idtr: { base, limit }, a20 }
//   fetch(linear, length)   bytes as the processor would fetch them; null: that page is not there
//   step(code)              one instruction, of which `code` are the bytes; an INT that the BIOS answers
//                           is one, and so is a string instruction with REP. Returns "ok", "triple"
//                           (the processor gave up), "reset" (a port pulled the reset line) or "lost"
//                           (the BIOS did not return)
//   read(physical, length)  bytes of memory
//   memory()                the first MEMORY bytes of it
//
// Clock ticks wait while the sector's own instructions run: a run is the same each time.
import { ORIGIN, SECTOR } from "./assembled.mjs";

export const MEMORY = 0x400000;
export const LIMIT = 20000; // instructions; the longest solution takes 4,128
const PAUSE = 500;          // instructions between two pauses of a page
const ROM = 0xc0000, ROM_END = 0x100000;
const LONGEST_INSTRUCTION = 15; // bytes (SDM 2A §2.3.11)
const HLT = 0xf4, INT = 0xcd, JUMP_TO_ITSELF = [0xeb, 0xfe], JUMP_NEAR = 0xe9;
const GLIMPSE = 4; // bytes that a level may want to know of a moment

/**
 * What every machine is given before the first instruction: segments that mean nothing, as a BIOS may
 * leave them, an empty screen with the cursor at its top, and RAM that is not zero.
 */
export const prepared = {
    segments: { ds: 0x3000, es: 0x4000 },
    screen: { address: 0xb8000, cells: 2000, cell: [0x20, 0x07] },
    cursor: 0x450,
    junk: { from: 0x8000, to: 0x30000, byte: 0xe7 },
};

/** Sectors of the disk: the first is the program; the others say in text which they are. */
export function diskSector(number) {
    const bytes = new Uint8Array(SECTOR).fill(0x2e);
    bytes.set(new TextEncoder().encode(`Sector with LBA ${number} of the disk. `));
    return bytes;
}

export class Run {
    /**
     * ended: null, or how: "hlt", "loop" (a jump to itself), "left" the sector, "limit", "triple", "reset", "lost".
     * glimpses of a level: { name: { when(here), at, last } }. What lies at `at` when `here`, an instruction to
     * be executed ({ address, real, paging, code }), is the first like that, or the last, is kept in `seen`.
     */
    constructor(machine, { a20 = true, anywhere = false, glimpses = {} } = {}) {
        Object.assign(this, { machine, a20, anywhere, glimpses });
    }

    async start(sector) {
        this.trace = [];  // { address, code }: what was executed
        this.calls = [];  // { address, vector, before, after }: what the BIOS was asked
        this.ended = null;
        this.seen = {};
        await this.machine.start(sector, { a20: this.a20 });
        this.first = await this.machine.registers();
        await this.#arrive();
    }

    /** One instruction. Does nothing when the run has ended. */
    async step() {
        if (this.ended) return;
        const { address, code, machine } = this;
        const before = code[0] === INT ? await machine.registers() : null;
        this.trace.push({ address, code });
        const how = await machine.step(code);
        if (how !== "ok") return this.#end(how);
        if (before) this.calls.push({ address, vector: code[1], before, after: await machine.registers() });
        await this.#arrive();
        if (code[0] === JUMP_NEAR && this.address === address && !this.ended) await this.#end("loop");
        if (this.trace.length >= LIMIT && !this.ended) await this.#end("limit");
    }

    /** To the end. `pause` is awaited every now and then, so that a page stays alive. */
    async finish(pause = async () => {}) {
        while (!this.ended) {
            await this.step();
            if (this.trace.length % PAUSE === 0) await pause();
        }
    }

    /** Where it stands: the linear address of the next instruction, and its bytes. */
    async #arrive() {
        const { machine } = this;
        const { address, real, paging } = await machine.position();
        this.address = address;
        this.code = await machine.fetch(address, LONGEST_INSTRUCTION) ?? new Uint8Array(0);
        await this.#glimpse({ address, real, paging, code: this.code });
        if (this.code[0] === HLT) await this.#end("hlt");
        else if (JUMP_TO_ITSELF.every((byte, at) => this.code[at] === byte)) await this.#end("loop");
        else if (!this.anywhere && !inSector(address, paging)) await this.#end("left");
        else if (this.anywhere && real && address >= ROM && address < ROM_END) await this.#end("left");
    }

    async #glimpse(here) {
        for (const [name, { when, at, last }] of Object.entries(this.glimpses))
            if ((last || !(name in this.seen)) && when(here)) this.seen[name] = await this.machine.read(at, GLIMPSE);
    }

    async #end(how) {
        this.ended = how;
        this.registers = await this.machine.registers();
    }
}

/** The sector may be mapped elsewhere: its offset in a page stays. */
function inSector(address, paging) {
    const offset = paging ? address & 0xfff : address - (ORIGIN & ~0xfff);
    return offset >= (ORIGIN & 0xfff) && offset < (ORIGIN & 0xfff) + SECTOR;
}
