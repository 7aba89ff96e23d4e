// highlight.js: NASM source as pieces { text, kind }: a comment, a label, a string, a number, an
// instruction or directive, or nothing of these.

const TOKEN = /(;.*)|('[^']*'|"[^"]*")|^(\s*)([A-Za-z_.$?][\w.$?]*:)|\b(0x[\da-f]+|[\da-f]*\d[\da-f]*h|\d+)\b|([A-Za-z_][\w]*)/gim;
const REGISTER = /^(e?[abcd]x|[abcd][lh]|e?[sd]i|e?[sb]p|[cdefgs]s|cr[0234])$/i;

export function highlight(line) {
    const pieces = [];
    let at = 0, first = true;
    const push = (text, kind) => { if (text) pieces.push({ text, kind }); };
    for (const match of line.matchAll(TOKEN)) {
        const [all, comment, string, indent, label, number, word] = match;
        push(line.slice(at, match.index), "");
        at = match.index + all.length;
        if (comment) push(comment, "comment");
        else if (string) push(string, "string");
        else if (label) { push(indent, ""); push(label, "label"); }
        else if (number) push(number, "number");
        else if (REGISTER.test(word)) push(word, "register");
        else { push(word, first ? "word" : ""); first = false; }
    }
    push(line.slice(at), "");
    return pieces;
}
