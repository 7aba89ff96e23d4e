"""Address spaces of the grader's in the machine: made, touched and read with the kernel's own functions,
before the first program runs."""

import os
import re
import struct

from .table import ROOT

READ, WRITE = 0, 1              # enum fault_access
MENDED, OUT_OF_MEMORY = 0, 8    # enum fault_outcome
OWNER_USER = 12                 # enum page_owner
HIGHUSER = 0x12                 # gfp.h
P, RW, US = 1, 2, 4
PAGE_OFFSET = 0xC0000000
SIZES = {"struct mm": 16, "uint64_t": 8, "uint32_t": 4, "unsigned": 4, "bool": 1}  # and pointers: 4


def fields_of_mm():
    """{field: offset} of struct mm_struct."""
    with open(os.path.join(ROOT, "kernel/mm/mm_struct.h"), encoding="utf-8") as file:
        text = file.read().split("\nstruct mm_struct {")[1].split("\n};")[0]
    found, at = {}, 0
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for kind, names in re.findall(r"^    ((?:struct )?\w+) ([^;(]+);", text, re.M):
        for name in names.split(","):
            size = 4 if "*" in name else SIZES[kind]
            at = -(-at // min(size, 4)) * min(size, 4)  # aligned, as i386 has it
            found[name.strip(" *")] = at
            at += size
    return found


class Spaces:
    """A machine that stands where the kernel would start its first program."""

    def __init__(self, t):
        self.t, self.m = t, t.machine(cpu="pentium2")
        self.m.run_to("first_program_run")

    def new(self, pages=4):
        """(mm, address of an anonymous private map, which has no page yet)"""
        mm = self.m.call("mm_alloc")
        address = self.m.call("mm_mmap", mm, 0, pages * 4096, 3, 0x22, 0, 0)
        if not mm or address & 0xFFF:
            self.t.lose(f"mmap() answers {address:X}")
        return mm, address

    def touch(self, mm, address, access, **settings):
        """A page fault there: its outcome."""
        return self.m.call("mm_fault", mm, address, access, address, 1, **settings) & 0xFF

    def entry(self, mm, address):
        """The entry of a page, read from the tables in memory: PAE, as that processor has it."""
        (root,) = struct.unpack("<Q", self.m.read(mm + 4, 8))
        table = root & 0xFFFFFFE0
        for shift, mask in ((30, 3), (21, 511), (12, 511)):
            (value,) = struct.unpack("<Q", self.m.physical(table + (address >> shift & mask) * 8, 8))
            if not value & P or shift == 12:
                return value
            table = value & 0xFFFFFF000
        return value

    def frame(self, mm, address):
        """The physical address of the page's frame; its entry must be present."""
        value = self.entry(mm, address)
        if not value & P:
            self.t.lose(f"the page at {address:08X} is not there after its fault: its entry is {value:X}")
        return value & 0xFFFFFF000

    def page_of(self, phys):
        """The descriptor of a frame."""
        frame = phys >> 12
        return self.m.word(self.m.symbols["page_sections"] + 4 * (frame >> 12)) + 16 * (frame & 4095)

    def references(self, phys):
        return self.m.word(self.page_of(phys) + 4)

    def phys_of(self, page):
        """The frame of a descriptor."""
        section = self.m.word(page) >> 20
        start = self.m.word(self.m.symbols["page_sections"] + 4 * section)
        return ((section << 12) + (page - start) // 16) << 12

    def zero_frame(self):
        return self.phys_of(self.m.word("zero_page"))

    def count(self, mm, name):
        return self.m.word(mm + fields_of_mm()[name])

    def user_frames(self):
        return self.m.call("pages_of", OWNER_USER)

    def soil_next_frames(self, count=16):
        """The frames that are handed out next are full of what somebody else has left."""
        pages = [self.m.call("alloc_pages", HIGHUSER, 0, OWNER_USER) for _ in range(count)]
        for page in pages:
            self.m.write(self.phys_of(page), b"\xA5" * 4096, physical=True)
        for page in pages:
            self.m.call("free_pages", page, 0)
