"""Lab 8: page tables of the grader's in the machine's memory, and pte_find(), pte_find_at() and
pt_translate() called for them."""

import struct

PAGE_OFFSET = 0xC0000000
TABLES, ANSWER, SPACE = 0x500000, 0x5F0000, 0x5F0100  # physical; the loader's map reaches 8 MB
P, RW, US, PS, NX = 1, 2, 4, 0x80, 1 << 63
LEVELS_AT, LEVEL_BYTES = 52, 24  # in struct paging_mode; struct paging_level
SHIFTS = {4: (22, 12), 8: (30, 21, 12)}


class Space:
    """An address space: `width` is 4 for classic tables, 8 for PAE."""

    def __init__(self, t, width=4):
        self.m = t.boot("mm_init")
        self.width, self.used = width, 0
        self.mode = self.m.symbols["paging_classic" if width == 4 else "paging_pae"]
        self.root = self.table()
        self.m.write(PAGE_OFFSET + SPACE, struct.pack("<IQI", self.mode, self.root, 0))

    def table(self):
        at = TABLES + 4096 * self.used
        self.used += 1
        self.m.write(PAGE_OFFSET + at, bytes(4096))
        return at

    def slot(self, table, depth, virt):
        mask = 3 if self.width == 8 and depth == 0 else (1 << (10 if self.width == 4 else 9)) - 1
        return PAGE_OFFSET + table + (virt >> SHIFTS[self.width][depth] & mask) * self.width

    def put(self, slot, value):
        self.m.write(slot, (value & (1 << 8 * self.width) - 1).to_bytes(self.width, "little"))

    def get(self, slot):
        return int.from_bytes(self.m.read(slot, self.width), "little")

    def map(self, virt, value, depth=None, way=P | RW | US):
        """An entry at this depth, and tables down to it; `way`: their rights. Returns its slot."""
        table, depth = self.root, len(SHIFTS[self.width]) - 1 if depth is None else depth
        for level in range(depth):
            slot = self.slot(table, level, virt)
            entry = self.get(slot)
            if not entry:
                entry = self.table() | (P if self.width == 8 and level == 0 else way)
                self.put(slot, entry)
            table = entry & 0xFFFFF000
        self.put(self.slot(table, depth, virt), value)
        return self.slot(table, depth, virt)

    def find(self, virt, depth=None):
        """(slot, depth, value)"""
        name, more = ("pte_find", ()) if depth is None else ("pte_find_at", (depth,))
        self.m.call(name, PAGE_OFFSET + ANSWER, PAGE_OFFSET + SPACE, virt, *more)
        slot, level, value = struct.unpack("<IIQ", self.m.read(PAGE_OFFSET + ANSWER, 16))
        return slot, (level - self.mode - LEVELS_AT) / LEVEL_BYTES, value

    def translate(self, virt):
        self.m.call("pt_translate", PAGE_OFFSET + ANSWER, PAGE_OFFSET + SPACE, virt)
        present, phys, size, _, writable, user, executable = struct.unpack(
            "<I3Q3?", self.m.read(PAGE_OFFSET + ANSWER, 31))
        return {"present": bool(present & 0xFF), "phys": phys, "bytes": size, "writable": writable,
                "user": user, "executable": executable}


def words(entry):
    return f"{entry[2]:X} of level {entry[1]:g} at {entry[0]:08X}"


def some_page(t):
    return t.random.randrange(1, 768) << 22 | t.random.randrange(1024) << 12


def expect_pages(t, width, count):
    space = Space(t, width)
    pages = {some_page(t): t.random.randrange(1, 1 << 20) << 12 | P | RW | US for _ in range(count)}
    slots = {virt: space.map(virt, value) for virt, value in pages.items()}
    for virt, value in pages.items():
        t.expect(space.find(virt + t.random.randrange(4096)), (slots[virt], len(SHIFTS[width]) - 1, value),
                 f"the entry of {virt:08X}", words)


def test_entry_of_a_page(t):
    """Two levels of tables: where the entry lies, at which level, and its value."""
    expect_pages(t, 4, 5)


def test_not_present(t):
    """The walk ends at an entry with P = 0, wherever that is."""
    space, virt = Space(t), some_page(t)
    t.expect(space.find(virt), (space.slot(space.root, 0, virt), 0, 0), "the entry of an empty directory",
             words)
    slot = space.map(virt, 0x1234 << 12 | RW)
    t.expect(space.find(virt), (slot, 1, 0x1234 << 12 | RW), "an entry with P = 0", words)
    t.expect(space.translate(virt)["present"], False, "a translation of it")


def test_translation(t):
    """The physical address of the very byte."""
    space, virt = Space(t), some_page(t)
    frame, offset = t.random.randrange(1, 1 << 20) << 12, t.random.randrange(4096)
    space.map(virt, frame | P | RW | US)
    found = space.translate(virt + offset)
    t.expect(found["present"], True, "a translation of a page that is there")
    t.expect(found["phys"], frame + offset, f"the physical address of {virt + offset:08X}",
             lambda value: f"{value:08X}")


def test_boots(t):
    """The kernel makes and changes all of its tables by it."""
    t.boot("first_program_run")
