// boot-state.mjs FOLDER SEABIOS: the machine of docs/boot-sector.md as the BIOS leaves it, saved when it
// stands at 7C00h: the page need not wait for the BIOS. With it, NASM (build/nasm.wasm).
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { V86 } from "v86";
import { ROOT } from "./source-pages.mjs";
import { LevelDisk, hardware } from "./theme/levels/stepper.js";

const [folder, seabios] = process.argv.slice(2);
const LOADED = 0x7c02, TIMEOUT = 120000; // ms

const disk = new LevelDisk();
disk.first.set([0xfa, 0xf4]); // cli, hlt: there it is saved
disk.first.set([0x55, 0xaa], 510);
const emulator = new V86({
    ...hardware({ bios: readFileSync(join(seabios, "bios.bin")), vgaBios: readFileSync(join(seabios, "vgabios-stdvga.bin")), disk }),
    disable_jit: false,
    wasm_path: fileURLToPath(import.meta.resolve("v86/build/v86.wasm")),
});
await new Promise((resolve) => emulator.add_listener("emulator-ready", resolve));
const { cpu } = emulator.v86;
emulator.run();
const deadline = Date.now() + TIMEOUT;
while (!(cpu.in_hlt[0] && cpu.instruction_pointer[0] === LOADED)) {
    if (Date.now() > deadline) throw new Error("the BIOS did not start the boot sector");
    await new Promise((resolve) => setTimeout(resolve, 2));
}
await emulator.stop();

mkdirSync(folder, { recursive: true });
const write = (name, bytes) => writeFileSync(join(folder, name + ".gz"), gzipSync(bytes, { level: 9 }));
write("boot.state", new Uint8Array(await emulator.save_state()));
write("nasm.wasm", readFileSync(join(ROOT, "build/nasm.wasm")));
const licences = {
    "nasm-license.txt": join(ROOT, "build/nasm.wasm.license"),
    "wasi-libc-copyright.txt": "/usr/share/doc/wasi-libc/copyright", // linked into NASM
    "wasi-shim-license.txt": fileURLToPath(new URL("../LICENSE-MIT", import.meta.resolve("@bjorn3/browser_wasi_shim"))),
};
for (const [name, from] of Object.entries(licences)) copyFileSync(from, join(folder, name));
process.exit(0);
