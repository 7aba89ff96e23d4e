"""Lab 8, hidden: PAE, large pages, and rights."""

from public import NX, P, PS, RW, SHIFTS, US, Space, expect_pages, some_page, words


def test_large_pages(t):
    for width, depth, size in ((4, 0, 4 << 20), (8, 1, 2 << 20)):
        space, virt = Space(t, width), some_page(t) & ~((4 << 20) - 1)
        base, offset = 4 << 20, t.random.randrange(size)  # memory that the loader's map reaches
        slot = space.map(virt, base | P | RW | PS, depth)
        t.expect(space.find(virt + offset), (slot, depth, base | P | RW | PS), "the entry of a large page",
                 words)
        found = space.translate(virt + offset)
        t.expect((found["phys"], found["bytes"]), (base + offset, size), "address and size of a large page",
                 lambda pair: f"{pair[0]:08X}, {pair[1]:X}")


def test_three_levels(t):
    """PAE, with pages above 4 GB."""
    expect_pages(t, 8, 5)
    space, virt = Space(t, 8), some_page(t)
    frame = 0x9_0000_0000 + (t.random.randrange(1 << 16) << 12)
    space.map(virt, frame | P)
    t.expect(space.translate(virt + 5)["phys"], frame + 5, "a physical address above 4 GB",
             lambda value: f"{value:X}")


def test_no_deeper(t):
    """pte_find_at() stops at the level that it is given."""
    for width in SHIFTS:
        space, virt = Space(t, width), some_page(t)
        space.map(virt, 0x123000 | P)
        for depth in range(len(SHIFTS[width])):
            t.expect(space.find(virt, depth)[1], depth, "the level of an entry at a given depth")


def test_rights(t):
    """A right must be granted at each level that has the bit."""
    for width in SHIFTS:
        for way, last in ((P | RW | US, P), (P, P | RW | US), (P | RW, P | US), (P | RW | US, P | RW | US)):
            space, virt = Space(t, width), some_page(t)
            space.map(virt, 0x456000 | last, way=way)
            found = space.translate(virt)
            for name, bit in (("writable", RW), ("user", US)):
                t.expect(found[name], bool(way & last & bit),
                         f"{name}, with {last:X} in the entry and {way:X} above it,")
    space, virt = Space(t, 8), some_page(t)
    space.map(virt, 0x456000 | P | NX)
    t.expect(space.translate(virt)["executable"], False, "executable, with NX in the entry,")
    space, virt = Space(t, 8), some_page(t)
    space.map(virt, 0x456000 | P, way=P | NX)
    t.expect(space.translate(virt)["executable"], False, "executable, with NX above the entry,")
