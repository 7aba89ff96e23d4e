// image.js: a disk image on the site (machine-files.mjs): files of those of its parts that are not
// empty, each fetched when it is needed. An empty swap partition of 80 MB costs nothing.

/** Throws when the file is another than the site was built with: cut off, or a server's page in its place. */
function complete({ file, parts }, bytes) {
    const wanted = parts.reduce((sum, { length }) => sum + length, 0);
    if (bytes.length !== wanted) throw new Error(`${file}: ${bytes.length} bytes, and not ${wanted}`);
    return bytes;
}

export class DiskImage {
    /**
     * layout: {bytes, chunks: [{file, parts: [{start, length}]}]}: the file of a chunk has its parts one
     * behind the other; what is in no part is 0. load(file) promises the file's content.
     */
    constructor(layout, load) {
        this.byteLength = layout.bytes;
        this.load = load;
        this.chunks = layout.chunks.map(({ file, parts }) => ({ file, parts, bytes: null, coming: null }));
    }

    /** The bytes of a range; null when some of them are not there yet. */
    read(start, length) {
        const bytes = new Uint8Array(length);
        for (const chunk of this.#chunksOf(start, length)) {
            if (!chunk.bytes) return null;
            let at = 0;
            for (const part of chunk.parts) {
                const from = Math.max(start, part.start), to = Math.min(start + length, part.start + part.length);
                if (from < to) bytes.set(chunk.bytes.subarray(at + from - part.start, at + to - part.start), from - start);
                at += part.length;
            }
        }
        return bytes;
    }

    /** Fetches what read() needs for the range. One that failed is tried again the next time. */
    async fetch(start, length) {
        await Promise.all(this.#chunksOf(start, length).map((chunk) => chunk.coming ??= this.load(chunk.file).then(
            (bytes) => { chunk.bytes = complete(chunk, bytes); }).catch((error) => { chunk.coming = null; throw error; })));
    }

    /** Is something on its way? */
    get busy() {
        return this.chunks.some((chunk) => chunk.coming && !chunk.bytes);
    }

    #chunksOf(start, length) {
        return this.chunks.filter(({ parts }) =>
            parts.some((part) => part.start < start + length && start < part.start + part.length));
    }
}
