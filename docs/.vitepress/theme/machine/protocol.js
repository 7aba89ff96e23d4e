// protocol.js: reads what the machine says on COM1 (docs/reference/step-protocol.md).

const ANSI = /\x1b\[[0-9;]*m/g;

/** The registers of an @STEP line: {cr0: {before, now}, ...} as the text of the line. */
function registers(fields) {
    return Object.fromEntries(fields.map((field) => {
        const [name, value] = field.split("=");
        const [before, now = before] = value.split("->");
        return [name, { before, now }];
    }));
}

/** What a line means: {kind: "step" | "wait" | "break" | "ready" | "text", ...}. */
export function parseLine(line) {
    const [word, number, name, ...fields] = line.split(" ");
    if (word === "@STEP") return { kind: "step", number: Number(number), name, registers: registers(fields) };
    if (word === "@WAIT") return { kind: "wait", number: Number(number) };
    if (word === "@BREAK") return { kind: "break", number: Number(number) };
    if (word === "@READY") return { kind: "ready", program: number === "init" };
    return { kind: "text", line };
}

/** Collects bytes to lines, and says what each line means. Keeps the text of everything so far. */
export class Serial {
    constructor(onLine) {
        this.onLine = onLine;
        this.text = "";
        this.line = "";
    }

    byte(byte) {
        if (byte === 13) return;
        if (byte !== 10) {
            this.line += String.fromCharCode(byte);
            return;
        }
        const line = this.line.replace(ANSI, "");
        this.line = "";
        this.text += line + "\n";
        this.onLine(parseLine(line));
    }

    /** All text, with the line that has not ended. */
    all() {
        return this.text + this.line.replace(ANSI, "");
    }

    /** Back to an earlier text. */
    reset(text = "") {
        this.text = text;
        this.line = "";
    }
}
