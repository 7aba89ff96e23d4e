"""Lab 10, hidden: the lists themselves, and many operations in any order."""

import struct

from public import FREE, ORDERS, PG_BUDDY, Frames


def check_lists(t, frames):
    """Free blocks are aligned, linked and counted; and no two buddies are free side by side."""
    for i in range(3):
        zone = frames.zone(i)
        found = {}
        for order, page in enumerate(zone["lists"]):
            count = 0
            while page:
                flags, _, following, _ = struct.unpack("<4I", frames.m.read(page, 16))
                frame = frames.frame_of(page)
                if not flags & PG_BUDDY or flags >> 8 & 15 != order:
                    t.lose(f"frame {frame:X} is on the list of order {order}, and its flags are {flags:X}")
                if frame % (1 << order):
                    t.lose(f"the free block of order {order} at {frame:X} does not start at a multiple of "
                           f"{1 << order}")
                found[frame] = order
                count += 1
                if count > zone["blocks"][order]:
                    break
                page = following
            t.expect(count, zone["blocks"][order], f"the length of zone {i}'s list of order {order}")
            t.expect(zone["orders"] >> order & 1, int(count > 0), f"bit {order} of free_orders of zone {i}")
        for frame, order in found.items():
            if order < ORDERS - 1 and found.get(frame ^ 1 << order) == order:
                t.lose(f"frames {frame:X} and {frame ^ 1 << order:X} are free buddies of order {order}")
        t.expect(sum(count << order for order, count in enumerate(zone["blocks"])), zone["free"],
                 f"the number of free frames of zone {i}")


def test_lower_half(t):
    """What is cut is handed out from its start: the upper halves stay free."""
    frames = Frames(t)
    for order in (0, 2, 1, 4, 3):
        zone = frames.zone(1)
        have = next(at for at in range(order, ORDERS) if zone["lists"][at])
        block = frames.frame_of(zone["lists"][have])
        page = frames.m.call("alloc_pages", 0x20, order, 15)
        t.expect(frames.frame_of(page), block, f"a block of order {order} out of one of order {have}", hex)


def test_counted(t):
    """Frames in use and free ones add up."""
    frames = Frames(t)
    before = frames.m.call("pages_of", FREE)
    for order in (0, 4, 2):
        frames.alloc(order)
    t.expect(frames.m.call("pages_of", FREE), before - 21, "the number of free frames")


def test_buddies_are_joined(t):
    frames = Frames(t)
    pages = [frames.alloc(0) for _ in range(9)]
    for page in pages[::2]:
        frames.free(page)
    check_lists(t, frames)
    for page in pages[1::2]:
        frames.free(page)
    check_lists(t, frames)


def test_many(t):
    frames = Frames(t)
    before, pages = frames.shape(), []
    for _ in range(60):
        if pages and t.random.random() < 0.45:
            frames.free(pages.pop(t.random.randrange(len(pages))))
        else:
            pages.append(frames.alloc(t.random.choice((0, 0, 0, 1, 2, 3, 7))))
    while pages:
        frames.free(pages.pop())
    t.expect(frames.shape(), before, "the number of free blocks of each order, by zone,")
