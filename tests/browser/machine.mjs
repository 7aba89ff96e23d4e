// machine.mjs: the machine of the browser page in Node, from the files of a built site.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Machine, isCrash } from "../../docs/.vitepress/theme/machine/driver.js";
import { DiskImage } from "../../docs/.vitepress/theme/machine/image.js";

export async function machineOf(site, image = "disk") {
    const bytes = (name) => readFileSync(join(site, "machine", name));
    const unpacked = (name) => gunzipSync(bytes(name + ".gz"));
    const { V86 } = await import(`data:text/javascript;base64,${unpacked("libv86.mjs").toString("base64")}`);
    const machine = new Machine({
        V86, wasm: await WebAssembly.compile(unpacked("v86.wasm")), bios: unpacked("bios.bin"),
        vgaBios: unpacked("vgabios.bin"), info: JSON.parse(bytes("machine.json")),
        image: new DiskImage(JSON.parse(bytes(image + ".json")), async (file) => unpacked(file)),
    });
    process.on("uncaughtException", (error) => {
        if (isCrash(error) && machine.crashed(error)) return;
        console.error(error);
        process.exit(1);
    });
    return machine;
}
