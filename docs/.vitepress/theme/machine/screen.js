// screen.js: the text screen of a PC, 80 by 25 cells of a character and its colours, as runs of text.

export const COLUMNS = 80, ROWS = 25;

// Code page 437, the characters that a PC's video card has.
const LOW = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
const HIGH = "⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
    "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

const character = (code) => code < 32 ? LOW[code] : code < 127 ? String.fromCharCode(code) : HIGH[code - 127];

/** Rows of runs {text, colour, back}: both colours are numbers from 0 to 15. */
export function screenRows(cells) {
    return Array.from({ length: ROWS }, (_, row) => {
        const runs = [];
        for (let column = 0; column < COLUMNS; column++) {
            const at = (row * COLUMNS + column) * 2;
            const colour = cells[at + 1] & 15, back = cells[at + 1] >> 4 & 7;
            const last = runs.at(-1);
            if (last && last.colour === colour && last.back === back) last.text += character(cells[at]);
            else runs.push({ text: character(cells[at]), colour, back });
        }
        return runs;
    });
}

export const screenText = (cells) =>
    screenRows(cells).map((runs) => runs.map((run) => run.text).join("").trimEnd()).join("\n").trimEnd();
