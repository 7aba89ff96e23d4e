// download.js: fetches files that were compressed when the site was built (machine-files.mjs), and
// says how far it is. Compressed files are unpacked here, so any server of plain files will do.

const GZIP = [0x1f, 0x8b];

/** What `bytes` is the gzip file of. A server that unpacks .gz files itself has left nothing to do. */
async function unpack(bytes) {
    if (bytes[0] !== GZIP[0] || bytes[1] !== GZIP[1]) return bytes;
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

export class Download {
    /** onProgress(received, total) is called as the bytes of compressed files come in. */
    constructor(folder, onProgress = () => {}) {
        Object.assign(this, { folder, onProgress, received: 0, total: 0 });
    }

    /** The content of a JSON file, whose `packedBytes` is how many bytes of others are to come. */
    async json(name) {
        const response = await this.#response(name);
        const content = await response.json().catch((error) => { throw new Error(`${name}: ${error.message}`); });
        this.total += content.packedBytes;
        return content;
    }

    /** The content of the file `name`, of which the site has `name`.gz. */
    async bytes(name) {
        const response = await this.#response(name + ".gz");
        const chunks = [];
        for (const reader = response.body.getReader(); ;) {
            const { done, value } = await reader.read();
            if (done) break;
            chunks.push(value);
            this.received += value.length;
            this.onProgress(this.received, this.total);
        }
        const packed = new Uint8Array(await new Blob(chunks).arrayBuffer());
        return unpack(packed).catch(() => { throw new Error(`${name} did not come whole`); });
    }

    /** A JavaScript module of which the site has `name`.gz. */
    async module(name) {
        const url = URL.createObjectURL(new Blob([await this.bytes(name)], { type: "text/javascript" }));
        try {
            return await import(/* @vite-ignore */ url);
        } finally {
            URL.revokeObjectURL(url);
        }
    }

    /** Throws, with the name of the file, when it is not there. */
    async #response(name) {
        const response = await fetch(this.folder + name);
        if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
        return response;
    }
}
