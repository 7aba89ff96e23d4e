// assembler.js: NASM in a worker, which is ended when it comes to no end itself.
import { ASSEMBLE_LIMIT, assembled } from "../../../../levels/assembled.mjs";

const NOTHING = { log: "", listing: "", bytes: null };
let idle = null; // a worker that has nothing to do

const start = () => new Worker(new URL("./nasm_worker.js", import.meta.url), { type: "module" });

/** `nasm` is the compiled module. Returns what assembled() says of the source. */
export async function assemble(nasm, source) {
    const worker = idle ?? start();
    idle = null;
    let timer;
    const made = await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message || "the assembler could not be started"));
        timer = setTimeout(resolve, ASSEMBLE_LIMIT, null);
        worker.postMessage({ nasm, source });
    }).finally(() => clearTimeout(timer));
    if (made) idle = worker;
    else worker.terminate();
    return assembled(source, made ?? NOTHING);
}
