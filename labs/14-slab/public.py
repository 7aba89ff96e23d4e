"""Lab 14: caches of the grader's, made and used with the kernel's own functions."""

import struct

KERNEL = 0x10            # GFP_KERNEL
HEADER, WORD = 36, 32    # bytes of struct slab; objects of a word of the map
SOME_FREE, FULL = 0, 1
EFLAGS, IF = 9, 0x200


def cut(size, align, order):
    """(order, first, objects), as a block of 2^order frames is cut up."""
    align = max(align, 8)
    stride = -(-size // align) * align
    for objects in range((4096 << order) // stride, -1, -1):
        first = -(-(HEADER + 4 * -(-objects // WORD)) // align) * align
        if objects == 0 or first + objects * stride <= 4096 << order:
            return order, first, objects


class Cache:
    """A cache of a machine that stands where the first program would start."""

    def __init__(self, t, size, align=0):
        self.t, self.m = t, t.boot("first_program_run")
        name = self.m.call("__get_free_page", KERNEL, 15)
        self.m.write(name, b"grader\0")
        self.size, self.align = size, max(align, 8)
        self.stride = -(-size // self.align) * self.align
        self.at = self.m.call("kmem_cache_create", name, size, align, 0)
        if not self.at:
            t.lose(f"there is no cache of {size} bytes")

    def words(self, offset, count):
        return struct.unpack(f"<{count}I", self.m.read(self.at + offset, 4 * count))

    def layouts(self):
        """(usual, smallest)"""
        six = self.words(40, 6)
        return six[:3], six[3:]

    def count(self):
        """The slabs that it counts."""
        return self.words(76, 1)[0]

    def alloc(self, **settings):
        return self.m.call("kmem_cache_alloc", self.at, KERNEL, **settings)

    def free(self, thing):
        self.m.call("kmem_cache_free", self.at, thing)

    def slabs(self, which):
        """The slabs of a list, each looked at from all sides."""
        found, at = [], self.words(88 + 4 * which, 1)[0]
        while at:
            slab = Slab(self, at)
            found.append(slab)
            if len(found) > 100:
                self.t.lose("a list of slabs has no end")
            at = slab.next
        return found

    def slab_of(self, thing):
        for slab in self.slabs(SOME_FREE) + self.slabs(FULL):
            if slab.at <= thing < slab.end:
                return slab
        return self.t.lose(f"the object at {thing:08X} is in no slab of its cache")


class Slab:
    def __init__(self, cache, at):
        m, self.at = cache.m, at
        (self.cache, self.next, _, self.start, self.objects, self.in_use, word, self.word_index,
         self.word_start) = struct.unpack("<9I", m.read(at, HEADER))
        layouts = [layout for layout in cache.layouts() if layout[2] == self.objects]
        if self.cache != cache.at or not layouts:
            cache.t.lose(f"the slab at {at:08X} is not one of this cache, or has a wrong number of objects: "
                         f"{self.objects}")
        self.end = at + (4096 << layouts[0][0])
        self.word = (word - at - HEADER) // 4
        self.map = struct.unpack(f"<{-(-self.objects // WORD)}I",
                                 m.read(at + HEADER, 4 * -(-self.objects // WORD)))


def expect_layout(t, size, align):
    cache = Cache(t, size, align)
    for found in cache.layouts():
        t.expect(found, cut(size, align, found[0]),
                 f"objects of {size} bytes, aligned to {align or 8}, in 2^{found[0]} frames: where the first "
                 "one is, and how many there are,", lambda layout: f"{layout[1]}, {layout[2]}")


def expect_objects(t, size, align, count):
    """Objects of a cache: aligned, within their slab, and none has a byte of another one."""
    cache, held = Cache(t, size, align), []
    for _ in range(count):
        thing = cache.alloc()
        if not thing:
            t.lose(f"there is no object of {size} bytes")
        slab = cache.slab_of(thing)
        if thing % cache.align:
            t.lose(f"the object at {thing:08X} is not aligned to {cache.align}")
        if thing < slab.at + HEADER + 4 * len(slab.map) or thing + size > slab.end:
            t.lose(f"the object at {thing:08X} is not in the part of its slab that is for objects")
        if any(abs(thing - other) < size for other in held):
            t.lose(f"the object at {thing:08X} was handed out, and has bytes of one that is in use")
        held.append(thing)
    return cache, held


def test_layout(t):
    """Where the first object is, and how many there are."""
    expect_layout(t, 8 * t.random.randrange(4, 60), 0)
    expect_layout(t, 16, 0)  # many: a long map
    expect_layout(t, 64, 64)


def test_objects(t):
    """Objects out of more than one word of the map."""
    expect_objects(t, 40, 0, 40)


def test_boots(t):
    """The kernel lives on it."""
    t.boot("first_program_run")
