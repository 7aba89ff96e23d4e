// driver.js: the machine in v86, from stop to stop. It talks to the guest over COM1 alone, as any
// terminal would (docs/reference/step-protocol.md); a saved state of each stop is the way back.
// A triple fault makes v86 throw: whoever owns the global error events calls crashed().
import { readGates, readTable } from "./descriptors.js";
import { Disk } from "./disk.js";
import { bootInfo, readMemoryMap } from "./memory_map.js";
import { Paging } from "./paging.js";
import { Serial } from "./protocol.js";
import { COLUMNS, ROWS } from "./screen.js";

const MEGABYTE = 1024 * 1024;
const TIMEOUT = 30000;     // ms without a stop: nothing more will come
const QUIET = 3000;        // the same, after something was broken
const SETTLE = 1500;       // the same, when the last step is made: what follows is a prompt, or another kernel
const REPORT = 500;        // ms that the guest takes to finish the report of an error
const HALTING = 100;       // ms from the last line of such a report to the HLT
const FIRST_WITHOUT_BIOS = 7;
const LINUX_REAL = 31;     // the BIOS goes on
const HALTED = "System halted.";   // the last line of a kernel that cannot go on (kernel/cpu/panic.c)
const SCREEN_BYTES = COLUMNS * ROWS * 2;

/** What v86 throws in place of a reset: a panic, or the end of its stack when it reports a fault in a fault. */
export const isCrash = (error) => error instanceof WebAssembly.RuntimeError || error instanceof RangeError;

export class Machine {
    /**
     * V86: the class; wasm: the compiled module; bios, vgaBios: bytes; image: a DiskImage; info: machine.json.
     * onChange is called whenever something that the page shows is different.
     *
     * phase: "off", "running"; "stopped" at a step, "asked" after B; "ready" at the kernel's prompt;
     * "other" when a kernel of another hand runs; "reset" after a triple fault, "ended" after an error or a
     * report; "lost" when the disk's content could not be fetched.
     */
    constructor({ V86, wasm, bios, vgaBios, image, info, onChange = () => {} }) {
        Object.assign(this, { V86, wasm, bios, vgaBios, image, info, onChange });
        this.serial = new Serial((line) => this.#line(line));
        this.phase = "off";
        this.stops = [];    // by number of the step
        this.view = null;   // the stop that is shown
        this.broken = 0;    // the step that was broken on purpose
        this.expected = ""; // what the reader expects of that: one of expect.js, "" before the answer
        this.secret = false; // what the guest says has the answer, and nobody has been asked yet
    }

    // ---- what a reader can ask for ----

    /** From power-on to the first stop. */
    async start() {
        this.#journey++; // whoever was on the way to a step stays here
        this.stops = [];
        this.view = null;
        this.registers = {};
        this.broken = 0;
        this.serial.reset();
        await this.#power();
        this.#arrived?.("gone"); // nobody waits any more for the one that is off
        this.#emulator.serial0_send("s");
        await this.#run();
    }

    /** To the next stop; after B, once something is expected, on to what comes of it. */
    async next() {
        if (this.phase === "asked" && !this.expected) return;
        if (this.phase === "asked") this.broken = this.view.number;
        else if (this.phase !== "stopped") return;
        this.#emulator.serial0_send(" ");
        await this.#run(true);
    }

    /** To the prompt of the shell. */
    async run() {
        if (this.phase !== "stopped") return;
        this.#emulator.serial0_send("r");
        await this.#run();
    }

    /** Asks the guest to break this step. It says what will happen, and waits for next(). */
    async breakIt() {
        if (this.phase !== "stopped" || !this.step().breaks || this.broken) return;
        this.expected = "";
        this.secret = true;
        this.#emulator.serial0_send("b");
        await this.#run();
    }

    /** The reader's answer, before the machine's is shown. */
    expect(what) {
        if (this.phase !== "asked") return;
        this.expected = what;
        this.secret = false;
        this.onChange();
    }

    /** To the stop before; from a broken machine to the stop where it still was whole. */
    async back() {
        if (this.phase === "running" || !this.view) return;
        const here = this.phase === "stopped" && !this.broken;
        const number = this.broken || this.view.number;
        await this.#restore(here ? this.before()?.number : number);
    }

    /** To any step: one that was seen is restored, others are reached by going on. */
    async goTo(number) {
        if (this.phase === "running") return;
        if (this.stops[number]) return this.#restore(number);
        const journey = this.#journey;
        if (this.phase !== "stopped" || this.broken) await this.back();
        while (journey === this.#journey && this.phase === "stopped" && this.view.number < number) await this.next();
    }

    /** A line for whoever is at the prompt. */
    type(text) {
        if (this.phase === "ready") this.#emulator.serial0_send(text + "\r");
    }

    /** Ctrl+]: from the shell to the kernel's monitor. */
    callMonitor() {
        if (this.phase === "ready") this.#emulator.serial0_send("\x1d");
    }

    /** Power off. */
    off() {
        this.onChange = () => {};
        this.#emulator?.destroy().catch(() => {});
    }

    /** The row of the table of steps that is shown. */
    step() {
        const number = this.view?.number ?? 1;
        return this.info.steps[number - 1] ?? this.info.others.find((step) => step.number === number);
    }

    /** The rows of the way that the machine is on: of a kernel of another hand, those that it has made. */
    way() {
        const { steps, others } = this.info;
        if (!(this.view?.number > steps.length)) return steps;
        return [...steps, ...others].filter(({ number }) => this.stops[number]);
    }

    /** What was shown at the stop before: of a kernel of another hand it has not the number before. */
    before() {
        return this.stops.findLast((stop) => stop && stop.view.number < (this.view?.number ?? 1))?.view;
    }

    /** Tells that the emulator threw: to the guest, the processor has reset. */
    crashed(error) {
        if (!["running", "ready", "other"].includes(this.phase)) return false;
        this.error = error;
        this.#dead = true;
        this.#died("reset");
        if (this.phase !== "running") this.#phase("reset"); // by what somebody typed at the prompt, or by itself
        return true;
    }

    /** The cells of the screen now. */
    screen() {
        const memory = this.#emulator?.v86?.cpu?.devices?.vga?.vga_memory; // not of the public interface
        return memory ? memory.slice(0, SCREEN_BYTES) : new Uint8Array(SCREEN_BYTES);
    }

    // ---- the emulator ----

    #emulator = null;
    #journey = 0;    // counts the power-ons
    #dead = false;
    #death = null;   // a promise: resolved with "reset" when the emulator throws
    #died = null;
    #arrived = null;
    #registersBefore = null;
    #stepping = false; // the guest will stop at the next step

    async #power() {
        const old = this.#emulator;
        // One that threw does not answer any more.
        if (old) await Promise.race([old.destroy().catch(() => {}), this.#pause(this.#dead ? 0 : 1000)]);
        this.#dead = false;
        const buffer = (bytes) => ({ buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
        const emulator = new this.V86({
            wasm_fn: async (imports) => (await WebAssembly.instantiate(this.wasm, imports)).exports,
            memory_size: 16 * MEGABYTE,
            vga_memory_size: 2 * MEGABYTE,
            bios: buffer(this.bios),
            vga_bios: buffer(this.vgaBios),
            hda: new Disk(this.image, (error) => this.#lost(error)),
            boot_order: 0x132, // hard disk first
            autostart: false,
            // Most of a boot runs once: to compile it takes longer than to interpret it.
            disable_jit: true,
            disable_speaker: true,
            disable_keyboard: true,
            disable_mouse: true,
        });
        this.#emulator = emulator;
        this.#death = new Promise((resolve) => { this.#died = resolve; });
        await new Promise((resolve) => emulator.add_listener("emulator-ready", resolve));
        emulator.add_listener("serial0-output-byte", (byte) => {
            if (emulator === this.#emulator) this.serial.byte(byte);
        });
    }

    #pause(milliseconds) {
        return new Promise((resolve) => setTimeout(resolve, milliseconds));
    }

    /** How long it may say nothing until we know that it waits for no key of ours. */
    #patience() {
        if (this.broken) return QUIET;
        if (this.#isLastOfOther(this.view?.number)) return SETTLE;
        const noMoreStops = !this.#stepping || this.view?.number === this.info.steps.length;
        return noMoreStops && this.#runsProgram() ? SETTLE : TIMEOUT;
    }

    /** Behind this step a kernel of another hand runs, and says nothing that is for us. */
    #isLastOfOther(number) {
        return this.info.lastOfOthers.includes(number);
    }

    #runsProgram() {
        return this.serial.all().includes("\n@READY init\n");
    }

    /** Time that the disk's content needs to come over the network is no silence. */
    #waitForSilence(resolve) {
        setTimeout(() => this.image.busy ? this.#waitForSilence(resolve) : resolve("silence"), this.#patience());
    }

    #lost(error) {
        this.error = error;
        this.#arrived?.("lost");
    }

    /** Lets the guest run until it waits or ends. */
    async #run(stepping = false) {
        const emulator = this.#emulator;
        this.#stepping = stepping;
        this.#phase("running");
        let kind = await Promise.race([this.#death, new Promise((resolve) => {
            this.#arrived = resolve;
            this.#waitForSilence(resolve);
            emulator.run();
        })]);
        if (emulator !== this.#emulator) return; // somebody has pressed Restart meanwhile
        this.#arrived = null;
        if (kind === "silence" && !this.broken && this.#runsProgram()) kind = "ready";
        if (kind === "silence" && !this.broken && this.#isLastOfOther(this.view?.number)) kind = "other";
        if (kind === "report") await this.#pause(REPORT);
        // The guest runs on for a moment before it stops, and one that is broken may die of it.
        if (kind !== "ready" && kind !== "other") kind = await Promise.race([this.#death, emulator.stop().then(() => kind)]);
        if (kind === "wait") await this.#save();
        if (kind === "ready" || kind === "other") this.#runFast();
        this.#phase({ wait: "stopped", break: "asked", ready: "ready", other: "other", reset: "reset", lost: "lost" }[kind] ?? "ended");
    }

    /** Programs run long enough to be compiled. Not of v86's public interface, so it may be missing. */
    #runFast() {
        const JIT_DISABLED = 0;
        this.#emulator.v86?.cpu?.set_jit_config?.(JIT_DISABLED, 0);
    }

    async #restore(number) {
        const stop = this.stops[number];
        if (!stop) return;
        if (this.#dead) await this.#power();
        else await this.#emulator.stop();
        await this.#emulator.restore_state(stop.state);
        this.serial.reset(stop.serial);
        this.view = stop.view;
        this.registers = stop.view.registers;
        this.broken = 0;
        this.#phase("stopped");
    }

    #phase(phase) {
        this.phase = phase;
        if (phase !== "running" && phase !== "asked") this.secret = false;
        this.onChange();
    }

    #line(line) {
        if (line.kind === "step") {
            this.#registersBefore = this.registers;
            this.registers = line.registers;
            if (!this.#stepping && this.#isLastOfOther(line.number)) this.#arrived?.("other");
        } else if (line.kind === "wait") {
            this.waitsAt = line.number;
            this.#arrived?.("wait");
        } else if (line.kind === "break") {
            this.#arrived?.("break");
        } else if (line.kind === "ready") {
            // A program makes steps of its own.
            if (!line.program || !this.#stepping) this.#arrived?.("ready");
        } else if (line.line === HALTED && this.phase === "ready") {
            setTimeout(() => this.#haltedForGood(), HALTING);
        } else if (this.broken) {
            const end = this.info.steps[this.broken - 1].end;
            if (new RegExp(`^${end}[: ]|^\\w+ \\(pid \\d+\\): .*\\(${end}\\)`).test(line.line)) this.#arrived?.("report");
        }
    }

    /** HLT with interrupts off: whatever says so, nothing can wake it. */
    async #haltedForGood() {
        const cpu = this.#emulator.v86?.cpu; // not of the public interface
        const IF = 0x200;
        if (this.phase !== "ready" || (cpu?.in_hlt && (!cpu.in_hlt[0] || cpu.flags[0] & IF))) return;
        const emulator = this.#emulator;
        await emulator.stop();
        if (emulator === this.#emulator && this.phase === "ready") this.#phase("ended");
    }

    // ---- what a stop shows ----

    async #save() {
        const number = this.waitsAt;
        const view = {
            number,
            registers: this.registers,
            registersBefore: this.#registersBefore,
            screen: this.screen(),
            cpu: this.#processor(number),
            gdt: this.#gdt(),
            idt: this.#idt(number),
            paging: this.#paging(number),
            map: number >= 5 ? this.stops[5]?.view.map ?? readMemoryMap(this.#physical, this.info) : [],
        };
        this.view = view;
        // What a broken machine looks like is not what this step looks like.
        if (!this.broken)
            this.stops[number] = { view, serial: this.serial.all(), state: await this.#emulator.save_state() };
    }

    #physical = (address, length) => this.#emulator.read_memory(address, length);

    #number(name) {
        return parseInt(this.registers[name].now, 16);
    }

    #tables() {
        if (!(this.#number("cr0") >>> 31)) return null;
        return new Paging(this.#physical, this.#number("cr3"), (this.#number("cr4") & 0x20) !== 0);
    }

    /** What `reader` finds where a table register points to. A table that crosses a page is in frames
     * side by side: all of the kernel's image is. */
    #table(register, reader) {
        const [base, limit] = this.registers[register].now.split("/").map((text) => parseInt(text, 16));
        if (limit === 0) return [];
        const tables = this.#tables();
        const address = tables ? tables.translate(base) : base;
        return address === null ? [] : reader(this.#physical, address, limit);
    }

    #gdt() {
        return this.#table("gdtr", readTable);
    }

    /** From irq-off on, the loader's; in real mode nobody reads it as gates yet. */
    #idt(number) {
        return number >= FIRST_WITHOUT_BIOS ? this.#table("idtr", readGates) : [];
    }

    /** The page tables; before CR3 points to them, those that boot_info names. They are in use with CR0.PG. */
    #paging(number) {
        const root = this.#number("cr3");
        if (number < 12 || number > this.info.steps.length) return null; // other kernels start without
        const paging = root ? new Paging(this.#physical, root, (this.#number("cr4") & 0x20) !== 0)
            : new Paging(this.#physical, bootInfo(this.#physical, this.info, "page_directory_phys"), false);
        return { mode: paging.mode.name, root: paging.root, loaded: root !== 0, inUse: this.#number("cr0") >>> 31 === 1,
            ranges: paging.ranges(), entries: paging.present() };
    }

    /**
     * The processor as v86 has it, and not as the guest tells: CR0, CR3, GDTR, and the hidden part of
     * CS. Not of v86's public interface, so it may be missing. While the guest asks the BIOS for a key,
     * CS is that of the BIOS.
     */
    #processor(number) {
        const cpu = this.#emulator.v86?.cpu;
        if (!cpu?.cr || !cpu.gdtr_offset || !cpu.segment_offsets) return null;
        const CS = 1;
        return {
            cr0: cpu.cr[0] >>> 0,
            cr3: cpu.cr[3] >>> 0,
            gdtr: { base: cpu.gdtr_offset[0] >>> 0, limit: cpu.gdtr_size[0] },
            cs: number < FIRST_WITHOUT_BIOS || number === LINUX_REAL ? null : {
                selector: cpu.sreg[CS],
                base: cpu.segment_offsets[CS] >>> 0,
                limit: cpu.segment_limits[CS] >>> 0,
                bits: cpu.is_32[0] ? 32 : 16,
                cpl: cpu.cpl[0],
            },
        };
    }
}
