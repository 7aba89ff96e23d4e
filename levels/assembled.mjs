// assembled.mjs: what NASM made of a boot sector: its bytes, which line of the source each came from,
// and its complaints, with a word of help where NASM's own words are no help to a beginner.

export const ORIGIN = 0x7c00;
export const SECTOR = 512;
// A misspelt instruction without operands (`htl`) is a label to NASM: said here as an error.
/** ms that NASM may take: a sector takes 50, and a macro may go on for ever. */
export const ASSEMBLE_LIMIT = 10000;
export const NASM_ARGUMENTS = ["-f", "bin", "-w+error=label-orphan", "-o", "sector.bin", "-l", "sector.lst", "sector.asm"];

const HELP = [
    [/label alone on a line|label-orphan/, "NASM takes the word for a label, as it knows no such instruction. Misspelt? A label ends with a colon."],
    [/symbol [`'](\S+)' not (?:previously )?defined/, "No line has this label, and no equ this name. Capital and small letters differ."],
    [/instruction expected/, "NASM knows no instruction of this name."],
    [/invalid combination of opcode and operands/, "The instruction exists, but not with such operands. A segment register is loaded from a register only (mov ax, 0 then mov ds, ax), and of two operands one at most is in memory."],
    [/TIMES value (-\d+) is negative/, "The code before this line is too long for a sector: so many bytes have to go."],
    [/operation size not specified/, "Byte, word or dword? Write mov byte [...], or word, or dword."],
    [/mismatch in operand sizes/, "The operands have different sizes: AL is a byte, AX a word, EAX a double word."],
    [/comma, colon, decorator or end of line expected/, "Something stands behind the operands that NASM cannot place. A comma that is missing, or a comment without its semicolon?"],
    [/expression syntax error/, "The operand is no number, register or address that NASM can read."],
    [/label [`'](\S+)' (?:inconsistently )?redefined/, "Two lines have this label."],
    [/invalid (?:16|32)-bit effective address|invalid effective address/, "Only some registers can stand in brackets. In 16-bit code: BX, BP, SI and DI."],
    [/byte data exceeds bounds|byte value exceeds bounds|word data exceeds bounds/, "The number is too large for its place, and was cut."],
    [/unterminated string|missing.*quote/, "The text has no closing quote."],
];

/**
 * `log` is what NASM printed, `listing` its -l file, `bytes` its output (null: there is none).
 * Returns { ok, bytes, complaints: [{ line, text, help, fatal }], lineAt(address), begins(address), text(line) }.
 */
export function assembled(source, { log, listing, bytes }) {
    const lines = source.split("\n");
    const complaints = [...log.matchAll(/^[^:\n]*:(\d+): (error|warning|fatal|panic): (.*)$/gm)]
        .map(([, line, kind, text]) => ({ line: Number(line), fatal: kind !== "warning",
            text: text.replace(/ \[-w\+[^\]]*\]$/, ""), help: HELP.find(([pattern]) => pattern.test(text))?.[1] ?? "" }))
        .filter(firstOf(({ line, text }) => `${line} ${text}`));
    const starts = readListing(listing);
    return {
        ok: bytes !== null && !complaints.some(({ fatal }) => fatal),
        bytes: bytes ?? new Uint8Array(0),
        complaints,
        lines,
        /** The line that the byte at this address came from; 0: none did. */
        lineAt: (address) => starts.find(({ from, to }) => address >= from && address < to)?.line ?? 0,
        /** Does a line begin there? */
        begins: (address) => starts.some(({ from }) => from === address),
        /** A line of the source without its comment. */
        text: (line) => (lines[line - 1] ?? "").replace(/;.*/, "").trim(),
    };
}

/** Of several with the same key, only the first is kept. */
function firstOf(key) {
    const known = new Set();
    return (one) => known.size < known.add(key(one)).size;
}

/** [{ from, to, line }]: the addresses that each line of the source has. */
function readListing(listing) {
    const starts = [...listing.matchAll(/^ *(\d+) ([0-9A-F]{8}) /gm)]
        .map(([, line, offset]) => ({ line: Number(line), from: ORIGIN + parseInt(offset, 16) }));
    const higher = []; // addresses behind a line, the nearest last, each higher than the one behind it
    for (const start of starts.toReversed()) {
        while (higher.length && higher.at(-1) <= start.from) higher.pop();
        start.to = higher.at(-1) ?? start.from + SECTOR;
        higher.push(start.from);
    }
    return starts.filter(({ from, to }, index) => to > from && starts[index + 1]?.from !== from);
}

/** What keeps the BIOS from starting these bytes, or null. */
export function notBootable({ bytes }) {
    if (bytes.length > SECTOR)
        return `The sector has ${bytes.length} bytes. A sector is 512: ${bytes.length - SECTOR} too many.`;
    if (bytes.length < SECTOR)
        return `The sector has ${bytes.length} bytes, and not 512. Fill it up: times 510-($-$$) db 0, and dw 0xAA55 behind it.`;
    if (bytes[510] !== 0x55 || bytes[511] !== 0xaa)
        return `The last two bytes are ${hex(bytes[510], 2)} ${hex(bytes[511], 2)}. Without 55 AA there the BIOS says that the disk is not bootable: dw 0xAA55.`;
    return null;
}

export const hex = (value, digits = 4) => (value >>> 0).toString(16).toUpperCase().padStart(digits, "0");
