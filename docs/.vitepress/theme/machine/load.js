// load.js: fetches what the machine is made of (machine-files.mjs wrote it) from a folder of the site.
import { Machine } from "./driver.js";

export async function loadMachine(folder, onChange) {
    const get = async (name) => {
        const response = await fetch(folder + name);
        if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
        return response;
    };
    const bytes = async (name) => new Uint8Array(await (await get(name)).arrayBuffer());
    const [{ V86 }, wasm, bios, vgaBios, image, info] = await Promise.all([
        import(/* @vite-ignore */ new URL(folder + "libv86.mjs", location.href).href),
        bytes("v86.wasm").then((code) => WebAssembly.compile(code)),
        bytes("bios.bin"), bytes("vgabios.bin"), bytes("disk.bin"),
        get("machine.json").then((response) => response.json()),
    ]);
    return new Machine({ V86, wasm, bios, vgaBios, image, info, onChange });
}
