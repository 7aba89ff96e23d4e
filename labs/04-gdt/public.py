"""Lab 4: the table, as it lies in memory when stage 2 begins."""

import struct

NAMES = {1: "descriptor 08 (LOADER_CS)", 2: "descriptor 10 (LOADER_DS)",
         3: "descriptor 18 (LOADER_CS16)", 4: "descriptor 20 (LOADER_DS16)"}


def table(t):
    """The eight bytes of each of the first five entries."""
    m = t.boot("disk_init")
    return [m.read(m.symbols["gdt"] + 8 * i, 8) for i in range(5)]


def expect_segment(t, index, limit, pages, wide, code):
    """Base 0, this limit, granularity and size; present, DPL 0; code readable, data writable."""
    data = table(t)[index]
    (low,) = struct.unpack("<Q", data)
    name, seen = NAMES[index], data.hex(" ").upper()
    access, flags = low >> 40 & 0xFF, low >> 52 & 0xF
    fields = (
        ("base", low >> 16 & 0xFFFFFF | low >> 56 << 24, 0),
        ("limit", low & 0xFFFF | (low >> 48 & 0xF) << 16, limit),
        ("P (present)", access >> 7, 1),
        ("DPL", access >> 5 & 3, 0),
        ("S (code or data)", access >> 4 & 1, 1),
        ("bit 3 of the type (code)", access >> 3 & 1, int(code)),
        ("bit 2 of the type (conforming, or expand-down)", access >> 2 & 1, 0),
        ("bit 1 of the type (readable, or writable)", access >> 1 & 1, 1),
        ("G (limit in pages)", flags >> 3, int(pages)),
        ("D/B (32-bit)", flags >> 2 & 1, int(wide)),
        ("L (64-bit)", flags >> 1 & 1, 0),
    )
    for field, found, wanted in fields:
        t.expect(found, wanted, f"{name}, bytes {seen}: {field}", lambda value: f"{value:X}")


def test_pointer(t):
    """What LGDT reads: the last valid byte, and the address."""
    m = t.boot("disk_init")
    limit, base = struct.unpack("<HI", m.read(m.symbols["gdt_pointer"], 6))
    t.expect(base, m.symbols["gdt"], "the base in gdt_pointer", lambda value: f"{value:08X}")
    t.expect(limit, 5 * 8 - 1, "the limit in gdt_pointer", lambda value: f"{value:X}h")


def test_null(t):
    t.expect(table(t)[0], bytes(8), "the null descriptor", lambda data: data.hex(" ").upper())


def test_code_32(t):
    expect_segment(t, 1, 0xFFFFF, True, True, code=True)


def test_data_32(t):
    expect_segment(t, 2, 0xFFFFF, True, True, code=False)


def test_boots(t):
    """The machine goes through it to protected mode, and to the kernel."""
    m = t.boot("page_tables_build")
    t.expect(m.registers()["GDT"][0], m.symbols["gdt"], "the base in GDTR", lambda value: f"{value:08X}")
    t.boot("kmain")
