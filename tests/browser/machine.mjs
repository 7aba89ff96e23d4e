// machine.mjs: the machine of the browser page in Node, from the files of a built site.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Machine } from "../../docs/.vitepress/theme/machine/driver.js";

export async function machineOf(site) {
    const bytes = (name) => readFileSync(join(site, "machine", name));
    const { V86 } = await import(pathToFileURL(join(site, "machine/libv86.mjs")).href);
    const machine = new Machine({
        V86, wasm: await WebAssembly.compile(bytes("v86.wasm")), bios: bytes("bios.bin"),
        vgaBios: bytes("vgabios.bin"), image: bytes("disk.bin"), info: JSON.parse(bytes("machine.json")),
    });
    process.on("uncaughtException", (error) => {
        if (error instanceof WebAssembly.RuntimeError && machine.crashed(error)) return;
        console.error(error);
        process.exit(1);
    });
    return machine;
}
