"""Lab 3: the list that the loader has made, against the one that the BIOS gives when the grader asks."""

from labs.bios import MemoryBios

E820 = 1  # boot_info.map_source
CHUNK = 0x10000


def detect(t, bios):
    """memory_detect() with a BIOS of ours: (error, raw map)."""
    m = t.boot("memory_detect")
    m.write(m.boot_info_address("raw_map_count"), bytes(4))
    m.write(m.boot_info_address("map_source"), bytes(4))
    error = m.call("memory_detect", serve={"bios_int": bios.serve}) & 0xFF
    info = m.boot_info()
    return error, m.ranges(info["raw_map_phys"], min(info["raw_map_count"], 128))


def some_ranges(t, count):
    """A list as a BIOS could give it: sorted, with holes, the first where the loader lives."""
    ranges, at = [(0, 0x9FC00, 1)], 0x100000
    for i in range(count - 1):
        length = t.random.randrange(1, 64) * CHUNK
        ranges.append((at, length, 1 if i == 0 else t.random.choice((1, 1, 2, 3, 4))))
        at += length + t.random.choice((0, CHUNK))
    return ranges


def words(ranges):
    return "; ".join(f"{base:X} {length:X} {kind}" for base, length, kind in ranges) or "empty"


def test_same_as_the_bios(t):
    """A list of our own BIOS arrives as it is: base, length, type of each range, in this order."""
    ranges = some_ranges(t, 4)
    _, found = detect(t, MemoryBios(ranges))
    t.expect(len(found), len(ranges), "the number of ranges")
    t.expect(found, ranges, "the list", words)


def test_source(t):
    """On the way to the kernel, the loader says that the map is from E820."""
    info = t.boot("handover").boot_info()
    t.expect(info["map_source"], E820, "boot_info.map_source")
    if info["raw_map_count"] < 3:
        t.lose(f"there are {info['raw_map_count']} ranges; this machine's BIOS has more")
