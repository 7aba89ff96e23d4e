// spans.js: a text with `code` in it, as pieces.

export const spans = (text) => text.split("`").map((piece, index) => ({ text: piece, code: index % 2 === 1 }));
