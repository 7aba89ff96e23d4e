"""Lab 6, hidden: the other ways in which a kernel can be wrong."""

from public import NOTE, PAGE_OFFSET, R, W, check, expect, place, segment


def test_overlap(t):
    start = place(t)
    others = [segment(start, 0x2000), segment(start + 0x8000), segment(start + 0x4000)]
    expect(t, 0, "neighbours", [*others, segment(start + 0x2000, 0x2000)])
    expect(t, 39, "one byte in common", [*others, segment(start + 0x2000, 0x10, 0x2001)])
    expect(t, 39, "one in the other", [segment(start, 0x10, 0x8000), segment(start + 0x1000)])
    expect(t, 39, "the other way round", [segment(start + 0x1000), segment(start, 0x10, 0x8000)])


def test_more_in_the_file(t):
    start = place(t)
    expect(t, 35, "p_filesz > p_memsz", [segment(start, 0x1001, 0x1000)])
    expect(t, 35, "p_filesz > p_memsz = 0", [segment(start), segment(start + 0x4000, 1, 0)])


def test_not_memory(t):
    expect(t, 38, "a segment in the loader", [segment(0x2F000)])
    expect(t, 37, "a segment in reserved memory", [segment(0x9F000, 0x1000)])
    expect(t, 37, "a segment whose .bss leaves usable memory", [segment(0x1FFF000, 0x1000, 0x1001)])
    expect(t, 37, "a segment where nothing is", [segment(0x3000000)])


def test_wrong_address(t):
    start = place(t)
    expect(t, 40, "p_vaddr is p_paddr", [segment(start, vaddr=start)], entry=start)
    expect(t, 40, "p_vaddr is one page off", [segment(start, vaddr=start + PAGE_OFFSET + 0x1000)])


def test_entry(t):
    start = place(t)
    segments = [segment(start, 0x800, 0x1000), segment(start + 0x1000, flags=R | W)]
    expect(t, 0, "the last byte of code", segments, entry=PAGE_OFFSET + start + 0x7FF)
    expect(t, 41, "an entry point in .bss", segments, entry=PAGE_OFFSET + start + 0x800)
    expect(t, 41, "an entry point in data", segments, entry=PAGE_OFFSET + start + 0x1000)
    expect(t, 41, "a physical entry point", segments, entry=start)


def test_empty_segments(t):
    """What takes no memory has no address, and what is no PT_LOAD is not loaded."""
    start = place(t)
    expect(t, 0, "an empty segment at 0", [segment(start), segment(0, 0, 0, vaddr=0)])
    expect(t, 33, "nothing to load", [segment(start, 0, 0)])
    expect(t, 33, "only a note", [segment(start, type=NOTE)])
    error, phys, _ = check(t, [segment(start), segment(0, 0, 0, vaddr=0)])
    t.expect((error, phys), (0, start), "error and start with an empty segment at 0",
             lambda pair: f"{pair[0]}, {pair[1]:X}")


def test_wrap(t):
    start = place(t)
    expect(t, 34, "p_offset + p_filesz above 4 GB", [segment(start, 0x2000, offset=0xFFFFF000)])
    expect(t, 36, "p_paddr + p_memsz above 4 GB", [segment(start, 0x1000, 0xFFFFF000)])
