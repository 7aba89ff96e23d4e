// nasm_worker.js: NASM beside the page, which stays alive whatever NASM is given to do.
import { runNasm } from "./nasm.js";

onmessage = async ({ data: { nasm, source } }) => postMessage(await runNasm(nasm, source));
