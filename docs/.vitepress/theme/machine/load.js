// load.js: loads what the machine is made of (machine-files.mjs wrote it) from a folder of the site.
// It can run with the first part of its disk, where the loader lies. The rest comes meanwhile.
import { Download } from "./download.js";
import { Machine } from "./driver.js";
import { DiskImage } from "./image.js";

const LOADER = 512; // bytes of the disk that the first stop needs

/**
 * A machine with the disk image of that name. onProgress(received, total) tells how many bytes of what
 * it takes to start are there; total is 0 until it is known.
 */
export async function loadMachine(folder, name, { onChange, onProgress }) {
    let total = 0;
    const download = new Download(folder, (received) => onProgress(Math.min(received, total || received), total));
    const emulator = Promise.all([
        download.module("libv86.mjs"), download.bytes("v86.wasm").then((code) => WebAssembly.compile(code)),
        download.bytes("bios.bin"), download.bytes("vgabios.bin")]);
    emulator.catch(() => {}); // it is thrown below, where it is awaited
    const [info, layout] = await Promise.all([download.json("machine.json"), download.json(`${name}.json`)]);
    const image = new DiskImage(layout, (file) => download.bytes(file));
    total = info.packedBytes + layout.chunks[0].packedBytes;
    await image.fetch(0, LOADER);
    const [{ V86 }, wasm, bios, vgaBios] = await emulator;
    image.fetch(0, image.byteLength).catch(() => {}); // tried again when the guest reads it
    return new Machine({ V86, wasm, bios, vgaBios, image, info, onChange });
}
