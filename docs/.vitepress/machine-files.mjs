// machine-files.mjs FOLDER SEABIOS [IMAGE...]: what the machine in the browser is made of. disk.img and
// the other images without what is empty, the emulator and the BIOS, compressed; their licences; and
// machine.json: the table of steps, where boot_info lies and where in it the memory map is, taken from the
// code's own headers.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { packImage } from "./pack-image.mjs";
import { ROOT } from "./source-pages.mjs";

const [folder, seabios, ...images] = process.argv.slice(2);
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

/** What every machine needs of the emulator, compressed. Returns the bytes of all of it. */
function packEmulator() {
    const sources = {
        "libv86.mjs": join(v86, "build/libv86.mjs"),
        "v86.wasm": join(v86, "build/v86.wasm"),
        "bios.bin": join(seabios, "bios.bin"),
        "vgabios.bin": join(seabios, "vgabios-stdvga.bin"),
    };
    return Object.entries(sources).reduce((sum, [name, from]) => {
        const packed = gzipSync(readFileSync(from), { level: 9 });
        writeFileSync(join(folder, name + ".gz"), packed);
        return sum + packed.length;
    }, 0);
}

mkdirSync(folder, { recursive: true });
for (const path of [join(ROOT, "disk.img"), ...images]) packImage(path, folder, basename(path).replace(/\.img$/, ""));

const steps = JSON.parse(execFileSync("python3", [join(ROOT, "scripts/steps.py")]));
writeFileSync(join(folder, "machine.json"), JSON.stringify({
    ...steps,
    packedBytes: packEmulator(),
    bootInfoAddress: constant("BOOT_INFO_ADDR"),
    bootInfo: bootInfo(),
}));

const licences = {
    "v86-license.txt": join(v86, "LICENSE"),
    "seabios-copyright.txt": "/usr/share/doc/seabios/copyright",
    "lgpl-3.txt": "/usr/share/common-licenses/LGPL-3",
    "gpl-3.txt": "/usr/share/common-licenses/GPL-3",
};
for (const [name, from] of Object.entries(licences)) copyFileSync(from, join(folder, name));
