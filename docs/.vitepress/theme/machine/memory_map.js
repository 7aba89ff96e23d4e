// memory_map.js: the memory map as the loader keeps it for the kernel (include/ascent/boot_info.h).

const TYPES = { 1: "usable", 2: "reserved", 3: "ACPI tables", 4: "ACPI NVS", 5: "bad" };
const ENTRY = 24; // struct memory_range

/** One 32-bit word of boot_info. */
export function bootInfo(read, info, name) {
    const bytes = read(info.bootInfoAddress + info.bootInfo[name], 4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

export function readMemoryMap(read, info) {
    const at = bootInfo(read, info, "map_phys"), count = bootInfo(read, info, "map_count");
    if (count === 0 || count > 128) return [];
    const bytes = read(at, count * ENTRY);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: count }, (_, index) => {
        const type = view.getUint32(index * ENTRY + 16, true);
        return {
            base: Number(view.getBigUint64(index * ENTRY, true)),
            length: Number(view.getBigUint64(index * ENTRY + 8, true)),
            type: TYPES[type] ?? `type ${type}`,
        };
    });
}

/** The part of the map between two addresses as shares of a bar, with what nobody claims. */
export function bar(map, from, to) {
    const parts = [];
    let at = from;
    const put = (type, end) => {
        if (end > at) parts.push({ type, from: at, to: end, share: (end - at) / (to - from) });
        at = Math.max(at, end);
    };
    for (const range of map) {
        if (range.base >= to || range.base + range.length <= from) continue;
        put("nothing", Math.min(range.base, to));
        put(range.type, Math.min(range.base + range.length, to));
    }
    put("nothing", to);
    return parts;
}
