"""Lab 7: the tables, read from physical memory where the loader has just built them, and walked as the
processor would."""

import struct

PAGE_OFFSET = 0xC0000000
P, RW, US, PS = 1, 2, 4, 0x80
MB = 1 << 20


class Tables:
    def __init__(self, machine):
        self.machine = machine
        info = machine.boot_info()
        self.mapped = info["mapped_bytes"]
        self.root = info["page_directory_phys"]
        self.directory = struct.unpack("<1024I", machine.physical(self.root, 4096))
        self.seen = {}

    def walk(self, linear):
        """(physical address, entry of the page), or (None, entry)."""
        pde = self.directory[linear >> 22]
        if not pde & P or pde & PS:
            return (pde & 0xFFC00000 | linear & 0x3FFFFF if pde & P else None), pde
        table = pde & 0xFFFFF000
        if table not in self.seen:
            self.seen[table] = struct.unpack("<1024I", self.machine.physical(table, 4096))
        pte = self.seen[table][linear >> 12 & 1023]
        return (pte & 0xFFFFF000 | linear & 0xFFF if pte & P else None), pte


def built(t, **settings):
    return Tables(t.boot("page_tables_check", **settings))


def shown(phys):
    return "not mapped" if phys is None else f"physical {phys:08X}"


def expect_map(t, tables, start):
    """All of what is to be mapped, at `start`."""
    places = [0, 0x1000, 0x7C00, 0xB8000, 4 * MB - 1, 4 * MB, tables.mapped - 1]
    places += [t.random.randrange(tables.mapped) for _ in range(20)]
    for phys in places:
        t.expect(tables.walk(start + phys)[0], phys, f"linear {start + phys:08X}", shown)


def test_identity(t):
    """Physical 0 and what follows, at the same linear address."""
    expect_map(t, built(t), 0)


def test_higher_half(t):
    """The same memory at PAGE_OFFSET."""
    expect_map(t, built(t), PAGE_OFFSET)


def test_boots(t):
    """The processor takes them, and gets to the kernel."""
    t.boot("kmain")
