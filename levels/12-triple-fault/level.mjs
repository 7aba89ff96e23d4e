// Level 12: the end, on purpose.
import { hex } from "../assembled.mjs";

export default {
    title: "A triple fault, on purpose",
    chapter: "12",
    ends: ["triple"],
    goal: "Make the processor give up: in protected mode, raise an exception that no gate can take. The second exception follows from the first, and the third from the second. A PC resets then.",
    hints: [
        "Any exception will do. What has to be missing is the IDT.",
        "An IDT with limit 0 has no gate at all: load one with `lidt`.",
        "`lidt [nothing]`, `ud2`, and behind the code `nothing:`, `dw 0`, `dd 0`.",
    ],
    praise: "#UD finds no gate: #GP. #GP finds none: #DF. #DF finds none: shutdown, and the PC resets. Now you know what a reboot without a word can mean.",
    early(outcome) {
        if (outcome.ended !== "hlt" && outcome.ended !== "loop") return null;
        return `${outcome.where(outcome.address)}: the processor stands here, and has not given up: no exception was raised that the IDT at ` +
            `${hex(outcome.registers.idtr.base)}h (limit ${hex(outcome.registers.idtr.limit)}h) could not take.`;
    },
    check(outcome) {
        return outcome.registers.cr0 & 1 ? null
            : "A triple fault, but in real mode: CR0.PE is 0. Leave the way to protected mode as it is.";
    },
};
