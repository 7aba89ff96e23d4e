// sources.js: start.asm and solution.asm of each level, as text.
const files = import.meta.glob("../../../../levels/*/*.asm", { query: "?raw", import: "default", eager: true });

const source = (name) => (level) => files[`../../../../levels/${level.folder}/${name}.asm`];

export const startOf = source("start");
export const solutionOf = source("solution");
