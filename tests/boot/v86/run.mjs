// run.mjs DISK MEGABYTES: boots the image in v86. COM1 is standard output and input.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { V86 } from "v86";

const [disk, megabytes] = process.argv.slice(2);
const buffer = (path) => {
    const bytes = readFileSync(path);
    return { buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) };
};

const emulator = new V86({
    wasm_path: fileURLToPath(import.meta.resolve("v86/build/v86.wasm")),
    memory_size: Number(megabytes) * 1024 * 1024,
    vga_memory_size: 2 * 1024 * 1024,
    bios: buffer("/usr/share/seabios/bios.bin"),
    vga_bios: buffer("/usr/share/seabios/vgabios-stdvga.bin"),
    hda: buffer(disk),
    boot_order: 0x132, // hard disk first
    autostart: true,
    disable_speaker: true,
});

emulator.add_listener("serial0-output-byte", (byte) => process.stdout.write(Uint8Array.of(byte)));
process.stdin.on("data", (data) => emulator.serial0_send(data.toString("latin1")));
process.stdin.on("end", () => process.exit(0));
