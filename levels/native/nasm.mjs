// nasm.mjs: the NASM that is installed here, as the page's assembler would be asked.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NASM_ARGUMENTS, assembled } from "../assembled.mjs";

export async function assemble(source, nasm = process.env.NASM ?? "nasm") {
    const folder = mkdtempSync(join(tmpdir(), "ascent-level-"));
    try {
        writeFileSync(join(folder, "sector.asm"), source);
        const { status, stdout, stderr, error } = spawnSync(nasm, NASM_ARGUMENTS, { cwd: folder, encoding: "utf8" });
        if (error) throw error;
        const read = (name) => existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : Buffer.alloc(0);
        return assembled(source, { log: stdout + stderr, bytes: status === 0 ? Uint8Array.from(read("sector.bin")) : null,
            listing: read("sector.lst").toString("latin1") });
    } finally {
        rmSync(folder, { recursive: true });
    }
}
