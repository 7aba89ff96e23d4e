// paging.js: page tables as they lie in memory, read as the processor reads them (SDM 3A §4.3, §4.4).

const P = 1n, RW = 2n, US = 4n, A = 0x20n, D = 0x40n, PS = 0x80n, NX = 1n << 63n;
const PAGE = 0x1000;
const index3 = (index) => `[${index.toString(16).toUpperCase().padStart(3, "0")}]`; // hexadecimal, as everywhere

// Of each mode, the levels from the root down: the size of what an entry maps, entries in a table.
const CLASSIC = { name: "32-bit paging", bytes: 4, address: 0xfffff000n, root: 0xfffff000,
    levels: [{ size: 0x400000, entries: 1024 }, { size: PAGE, entries: 1024 }] };
const PAE = { name: "PAE paging", bytes: 8, address: 0xffffffffff000n, root: 0xffffffe0,
    levels: [{ size: 0x40000000, entries: 4 }, { size: 0x200000, entries: 512 }, { size: PAGE, entries: 512 }] };

/** A reader of tables in physical memory: `read(physical, length)`. */
export class Paging {
    constructor(read, cr3, pae) {
        this.mode = pae ? PAE : CLASSIC;
        this.read = read;
        this.root = (cr3 & this.mode.root) >>> 0;
    }

    entries(table, count) {
        const bytes = this.read(table, count * this.mode.bytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        return Array.from({ length: count }, (_, index) => this.mode.bytes === 8
            ? view.getBigUint64(index * 8, true) : BigInt(view.getUint32(index * 4, true)));
    }

    /**
     * Calls `page(linear, physical, size, rights)` for every page that is present, from below; and `seen`
     * for every entry on the way: where it lies, its value, the linear addresses it is for, its name.
     */
    walk(page, seen = () => {}, level = 0, table = this.root, linear = 0, rights = { write: true, user: true, execute: true },
        name = "") {
        const { size, entries } = this.mode.levels[level];
        this.entries(table, entries).forEach((entry, index) => {
            if (!(entry & P)) return;
            const here = linear + index * size;
            const address = Number(entry & this.mode.address);
            const path = name + index3(index);
            seen({ slot: table + index * this.mode.bytes, value: entry, linear: here, bytes: size, path,
                pointer: level === 0 && this.mode === PAE });
            // A PDPTE has no rights of its own: those bits are reserved.
            const now = level === 0 && this.mode === PAE ? rights : {
                write: rights.write && (entry & RW) !== 0n,
                user: rights.user && (entry & US) !== 0n,
                execute: rights.execute && !(entry & NX),
            };
            const last = level === this.mode.levels.length - 1;
            const large = !last && (this.mode === CLASSIC || level > 0) && (entry & PS) !== 0n;
            if (last || large) page(here, address - address % size, size, now);
            else this.walk(page, seen, level + 1, address, here, now, path);
        });
    }

    /** Runs of pages that lie side by side in both kinds of memory and have the same rights. */
    ranges() {
        const ranges = [];
        this.walk((linear, physical, size, { write, user, execute }) => {
            const last = ranges.at(-1);
            if (last && last.linear + last.bytes === linear && last.physical + last.bytes === physical &&
                last.write === write && last.user === user && last.execute === execute) {
                last.bytes += size;
                last.pages[size] = (last.pages[size] ?? 0) + 1;
            } else {
                ranges.push({ linear, physical, bytes: size, write, user, execute, pages: { [size]: 1 } });
            }
        });
        return ranges;
    }

    /** Every entry that is present: Map from where it lies to {value, linear, bytes, path}. Of a table that two
     * entries point to, the path is the higher: the kernel's. */
    present() {
        const found = new Map();
        this.walk(() => {}, (entry) => found.set(entry.slot, entry));
        return found;
    }

    translate(linear) {
        let found = null;
        this.walk((from, physical, size) => {
            if (linear >= from && linear < from + size) found = physical + linear - from;
        });
        return found;
    }
}

const overlap = (a, b) => a.linear < b.linear + b.bytes && b.linear < a.linear + a.bytes;
const same = (a, b) => ["linear", "physical", "bytes", "write", "user", "execute"].every((k) => a[k] === b[k]);

/**
 * The ranges, each with what happened to it since the stop before: "new", "changed", "" or "gone".
 * Neighbours that are gone are one range.
 */
export function compareRanges(ranges, before) {
    const result = ranges.map((range) => ({ ...range, news: before.some((old) => same(old, range)) ? ""
        : before.some((old) => overlap(old, range)) ? "changed" : "new" }));
    for (const old of before) {
        if (ranges.some((range) => overlap(old, range))) continue;
        const last = result.at(-1);
        if (last.news === "gone" && last.linear + last.bytes === old.linear) last.bytes += old.bytes;
        else result.push({ ...old, news: "gone" });
    }
    return result.sort((a, b) => a.linear - b.linear);
}

/**
 * The entries in which A or D is 1 now and was not at the stop before: [{path, linear, bytes, bits}]. The
 * loader and the kernel make theirs with A = D = 0, but for those of programs' pages: of these, only one
 * that was there before tells what the processor has done.
 */
export function usedSince(now, before) {
    const used = [];
    for (const { slot, value, linear, bytes, path, pointer } of now.values()) {
        const old = before.get(slot)?.value;
        const same = old !== undefined && (old & ~(A | D)) === (value & ~(A | D));
        if (pointer || (!same && value & US)) continue; // an entry of PAE's root has neither A nor D
        const news = value & ~(same ? old : 0n);
        const bits = [news & A ? "A" : "", news & D ? "D" : ""].filter(Boolean);
        if (bits.length) used.push({ path, linear, bytes, bits });
    }
    return used;
}

/**
 * Where to draw the ranges: linear memory on the left, physical on the right. In true size there would
 * be nothing to see, so every box has the height 1, and a hole 0.6. `target` is the place of a range on
 * the right, from top to bottom.
 */
export function layoutRanges(ranges) {
    const HOLE = 0.6;
    let height = 0, end = 0;
    const left = ranges.map((range) => {
        const hole = range.linear > end ? height : null;
        if (hole !== null) height += HOLE;
        end = range.linear + range.bytes;
        return { ...range, hole, y: height++ };
    });
    const last = end < 2 ** 32 ? height : null; // the hole up to 4 GB
    if (last !== null) height += HOLE;

    const mapped = ranges.filter((range) => range.news !== "gone");
    const edges = [...new Set(mapped.flatMap((r) => [r.physical, r.physical + r.bytes]))].sort((a, b) => a - b);
    const right = [];
    const tops = new Map();
    let y = 0;
    edges.forEach((edge, index) => {
        tops.set(edge, y);
        if (index + 1 === edges.length) return;
        const used = mapped.some((r) => r.physical <= edge && r.physical + r.bytes >= edges[index + 1]);
        right.push({ from: edge, to: edges[index + 1], used, y, height: used ? 1 : HOLE });
        y += used ? 1 : HOLE;
    });
    for (const box of left)
        if (box.news !== "gone") box.target = [tops.get(box.physical), tops.get(box.physical + box.bytes)];
    return { left, right, last, height: Math.max(height, y), rightHeight: y };
}
