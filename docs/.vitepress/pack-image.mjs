// pack-image.mjs: a disk image as files for theme/machine/image.js: what is not empty, compressed, in two
// files. The first has what a boot reads up to the first stop: the loader before the first partition, and
// of that the FAT, the folders and BOOT.CFG.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const SECTOR = 512, BLOCK = 64 * 1024, SWAP_HEADER = 4096;
const START_OF_PARTITION = 64 * 1024;
const TYPE_SWAP = 0x82;

function partitions(image) {
    return [446, 462, 478, 494].map((at) => ({
        type: image[at + 4], start: image.readUInt32LE(at + 8) * SECTOR, length: image.readUInt32LE(at + 12) * SECTOR,
    })).filter(({ type }) => type !== 0);
}

/** The ranges of an image that are not 0. */
function usedParts(image, from, to) {
    const parts = [];
    for (let start = from; start < to; start += BLOCK) {
        const end = Math.min(start + BLOCK, to);
        if (image.subarray(start, end).every((byte) => byte === 0)) continue;
        const last = parts.at(-1);
        if (last && last.start + last.length === start) last.length += end - start;
        else parts.push({ start, length: end - start });
    }
    return parts;
}

/** Writes NAME.json, NAME-0.bin.gz and NAME-1.bin.gz into the folder. */
export function packImage(path, folder, name) {
    const image = readFileSync(path);
    const table = partitions(image);
    const firstEnd = Math.min(image.length, ...table.map(({ start }) => start + START_OF_PARTITION));
    // What a machine has put into its swap means nothing to another.
    for (const { start, length } of table.filter(({ type }) => type === TYPE_SWAP))
        image.fill(0, start + SWAP_HEADER, start + length);
    const ranges = [[0, firstEnd], [firstEnd, image.length]];
    const chunks = ranges.map(([from, to], index) => {
        const parts = usedParts(image, from, to);
        const packed = gzipSync(Buffer.concat(parts.map(({ start, length }) => image.subarray(start, start + length))), { level: 9 });
        const file = `${name}-${index}.bin`;
        writeFileSync(join(folder, file + ".gz"), packed);
        return { file, parts, packedBytes: packed.length };
    });
    // A machine waits for the first file only.
    writeFileSync(join(folder, name + ".json"),
        JSON.stringify({ bytes: image.length, packedBytes: chunks[0].packedBytes, chunks }));
}
