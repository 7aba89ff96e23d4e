// stepper.js: the machine of levels/run.mjs in v86. It starts from a saved state that stands at 7C00h
// (boot-state.mjs), so no BIOS has to run first. What v86 lacks is added here: a gate for address line
// 20, and the limit of the IDT in real mode.
import { ORIGIN, SECTOR } from "../../../../levels/assembled.mjs";
import { MEMORY, diskSector, prepared } from "../../../../levels/run.mjs";
import { translate } from "../../../../levels/tables.mjs";
import { Disk } from "../machine/disk.js";
import { Clock, singleStepping } from "./single_step.js";

export const VGA_MEMORY = 2 * 1024 * 1024;
export const DISK_SECTORS = 2016; // 2 cylinders of 16 heads and 63 sectors
const NAMES = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs"];
const TEXT = 0xb8000, TEXT_BYTES = 0x8000;
const PE = 1, IF = 0x200, STI = 0xfb;
const REQUESTED = 3;           // of v86's interrupt controller: the byte with the IRQs that wait
const CALL_LIMIT = 5e6;       // instructions that a call of the BIOS may take
const TIMER_PERIOD = 200;      // instructions of the BIOS between two looks at the devices' time
const PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3];
const HIGH = 0x100000, WRAP = 0x10000; // with the gate closed, these 64 KB from 1 MB on are those from 0 on

/** The options of V86 that a saved state depends on. */
export function hardware({ bios, vgaBios, disk }) {
    const buffer = (bytes) => ({ buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
    return { memory_size: MEMORY, vga_memory_size: VGA_MEMORY, bios: buffer(bios), vga_bios: buffer(vgaBios), hda: disk,
        boot_order: 0x132, autostart: false, disable_jit: true, disable_speaker: true, disable_keyboard: true,
        disable_mouse: true };
}

/** The disk: its first sector is the program. */
export class LevelDisk extends Disk {
    constructor() {
        super({ byteLength: DISK_SECTORS * SECTOR, read: (start, length) => this.read(start, length) });
        this.first = new Uint8Array(SECTOR);
    }

    read(start, length) {
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length; at += SECTOR) {
            const number = (start + at) / SECTOR;
            bytes.set(number ? diskSector(number) : this.first, at);
        }
        return bytes;
    }
}

export class Stepper {
    /** V86: the class; wasm: the bytes of v86.wasm; bios, vgaBios: bytes; state: of boot-state.mjs. */
    constructor({ V86, wasm, bios, vgaBios, state }) {
        Object.assign(this, { V86, bios, vgaBios, state });
        this.module = WebAssembly.compile(singleStepping(wasm));
    }

    async start(sector, { a20 }) {
        if (!this.#emulator || this.#dead) await this.#power();
        this.#disk.first.set(sector);
        await this.#emulator.restore_state(this.state);
        const cpu = this.#cpu;
        cpu.set_jit_config(0, 1); // no JIT: it runs whole blocks
        cpu.in_hlt[0] = 0;
        cpu.instruction_pointer[0] = ORIGIN;
        cpu.flags[0] |= IF;
        this.#prepare(sector);
        this.#port(0x92, a20 ? 2 : 0);
        this.#closed = null;
        this.#reset = false;
        this.#gate(a20);
    }

    position() {
        const cpu = this.#cpu;
        const cr0 = cpu.cr[0];
        return { address: cpu.instruction_pointer[0] >>> 0, real: !(cr0 & PE), paging: cr0 < 0 };
    }

    registers() {
        const cpu = this.#cpu;
        const segment = (index) => ({ selector: cpu.sreg[index], base: cpu.segment_offsets[index] >>> 0,
            limit: cpu.segment_limits[index] >>> 0, bits: index === 1 && cpu.is_32[0] ? 32 : 16 });
        return {
            ...Object.fromEntries(NAMES.map((name, index) => [name, cpu.reg32[index] >>> 0])),
            ...Object.fromEntries(SEGMENTS.map((name, index) => [name, segment(index)])),
            eip: (cpu.instruction_pointer[0] - cpu.segment_offsets[1]) >>> 0,
            eflags: cpu.get_eflags() >>> 0,
            cr0: cpu.cr[0] >>> 0, cr2: cpu.cr[2] >>> 0, cr3: cpu.cr[3] >>> 0, cr4: cpu.cr[4] >>> 0,
            gdtr: { base: cpu.gdtr_offset[0] >>> 0, limit: cpu.gdtr_size[0] & 0xffff },
            idtr: { base: cpu.idtr_offset[0] >>> 0, limit: cpu.idtr_size[0] & 0xffff },
            a20: !this.#closed,
        };
    }

    fetch(linear, length) {
        const { cr } = this.#cpu;
        const memory = this.#memory();
        const physical = cr[0] < 0 ? translate(memory, cr[3], cr[4], linear) : linear;
        if (physical === null || physical >= MEMORY) return null;
        return memory.slice(physical, physical + length);
    }

    async step(code) {
        const cpu = this.#cpu;
        const real = !(cpu.cr[0] & PE);
        const before = cpu.instruction_pointer[0];
        if (real && code[0] === 0xcd && code[1] * 4 + 3 > (cpu.idtr_size[0] & 0xffff)) return "triple";
        if (code[0] === STI && cpu.cpl[0] === 0) { // v86 would execute what follows too
            cpu.flags[0] |= IF;
            cpu.instruction_pointer[0]++;
            return "ok";
        }
        try {
            this.#one();
            if (real && code[0] === 0xcd && this.#inBios()) {
                if (!await this.#untilBackAt(before + 2)) return "lost";
            } else if (isRepeated(code)) {
                while (cpu.instruction_pointer[0] === before) this.#one();
            }
        } catch (error) {
            // v86 gives up where a PC's processor does: an exception that it cannot deliver.
            if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
            this.#dead = true;
            return "triple";
        }
        if (this.#reset) return "reset";
        this.#followGate();
        return "ok";
    }

    read(physical, length) {
        return physical === TEXT ? this.screen(length) : this.#memory().slice(physical, physical + length);
    }

    /** A copy; the screen's memory is where the processor sees it. */
    memory() {
        const bytes = this.#memory().slice(0, MEMORY);
        bytes.set(this.screen(TEXT_BYTES), TEXT);
        return bytes;
    }

    /** The first bytes of the screen's memory. */
    screen(length = 4000) {
        return this.#cpu.devices.vga.vga_memory.slice(0, length);
    }

    off() {
        this.#emulator?.destroy().catch(() => {});
    }

    // ---- the emulator ----

    #emulator = null;
    #disk = null;
    #clock = null;
    #cpu = null;
    #dead = false;

    async #power() {
        this.off();
        this.#disk = new LevelDisk();
        const module = await this.module;
        this.#emulator = new this.V86({ ...hardware({ bios: this.bios, vgaBios: this.vgaBios, disk: this.#disk }),
            wasm_fn: async (imports) => {
                this.#clock = new Clock(imports);
                imports.env.console_log_from_wasm = () => {}; // its last words before it gives up
                return (await WebAssembly.instantiate(module, imports)).exports;
            } });
        await new Promise((resolve) => this.#emulator.add_listener("emulator-ready", resolve));
        this.#cpu = this.#emulator.v86.cpu;
        this.#dead = false;
        this.#watchGate();
    }

    #memory() {
        return this.#cpu.mem8;
    }

    #prepare(sector) {
        const cpu = this.#cpu;
        const memory = this.#memory();
        const { segments, screen, cursor, junk } = prepared;
        for (const [name, selector] of Object.entries(segments)) {
            cpu.sreg[SEGMENTS.indexOf(name)] = selector;
            cpu.segment_offsets[SEGMENTS.indexOf(name)] = selector << 4;
        }
        memory.fill(junk.byte, junk.from, junk.to);
        memory.fill(0, cursor, cursor + 2);
        memory.set(sector, ORIGIN);
        const { vga_memory } = cpu.devices.vga;
        for (let at = 0; at < screen.cells * 2; at++) vga_memory[at] = screen.cell[at % 2];
    }

    /** One instruction, and no interrupt: what the interrupt controller has waits until the BIOS is called. */
    #one() {
        const requested = this.#requests()[REQUESTED];
        this.#requests()[REQUESTED] = 0;
        this.#clock.timers = false;
        this.#clock.more = () => false;
        this.#clock.begin();
        this.#cpu.main_loop();
        this.#requests()[REQUESTED] |= requested;
    }

    /** The state of the first interrupt controller. */
    #requests() {
        return new Uint8Array(this.#cpu.wasm_memory.buffer, this.#cpu.get_pic_addr_master(), REQUESTED + 1);
    }

    #inBios() {
        const address = this.#cpu.instruction_pointer[0] >>> 0;
        return address >= 0xc0000 && address < HIGH;
    }

    /** Lets the BIOS do what it was asked, with the clock and the devices going on. */
    async #untilBackAt(address) {
        const cpu = this.#cpu;
        const clock = this.#clock;
        let left = CALL_LIMIT;
        clock.more = () => {
            clock.timers = --left % TIMER_PERIOD === 0;
            return left > 0 && cpu.instruction_pointer[0] !== address;
        };
        // An interrupt may come at the very place: it returns there too.
        while (left > 0 && cpu.instruction_pointer[0] !== address) {
            clock.timers = true;
            clock.begin();
            cpu.main_loop();
            if (cpu.in_hlt[0]) await new Promise((resolve) => setTimeout(resolve, 5)); // it waits for a device
            if (cpu.in_hlt[0]) left -= CALL_LIMIT / 400;
        }
        return left > 0;
    }

    // ---- address line 20 ----

    #reset = false; // a port has pulled the reset line
    #closed = null; // while the gate is closed: what the 64 KB were after the last instruction

    /**
     * Whoever writes to the ports that have the gate on a PC: 92h, and the keyboard controller's 64h. The same have
     * the reset line (bit 0; a pulse on line 0), and so has CF9h (bit 2).
     */
    #watchGate() {
        let output = false; // the next byte to 60h is for the controller's output port
        const watch = (port, write) => {
            const entry = this.#cpu.io.ports[port];
            const original = entry.write8;
            entry.write8 = function (value) {
                if (!write(value)) original.call(this, value);
            };
        };
        watch(0x92, (value) => {
            this.#reset ||= (value & 1) !== 0;
            this.#gate((value & 2) !== 0);
        });
        watch(0xcf9, (value) => { this.#reset ||= (value & 4) !== 0; });
        watch(0x64, (value) => {
            output = value === 0xd1;
            if (value >= 0xf0 && !(value & 1)) { // a pulse on lines whose bit is 0
                this.#reset = true;
                return true;
            }
            if (value === 0xdd || value === 0xdf) this.#gate(value === 0xdf); // the short way of some chipsets
            return output;
        });
        watch(0x60, (value) => {
            if (!output) return false;
            output = false;
            this.#gate((value & 2) !== 0);
            return true;
        });
    }

    #port(port, value) {
        this.#cpu.io.ports[port].write8.call(this.#cpu.io.ports[port].device, value);
    }

    #gate(open) {
        if (open === !this.#closed) return;
        const memory = this.#memory();
        if (open) {
            memory.set(this.#closed.above, HIGH);
            this.#closed = null;
        } else {
            this.#closed = { above: memory.slice(HIGH, HIGH + WRAP), low: memory.slice(0, WRAP) };
            memory.copyWithin(HIGH, 0, WRAP);
        }
    }

    /** With the gate closed, what was written at one of the two places is at the other too. */
    #followGate() {
        if (!this.#closed) return;
        const memory = this.#memory();
        const { low } = this.#closed;
        for (let at = 0; at < WRAP; at++)
            if (memory[at] !== low[at] || memory[HIGH + at] !== low[at])
                low[at] = memory[at] = memory[HIGH + at] = memory[HIGH + at] !== low[at] ? memory[HIGH + at] : memory[at];
    }
}

/** Is it a string instruction with REP? v86 may leave it half done, to look at the clock. */
function isRepeated(code) {
    let at = 0;
    while (PREFIXES.includes(code[at])) at++;
    return code.subarray(0, at).some((byte) => byte >= 0xf2) &&
        [0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf].includes(code[at]);
}
