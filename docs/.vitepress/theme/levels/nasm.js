// nasm.js: NASM, compiled to WebAssembly (scripts/nasm-wasm), with files that are in memory only.
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
import { NASM_ARGUMENTS } from "../../../../levels/assembled.mjs";

const text = new TextDecoder();

/** `nasm` is the compiled module. Returns { log, listing, bytes } for assembled(). */
export async function runNasm(nasm, source) {
    const files = new Map([["sector.asm", new File(new TextEncoder().encode(source))]]);
    let log = "", status;
    const printed = () => new ConsoleStdout((bytes) => { log += text.decode(bytes); });
    const wasi = new WASI(["nasm", ...NASM_ARGUMENTS], [],
        [new OpenFile(new File([])), printed(), printed(), new PreopenDirectory(".", files)], { debug: false });
    try {
        status = wasi.start(await WebAssembly.instantiate(nasm, { wasi_snapshot_preview1: wasi.wasiImport }));
    } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error; // out of memory
    }
    return { log, bytes: status === 0 ? files.get("sector.bin")?.data ?? null : null,
        listing: text.decode(files.get("sector.lst")?.data ?? new Uint8Array(0)) };
}
