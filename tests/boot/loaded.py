"""What is in memory when the kernel is ready: is it what lies on the disk?"""

import re
import struct

from image import INITRD, KERNEL

PT_LOAD, PF_W = 1, 2
SHT_SYMTAB = 2
FIRST, LAST = 0x100000, 0x400000


def segments(elf):
    """[(paddr, bytes in the file, flags)] of the PT_LOAD headers."""
    (phoff,) = struct.unpack_from("<I", elf, 28)
    (count,) = struct.unpack_from("<H", elf, 44)
    for number in range(count):
        kind, offset, _, paddr, filesz, _, flags, _ = struct.unpack_from(
            "<8I", elf, phoff + number * 32)
        if kind == PT_LOAD:
            yield paddr, elf[offset:offset + filesz], flags


def symbol_tables(elf):
    """The bytes of the symbol table and of its strings."""
    (shoff,) = struct.unpack_from("<I", elf, 32)
    (count,) = struct.unpack_from("<H", elf, 48)
    headers = [struct.unpack_from("<10I", elf, shoff + number * 40) for number in range(count)]
    for header in headers:
        if header[1] == SHT_SYMTAB:
            for _, _, _, _, offset, size, *_ in (header, headers[header[6]]):
                yield elf[offset:offset + size]
            return


class Loaded:
    """Taken from a good boot; `difference` then compares another with it."""

    def __init__(self, machine):
        with open(KERNEL, "rb") as file:
            elf = file.read()
        with open(INITRD, "rb") as file:
            initrd = file.read()
        self.parts = [(paddr, data) for paddr, data, flags in segments(elf) if not flags & PF_W]
        self.segments = len(self.parts)
        memory = machine.read_physical(FIRST, LAST - FIRST)
        for table in symbol_tables(elf):
            at = memory.find(table)
            assert at >= 0, "the symbols are not in memory"
            self.parts.append((FIRST + at, table))
        self.initrd = initrd
        self.lines = self.said(machine)

    @staticmethod
    def said(machine):
        """How much memory there is, and where the kernel and the initrd went; once where a file was
        read again."""
        return set(re.findall(r"^(?:memory|kernel|initrd): .*", machine.serial, re.M))

    def difference(self, machine, what):
        """What differs of `what`, "all" or "kernel", in words; "" if nothing does."""
        if what == "all" and self.said(machine) != self.lines:
            return "says " + "; ".join(sorted(self.said(machine) ^ self.lines))
        memory = machine.read_physical(FIRST, LAST - FIRST)
        for address, data in self.parts[:None if what == "all" else self.segments]:
            if memory[address - FIRST:address - FIRST + len(data)] != data:
                return f"memory at {address:08x} is not what the file says"
        if what != "all":
            return ""
        # Unpacked by now: its frames are free, and with so much memory nobody has taken them.
        address = int(re.search(r"^initrd: .* to ([0-9A-F]{8})", machine.serial, re.M).group(1), 16)
        if machine.read_physical(address, len(self.initrd)) != self.initrd:
            return "the initrd is not what the file says"
        return ""
