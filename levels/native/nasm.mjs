// nasm.mjs: the NASM that is installed here, as the page's assembler would be asked.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ASSEMBLE_LIMIT, NASM_ARGUMENTS, assembled } from "../assembled.mjs";

// A `times 1000000000` fills neither memory nor disk: KB of memory, blocks of 512 bytes of a file.
const LIMITED = 'ulimit -v 1000000 -f 100000; exec "$@"';

export async function assemble(source, nasm = process.env.NASM ?? "nasm") {
    const folder = mkdtempSync(join(tmpdir(), "ascent-level-"));
    try {
        writeFileSync(join(folder, "sector.asm"), source);
        const { status, stdout, stderr, error } = spawnSync("sh", ["-c", LIMITED, "sh", nasm, ...NASM_ARGUMENTS],
            { cwd: folder, encoding: "utf8", timeout: ASSEMBLE_LIMIT, killSignal: "SIGKILL", maxBuffer: 1 << 26 });
        if (error && error.code !== "ETIMEDOUT") throw error;
        if (status === 127) throw new Error(stderr);
        const read = (name) => status === 0 && existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : Buffer.alloc(0);
        return assembled(source, { log: stdout + stderr, bytes: status === 0 ? Uint8Array.from(read("sector.bin")) : null,
            listing: read("sector.lst").toString("latin1") });
    } finally {
        rmSync(folder, { recursive: true });
    }
}
