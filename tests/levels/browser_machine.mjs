// browser_machine.mjs: the page's assembler and machine (docs/.vitepress/theme/levels), in node.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { runNasm } from "../../docs/.vitepress/theme/levels/nasm.js";
import { assembled } from "../../levels/assembled.mjs";
import { Stepper } from "../../docs/.vitepress/theme/levels/stepper.js";

const { resolve } = createRequire(new URL("../../docs/package.json", import.meta.url));

/** `folder` is that of boot-state.mjs. */
export async function browserMachine(folder, seabios = "/usr/share/seabios") {
    const unpack = (name) => new Uint8Array(gunzipSync(readFileSync(join(folder, name + ".gz"))));
    const v86 = resolve("v86/build/libv86.mjs");
    const { V86 } = await import(pathToFileURL(v86).href);
    const nasm = await WebAssembly.compile(unpack("nasm.wasm"));
    const machine = new Stepper({ V86, wasm: new Uint8Array(readFileSync(join(v86, "../v86.wasm"))), state: unpack("boot.state").buffer,
        bios: readFileSync(join(seabios, "bios.bin")), vgaBios: readFileSync(join(seabios, "vgabios-stdvga.bin")) });
    return { machine, assemble: async (source) => assembled(source, await runNasm(nasm, source)) };
}
