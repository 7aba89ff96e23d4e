// qemu.mjs: the machine of run.mjs in QEMU, through its GDB stub ("Remote Protocol" of the GDB manual)
// and its monitor. Each start is a new QEMU: a triple fault ends one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ORIGIN, SECTOR } from "../assembled.mjs";
import { opcode } from "../outcome.mjs";
import { MEMORY, diskSector, prepared } from "../run.mjs";

const DISK_SECTORS = 2016; // 2 cylinders of 16 heads and 63 sectors
const PACKET = 1024;       // bytes of memory in a packet
const START_TIMEOUT = 60000, CALL_TIMEOUT = 20000; // ms
const STOPPED = "T05", ENDED = "T03"; // the stub's words: a breakpoint or step; the machine has ended
const GENERAL = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const SEGMENTS = ["es", "cs", "ss", "ds", "fs", "gs"];
const GDB_NUMBER = { ...Object.fromEntries(GENERAL.map((name, index) => [name, index])),
    eip: 8, eflags: 9, cs: 10, ss: 11, ds: 12, es: 13, fs: 14, gs: 15 };
const CLEAR_SCREEN = [0xb8, 0x03, 0x00, 0xcd, 0x10]; // mov ax, 3; int 10h: text mode, 80 by 25
const GENERAL_WORDS = 16;
const OUT = [0xe6, 0xe7, 0xee, 0xef];
const REP = [0xf2, 0xf3];
const STRINGS = [0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf];
const PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, ...REP];

/** Reads what comes in pieces: take(pattern) waits for a match at the start of what has come. */
class Reader {
    constructor(socket) {
        this.text = "";
        this.waiting = null;
        socket.setEncoding("latin1");
        socket.on("data", (data) => { this.text += data; this.waiting?.(); });
        socket.on("close", () => { this.closed = true; this.waiting?.(); });
    }

    async take(pattern, timeout) {
        const deadline = Date.now() + timeout;
        for (;;) {
            const match = pattern.exec(this.text);
            if (match) {
                this.text = this.text.slice(match.index + match[0].length);
                return match;
            }
            if (this.closed) throw new Error("QEMU has ended");
            const left = deadline - Date.now();
            if (left <= 0) return null;
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, left);
                this.waiting = () => { clearTimeout(timer); resolve(); };
            });
        }
    }
}

export class Qemu {
    /** command: the name of the program. */
    constructor(command = "qemu-system-i386") {
        this.command = command;
    }

    async start(sector, { a20 }) {
        await this.off();
        this.shutdown = false;
        this.words = null;
        this.folder = mkdtempSync(join(tmpdir(), "ascent-level-"));
        const path = (name) => join(this.folder, name);
        const disk = Buffer.alloc(DISK_SECTORS * SECTOR);
        for (let number = 0; number < DISK_SECTORS; number++) disk.set(number ? diskSector(number) : sector, number * SECTOR);
        writeFileSync(path("disk"), disk);
        this.process = spawn(this.command, ["-display", "none", "-net", "none", "-serial", "none", "-m", String(MEMORY >> 20),
            "-drive", `format=raw,file=${path("disk")}`, "-no-reboot", "-no-shutdown", "-S",
            "-gdb", `unix:${path("gdb")},server=on,wait=off`, "-qmp", `unix:${path("qmp")},server=on,wait=off`],
        { stdio: ["ignore", "ignore", "pipe"] });
        let errors = "";
        this.process.stderr.on("data", (data) => { errors += data; });
        this.process.on("error", (error) => { errors += error.message; });
        try {
            this.qmpSocket = await this.#connect(path("qmp"));
            this.gdbSocket = await this.#connect(path("gdb"));
        } catch {
            throw new Error(`QEMU did not start: ${errors}`);
        }
        this.qmpReader = new Reader(this.qmpSocket);
        this.gdbReader = new Reader(this.gdbSocket);
        await this.qmpReader.take(/^[^\n]*\n/, START_TIMEOUT);
        await this.#qmp("qmp_capabilities");
        await this.#ask("qXfer:features:read:target.xml:0,0"); // without it, there is no single register
        if (await this.#runTo(ORIGIN, START_TIMEOUT) !== "ok") throw new Error("the BIOS did not start the boot sector");
        await this.#prepare();
        if (!a20) await this.#monitor("o /b 0x92 0");
        await this.#look();
    }

    position() {
        const { cr0, cs, eip } = this.seen;
        return { address: (cs.base + eip) >>> 0, real: !(cr0 & 1), paging: cr0 >>> 31 === 1 };
    }

    async registers() {
        await this.#look();
        return this.seen;
    }

    async fetch(linear, length) {
        // A page that is not there may begin within what was asked for.
        for (const part of [length, 4096 - (linear & 4095)]) {
            const answer = await this.#ask(`m${linear.toString(16)},${Math.min(part, length).toString(16)}`);
            if (!answer.startsWith("E")) return Uint8Array.from(Buffer.from(answer, "hex"));
        }
        return null;
    }

    async step(code) {
        const { address, real } = this.position();
        let how = "ok";
        if (real && code[0] === 0xcd && await this.#biosTakes(code[1])) {
            how = await this.#runTo(address + 2, CALL_TIMEOUT);
        } else if (repeatedLength(code)) {
            how = await this.#runTo(address + repeatedLength(code), CALL_TIMEOUT);
        } else {
            // QEMU 7.2 may answer a step that it has not made (tests/boot/gdbstub.py). LOOP may stay where it is,
            // but counts: something is different after a step.
            const before = this.words;
            for (let tries = 0; tries < 3 && how === "ok"; tries++) {
                how = (await this.#ask("s")).startsWith(ENDED) ? "triple" : "ok";
                if (how === "ok" && ((await this.#place()).eip !== this.seen.eip || (before && this.words !== before))) break;
            }
        }
        if (OUT.includes(opcode(code)[0]) && await this.#wasReset()) return "reset";
        if (how === "ok") await this.#follow(code);
        return how;
    }

    async read(physical, length) {
        const path = join(this.folder, "memory");
        await this.#qmp("pmemsave", { val: physical, size: length, filename: path });
        return Uint8Array.from(readFileSync(path));
    }

    memory() {
        return this.read(0, MEMORY);
    }

    async off() {
        if (!this.process) return;
        this.qmpSocket?.destroy();
        this.gdbSocket?.destroy();
        if (this.process.exitCode === null && this.process.pid) {
            const gone = once(this.process, "exit");
            this.process.kill("SIGKILL");
            await gone;
        }
        rmSync(this.folder, { recursive: true, force: true });
        this.process = null;
    }

    // ---- what step() is made of ----

    /** Is this interrupt answered by the BIOS, and not by the program? */
    async #biosTakes(vector) {
        const entry = Buffer.from(await this.#ask(`m${(vector * 4).toString(16)},4`), "hex");
        return (entry.readUInt16LE(2) << 4) + entry.readUInt16LE(0) >= 0xc0000;
    }

    async #runTo(address, timeout) {
        const place = `1,${address.toString(16)},1`;
        await this.#ask(`Z${place}`);
        this.#send("c");
        const answer = await this.#packet(timeout);
        if (answer === null) { // it does not come: stop it where it is
            this.gdbSocket.write("\x03");
            await this.#packet(CALL_TIMEOUT);
            return "lost";
        }
        if (answer.startsWith(ENDED)) return "triple";
        if (!answer.startsWith(STOPPED)) throw new Error(`QEMU says ${answer}`);
        await this.#ask(`z${place}`);
        return "ok";
    }

    /** Whether the PC was reset. QEMU's main loop does that, and tells so before it answers. */
    async #wasReset() {
        await this.#qmp("query-status");
        return this.shutdown;
    }

    /** EIP and CS after a step. All is looked at only where more than EIP matters: that takes long. */
    async #follow(code) {
        const { eip, selector } = this.place ?? await this.#place();
        this.place = null;
        const control = code.includes(0x0f) && (code.includes(0x22) || code.includes(0x01));
        if (control || selector !== this.seen.cs.selector) await this.#look();
        else this.seen = { ...this.seen, eip };
    }

    /** EIP and CS: they are in the first words of the answer. */
    async #place() {
        this.words = (await this.#ask("g")).slice(0, GENERAL_WORDS * 8);
        const words = Buffer.from(this.words, "hex");
        this.place = { eip: words.readUInt32LE(GDB_NUMBER.eip * 4), selector: words.readUInt32LE(GDB_NUMBER.cs * 4) };
        return this.place;
    }

    /** All registers, as QEMU's monitor tells them. */
    async #look() {
        const text = await this.#monitor("info registers");
        const value = (name) => parseInt(new RegExp(`\\b${name} *= *([0-9a-fA-F]+)`).exec(text)[1], 16);
        const segment = (name) => {
            const [, selector, base, limit, flags] = new RegExp(`${name} *=([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)`).exec(text);
            return { selector: parseInt(selector, 16), base: parseInt(base, 16), limit: parseInt(limit, 16),
                bits: name === "CS" && parseInt(flags, 16) & 0x400000 ? 32 : 16 };
        };
        const table = (name) => {
            const [, base, limit] = new RegExp(`${name}= +([0-9a-f]+) ([0-9a-f]+)`).exec(text);
            return { base: parseInt(base, 16), limit: parseInt(limit, 16) };
        };
        this.seen = {
            ...Object.fromEntries(GENERAL.map((name) => [name, value(name.toUpperCase())])),
            ...Object.fromEntries(SEGMENTS.map((name) => [name, segment(name.toUpperCase())])),
            eip: value("EIP"), eflags: value("EFL"),
            cr0: value("CR0"), cr2: value("CR2"), cr3: value("CR3"), cr4: value("CR4"),
            gdtr: table("GDT"), idtr: table("IDT"), a20: value("A20") === 1,
        };
    }

    async #prepare() {
        const { segments, junk } = prepared;
        await this.#clearScreen(junk.from);
        for (const [name, selector] of Object.entries(segments)) await this.#setRegister(name, selector);
        await this.#write(junk.from, Buffer.alloc(junk.to - junk.from, junk.byte));
    }

    /** The stub cannot write to the screen's memory: the BIOS does, called by code at `place`. */
    async #clearScreen(place) {
        const eax = await this.#register("eax");
        await this.#write(place, Buffer.from(CLEAR_SCREEN));
        await this.#setRegister("eip", place);
        if (await this.#runTo(place + CLEAR_SCREEN.length, CALL_TIMEOUT) !== "ok") throw new Error("the BIOS does not clear the screen");
        await this.#setRegister("eip", ORIGIN);
        await this.#setRegister("eax", eax);
    }

    // ---- the stub and the monitor ----

    async #connect(path) {
        for (const deadline = Date.now() + START_TIMEOUT; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
            const socket = connect(path);
            try {
                await once(socket, "connect");
                return socket;
            } catch (error) {
                if (Date.now() > deadline || this.process.exitCode !== null || !this.process.pid) throw error;
            }
        }
    }

    #send(text) {
        let sum = 0;
        for (const byte of Buffer.from(text, "latin1")) sum = sum + byte & 0xff;
        this.gdbSocket.write(`$${text}#${sum.toString(16).padStart(2, "0")}`);
    }

    async #packet(timeout) {
        const match = await this.gdbReader.take(/\$([^#]*)#../, timeout);
        if (!match) return null;
        this.gdbSocket.write("+");
        return match[1];
    }

    async #ask(text) {
        this.#send(text);
        const answer = await this.#packet(CALL_TIMEOUT);
        if (answer === null) throw new Error(`QEMU does not answer ${text.slice(0, 20)}`);
        return answer;
    }

    async #register(name) {
        const answer = await this.#ask(`p${GDB_NUMBER[name].toString(16)}`);
        return Buffer.from(answer.slice(0, 8), "hex").readUInt32LE();
    }

    async #setRegister(name, value) {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(value);
        if (await this.#ask(`P${GDB_NUMBER[name].toString(16)}=${bytes.toString("hex")}`) !== "OK")
            throw new Error(`QEMU does not set ${name}`);
    }

    async #write(address, bytes) {
        for (let at = 0; at < bytes.length; at += PACKET) {
            const part = bytes.subarray(at, at + PACKET);
            await this.#ask(`M${(address + at).toString(16)},${part.length.toString(16)}:${part.toString("hex")}`);
        }
    }

    async #qmp(execute, args) {
        this.qmpSocket.write(JSON.stringify({ execute, arguments: args }) + "\n");
        for (;;) {
            const match = await this.qmpReader.take(/^([^\n]*)\n/, CALL_TIMEOUT);
            if (!match) throw new Error("QEMU's monitor does not answer");
            const answer = JSON.parse(match[1]);
            if ("error" in answer) throw new Error(answer.error.desc);
            if (answer.event === "SHUTDOWN") this.shutdown = true;
            if ("return" in answer) return answer.return;
        }
    }

    async #monitor(line) {
        return (await this.#qmp("human-monitor-command", { "command-line": line })).replaceAll("\r", "");
    }
}

/** The length of a string instruction with REP, which is stepped over as one; 0: it is another. */
function repeatedLength(code) {
    let at = 0;
    while (PREFIXES.includes(code[at])) at++;
    return code.subarray(0, at).some((byte) => REP.includes(byte)) && STRINGS.includes(code[at]) ? at + 1 : 0;
}
