"""Address spaces of the grader's in the machine: made, touched and read with the kernel's own functions,
before the first program runs."""

import struct

READ, WRITE = 0, 1              # enum fault_access
MENDED, OUT_OF_MEMORY = 0, 8    # enum fault_outcome
OWNER_USER = 12                 # enum page_owner
HIGHUSER = 0x12                 # gfp.h
P, RW, US = 1, 2, 4
PAGE_OFFSET = 0xC0000000
# struct mm_struct: where its counts are.
COUNTS = {"rss_anon": 120, "cow_copies": 152, "cow_reuses": 156, "zero_maps": 160}


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

    def zero_frame(self):
        page = self.m.word("zero_page")
        (flags,) = struct.unpack("<I", self.m.read(page, 4))
        start = self.m.word(self.m.symbols["page_sections"] + 4 * (flags >> 20))
        return ((flags >> 20 << 12) + (page - start) // 16) << 12

    def count(self, mm, name):
        return self.m.word(mm + COUNTS[name])

    def user_frames(self):
        return self.m.call("pages_of", OWNER_USER)

    def soil_next_frame(self):
        """The frame that is handed out next is full of what somebody else has left."""
        page = self.m.call("alloc_pages", HIGHUSER, 0, OWNER_USER)
        (flags,) = struct.unpack("<I", self.m.read(page, 4))
        start = self.m.word(self.m.symbols["page_sections"] + 4 * (flags >> 20))
        phys = ((flags >> 20 << 12) + (page - start) // 16) << 12
        self.m.write(phys, b"\xA5" * 4096, physical=True)
        self.m.call("free_pages", page, 0)
