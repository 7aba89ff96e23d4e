"""Lab 6: elf_check_segments(), called with program headers of the grader's, in the machine."""

import struct

EHDR_AT, PHDRS_AT, MAP_AT = 0x40000, 0x41000, 0x42000  # conventional memory that nobody uses
PAGE_OFFSET, LOADER_END = 0xC0000000, 0x30000
MAP = [(0x1000, 0x9EC00, 1), (0x9FC00, 0x400, 2), (0x100000, 0x1F00000, 1), (0x2000000, 0x100000, 2)]
LOAD, NOTE = 1, 4
R, X, W = 4, 1, 2


def segment(paddr, filesz=0x1000, memsz=None, offset=0x1000, **changes):
    fields = dict(type=LOAD, offset=offset, vaddr=paddr + PAGE_OFFSET, paddr=paddr, filesz=filesz,
                  memsz=filesz if memsz is None else memsz, flags=R | X, align=0x1000)
    fields.update(changes)
    return fields


def check(t, segments, entry=None, file_bytes=0x100000):
    """(error, phys, phys_end)"""
    m = t.boot("pm_check_segments")
    entry = segments[0]["vaddr"] if entry is None else entry
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, entry, 52, 0, 0, 52, 32,
                                                       len(segments), 40, 0, 0)
    m.write(EHDR_AT, header)
    m.write(PHDRS_AT, b"".join(struct.pack("<8I", *(value & 0xFFFFFFFF for value in fields.values()))
                               for fields in segments))
    m.write(MAP_AT, b"".join(struct.pack("<QQII", *entry, 1) for entry in MAP))
    error = m.call("elf_check_segments", EHDR_AT, PHDRS_AT, file_bytes, MAP_AT, len(MAP),
                   words=(0xDEAD, 0xDEAD)) & 0xFF
    return error, *m.answers


def expect(t, error, what, segments, **settings):
    """This ELF gets this error, and the same without its fault none."""
    m = t.boot("pm_check_segments")
    found = check(t, segments, **settings)[0]
    t.expect(found, error, f"{what}: the answer", m.error_name)


def place(t):
    return 0x100000 + 0x1000 * t.random.randrange(0x100)


def test_good(t):
    """Several segments: no error, and the range from the first byte to the last of p_memsz."""
    start, size = place(t), 0x1000 * t.random.randrange(2, 9)
    middle = start + 0x10000
    segments = [segment(middle + size, 0x123, 0x2345, flags=R | W), segment(start, 0x1000),
                segment(middle, 0x800, size, flags=R | W)]
    error, phys, end = check(t, segments, entry=PAGE_OFFSET + start + 0x10)
    t.expect(error, 0, "three good segments: the answer", t.boot("pm_check_segments").error_name)
    t.expect((phys, end), (start, middle + size + 0x2345), "the physical range",
             lambda pair: f"{pair[0]:X} to {pair[1]:X}")


def test_outside_the_file(t):
    start = place(t)
    expect(t, 34, "p_offset behind the end of the file", [segment(start, offset=0x100000)])
    expect(t, 34, "the last byte behind the end of the file", [segment(start, 0x1001, offset=0xFF000)])
    expect(t, 34, "a note behind the end of the file",
           [segment(start), segment(start, type=NOTE, offset=0x100000)])
    expect(t, 0, "the last byte at the end of the file", [segment(start, 0x1000, offset=0xFF000)])


def test_boots(t):
    """Ascent's own kernel passes."""
    t.boot("kmain")
