"""Lab 10: alloc_pages() and free_pages(), called in the machine right behind buddy_init()."""

import struct

MEMALLOC, OTHER, FREE = 0x20, 15, 0
ORDERS = 11
PG_BUDDY = 1


class Frames:
    """The allocator of a machine that stands at buddy_release()."""

    def __init__(self, t):
        self.t, self.m = t, t.machine()
        self.m.run_to("buddy_release")
        self.zones = [self.m.call("zone_stats", i) for i in range(3)]
        info = self.m.boot_info()
        self.usable = [(base >> 12, base + length >> 12) for base, length, kind in
                       self.m.ranges(info["map_phys"], info["map_count"]) if kind == 1]
        self.held = {}  # first frame -> order

    def zone(self, i):
        data = struct.unpack("<I11I11III", self.m.read(self.zones[i], 4 * 25))
        return {"lists": data[1:12], "blocks": data[12:23], "orders": data[23], "free": data[24]}

    def shape(self):
        """How many free blocks of each order each zone has."""
        return [self.zone(i)["blocks"] for i in range(3)]

    def frame_of(self, page):
        (flags,) = struct.unpack("<I", self.m.read(page, 4))
        section = flags >> 20
        start = self.m.word(self.m.symbols["page_sections"] + 4 * section)
        return (section << 12) + (page - start) // 16

    def alloc(self, order):
        """The descriptor of a block, looked at from all sides."""
        page = self.m.call("alloc_pages", MEMALLOC, order, OTHER)
        if not page:
            self.t.lose(f"there is no block of order {order}; the lists have {self.shape()[1]}")
        frame, size = self.frame_of(page), 1 << order
        name = f"the block of order {order} at frame {frame:X}"
        if frame % size:
            self.t.lose(f"{name} does not start at a multiple of {size}")
        if not any(first <= frame and frame + size <= end for first, end in self.usable):
            self.t.lose(f"{name} is not usable memory")
        for other, other_order in self.held.items():
            if frame < other + (1 << other_order) and other < frame + size:
                self.t.lose(f"{name} was handed out, and the one of order {other_order} at {other:X} is "
                            "in use")
        self.held[frame] = order
        return page

    def free(self, page):
        frame = self.frame_of(page)
        self.m.call("free_pages", page, self.held.pop(frame))


def test_blocks(t):
    """Blocks of all small orders: aligned, usable, and no two of them have a frame in common."""
    frames = Frames(t)
    for _ in range(12):
        frames.alloc(t.random.randrange(6))


def test_back_again(t):
    """When all is given back, the free lists are as they were."""
    frames = Frames(t)
    before = frames.shape()
    pages = [frames.alloc(order) for order in (0, 0, 3, 1, 0, 5)]
    t.random.shuffle(pages)
    for page in pages:
        frames.free(page)
    t.expect(frames.shape(), before, "the number of free blocks of each order, by zone,")


def test_boots(t):
    """The kernel lives on it."""
    t.boot("first_program_run")
