// disk.js: a disk for v86 of whose image only the parts that are not empty are there. What the guest
// writes is kept apart, so a saved state of the machine holds that alone, and not the whole disk.

const SECTOR = 512;

export class Disk {
    /** parts: { start, length } in bytes; the image has them one behind the other, the rest is 0. */
    constructor(image, parts, byteLength) {
        let at = 0;
        this.parts = parts.map(({ start, length }) => ({ start, bytes: image.subarray(at, at += length) }));
        this.byteLength = byteLength;
        this.written = new Map();
    }

    load() {
        this.onload?.({});
    }

    get_from_cache(start, length) {
        const bytes = new Uint8Array(length);
        for (const part of this.parts) {
            const from = Math.max(start, part.start);
            const to = Math.min(start + length, part.start + part.bytes.length);
            if (from < to) bytes.set(part.bytes.subarray(from - part.start, to - part.start), from - start);
        }
        for (let at = 0; this.written.size && at < length; at += SECTOR) {
            const sector = this.written.get((start + at) / SECTOR);
            if (sector) bytes.set(sector, at);
        }
        return bytes;
    }

    get(start, length, done) {
        done(this.get_from_cache(start, length));
    }

    get_and_cache(start, length, done) {
        this.get(start, length, done);
    }

    set(start, bytes, done) {
        for (let at = 0; at < bytes.length; at += SECTOR)
            this.written.set((start + at) / SECTOR, bytes.slice(at, at + SECTOR));
        done();
    }

    get_buffer(done) {
        done();
    }

    get_state() {
        return [...this.written];
    }

    set_state(state) {
        this.written = new Map(state.map(([sector, bytes]) => [sector, bytes.slice()]));
    }
}
