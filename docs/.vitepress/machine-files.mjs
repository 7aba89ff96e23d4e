// machine-files.mjs FOLDER SEABIOS: what the machine in the browser is made of. The disk image without
// what is empty, the emulator, the BIOS with its licence, and machine.json: the table of steps, which
// parts of the disk the image has, where boot_info lies and where in it the memory map is, taken from
// the code's own headers.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./source-pages.mjs";

const [folder, seabios] = process.argv.slice(2);
const v86 = join(dirname(fileURLToPath(import.meta.resolve("v86"))), "..");
const read = (path) => readFileSync(join(ROOT, path), "utf8");
const constant = (name) => Number(new RegExp(`^#define ${name} (\\w+)`, "m").exec(
    read("include/ascent/layout.h"))[1]);

/** Offsets of the members of struct boot_info: each is a 32-bit word. */
function bootInfo() {
    const body = /^struct boot_info \{(.*?)^\}/ms.exec(read("include/ascent/boot_info.h"))[1];
    const names = [...body.replace(/\/\*.*?\*\//gs, "").matchAll(/^\s*(.*?)\s(\w+);/gm)];
    for (const [, type, name] of names)
        if (type !== "uint32_t") throw new Error(`boot_info.${name} is no 32-bit word`);
    return Object.fromEntries(names.map(([, , name], index) => [name, index * 4]));
}

/**
 * The parts of the disk that disk.bin has: all up to the last byte of the FAT partition that is not 0,
 * and of a swap partition its header. What a machine has put behind that means nothing to another.
 */
function diskParts(image) {
    const entries = [446, 462, 478, 494].map((at) => ({
        type: image[at + 4], start: image.readUInt32LE(at + 8) * 512, length: image.readUInt32LE(at + 12) * 512 }));
    const used = entries.filter(({ type }) => type !== 0);
    const swap = used.filter(({ type }) => type === 0x82);
    let end = Math.max(...used.filter((entry) => !swap.includes(entry)).map(({ start, length }) => start + length));
    while (end && image[end - 1] === 0) end--;
    return [{ start: 0, length: end }, ...swap.map(({ start }) => ({ start, length: 4096 }))];
}

mkdirSync(folder, { recursive: true });
const image = readFileSync(join(ROOT, "disk.img"));
const parts = diskParts(image);
writeFileSync(join(folder, "disk.bin"),
    Buffer.concat(parts.map(({ start, length }) => image.subarray(start, start + length))));

const steps = JSON.parse(execFileSync("python3", [join(ROOT, "scripts/steps.py")]));
writeFileSync(join(folder, "machine.json"), JSON.stringify({
    ...steps,
    diskBytes: image.length,
    diskParts: parts,
    bootInfoAddress: constant("BOOT_INFO_ADDR"),
    bootInfo: bootInfo(),
}));

const copies = {
    "libv86.mjs": join(v86, "build/libv86.mjs"),
    "v86.wasm": join(v86, "build/v86.wasm"),
    "v86-license.txt": join(v86, "LICENSE"),
    "bios.bin": join(seabios, "bios.bin"),
    "vgabios.bin": join(seabios, "vgabios-stdvga.bin"),
    "seabios-copyright.txt": "/usr/share/doc/seabios/copyright",
    "lgpl-3.txt": "/usr/share/common-licenses/LGPL-3",
    "gpl-3.txt": "/usr/share/common-licenses/GPL-3",
};
for (const [name, from] of Object.entries(copies)) copyFileSync(from, join(folder, name));
