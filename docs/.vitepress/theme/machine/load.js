// load.js: loads what the machine is made of (machine-files.mjs wrote it) from a folder of the site.
// It can run with the first part of its disk, which has what the first stop needs. The rest comes meanwhile.
import { Download } from "./download.js";
import { Machine } from "./driver.js";
import { DiskImage } from "./image.js";

const FIRST_SECTOR = 512; // it is in the first file

/**
 * A machine with the disk image of that name. onProgress(received, total) tells how many bytes of what
 * it takes to start are there; total is 0 until it is known.
 */
export async function loadMachine(folder, name, { onChange, onProgress }) {
    const download = new Download(folder, onProgress);
    const [emulator, image] = await Promise.all([
        once("emulator", () => loadEmulator(download)), once(`image ${name}`, () => loadImage(download, name))]);
    image.fetch(0, image.byteLength).catch(() => {}); // tried again when the guest reads it
    return new Machine({ ...emulator, image, onChange });
}

async function loadEmulator(download) {
    const [{ V86 }, wasm, bios, vgaBios, info] = await Promise.all([
        download.module("libv86.mjs"), download.bytes("v86.wasm").then((code) => WebAssembly.compile(code)),
        download.bytes("bios.bin"), download.bytes("vgabios.bin"), download.json("machine.json")]);
    return { V86, wasm, bios, vgaBios, info };
}

async function loadImage(download, name) {
    const image = new DiskImage(await download.json(`${name}.json`), (file) => download.bytes(file));
    await image.fetch(0, FIRST_SECTOR);
    return image;
}

const kept = new Map(); // what was loaded, for the next machine that the reader starts

function once(key, load) {
    if (!kept.has(key)) kept.set(key, load().catch((error) => { kept.delete(key); throw error; }));
    return kept.get(key);
}
