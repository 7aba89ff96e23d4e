// disk.js: a disk image (image.js) as a disk for v86. What the guest writes is kept apart, so a saved
// state of the machine holds that alone, and not the whole disk.

const SECTOR = 512;

export class Disk {
    /** onFailure(error): what the guest reads could not be fetched. It waits for it for ever. */
    constructor(image, onFailure) {
        this.image = image;
        this.onFailure = onFailure;
        this.byteLength = image.byteLength;
        this.written = new Map();
    }

    load() {
        this.onload?.({});
    }

    /** Undefined when it is not there yet: v86 then asks get(). */
    get_from_cache(start, length) {
        const bytes = this.image.read(start, length);
        if (!bytes) return undefined;
        for (let at = 0; this.written.size && at < length; at += SECTOR) {
            const sector = this.written.get((start + at) / SECTOR);
            if (sector) bytes.set(sector, at);
        }
        return bytes;
    }

    get(start, length, done) {
        const bytes = this.get_from_cache(start, length);
        if (bytes) done(bytes);
        else this.image.fetch(start, length).then(() => this.get(start, length, done), this.onFailure);
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
