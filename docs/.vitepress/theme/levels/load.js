// load.js: loads the assembler and the machine (boot-state.mjs and machine-files.mjs wrote them).
import { Download } from "../machine/download.js";
import { assemble } from "./assembler.js";
import { Stepper } from "./stepper.js";

/** onProgress(received) tells how many bytes have come. Returns { machine, assemble(source) }. */
export async function loadWorkshop(folder, onProgress) {
    const download = new Download(folder, onProgress);
    const [{ V86 }, wasm, bios, vgaBios, state, nasm] = await Promise.all([
        download.module("libv86.mjs"), download.bytes("v86.wasm"), download.bytes("bios.bin"), download.bytes("vgabios.bin"),
        download.bytes("boot.state"), download.bytes("nasm.wasm").then((code) => WebAssembly.compile(code))]);
    const machine = new Stepper({ V86, wasm, bios, vgaBios, state: state.slice().buffer });
    return { machine, assemble: (source) => assemble(nasm, source) };
}
