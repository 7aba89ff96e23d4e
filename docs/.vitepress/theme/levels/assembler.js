// assembler.js: NASM, compiled to WebAssembly (scripts/nasm-wasm), with files that are in memory only.
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
import { NASM_ARGUMENTS, assembled } from "../../../../levels/assembled.mjs";

const text = new TextDecoder();

/** `nasm` is the compiled module. Returns what assembled() says of the source. */
export async function assemble(nasm, source) {
    const files = new Map([["sector.asm", new File(new TextEncoder().encode(source))]]);
    let log = "";
    const printed = () => new ConsoleStdout((bytes) => { log += text.decode(bytes); });
    const wasi = new WASI(["nasm", ...NASM_ARGUMENTS], [],
        [new OpenFile(new File([])), printed(), printed(), new PreopenDirectory(".", files)], { debug: false });
    const status = wasi.start(await WebAssembly.instantiate(nasm, { wasi_snapshot_preview1: wasi.wasiImport }));
    return assembled(source, { log, bytes: status === 0 ? files.get("sector.bin")?.data ?? null : null,
        listing: text.decode(files.get("sector.lst")?.data ?? new Uint8Array(0)) });
}
