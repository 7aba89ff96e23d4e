"""Lab 3, hidden: lists of other lengths, and the BIOSes that made the rules necessary."""

from labs.bios import MemoryBios
from public import detect, some_ranges, words


def expect_list(t, bios):
    _, found = detect(t, bios)
    t.expect(len(found), len(bios.ranges), "the number of ranges")
    t.expect(found, bios.ranges, "the list", words)


def test_any_list(t):
    for count in (2, t.random.randrange(5, 20), t.random.randrange(20, 60)):
        expect_list(t, MemoryBios(some_ranges(t, count), first=t.random.randrange(1, 10**6)))


def test_ends_with_carry(t):
    """There are BIOSes whose last range still has EBX other than 0; the call after it has CF = 1."""
    expect_list(t, MemoryBios(some_ranges(t, t.random.randrange(3, 9)), ends="carry"))


def test_registers_of_each_call(t):
    """A BIOS may change every register: EDX and ECX are to be set before each call."""
    bios = MemoryBios(some_ranges(t, 6))
    detect(t, bios)
    if bios.faults:
        t.lose(bios.faults[0])
    t.expect(bios.calls, 6, "the number of calls for a list of 6 ranges")


def test_no_signature(t):
    """A BIOS that loses its signature in the middle of the list: none of its answers count."""
    bios = MemoryBios(some_ranges(t, 6), forgets=3)
    _, found = detect(t, bios)
    if any(entry in bios.ranges[1:] for entry in found):
        t.lose("EAX was not 'SMAP' at call 4, and ranges of the calls before it are still in the list")
    t.expect(t.boot("memory_detect").boot_info()["map_source"] != 1, True, "another source than E820")


def test_never_ends(t):
    """A BIOS that begins again behind the last range: the loader has to stop by itself."""
    bios = MemoryBios(some_ranges(t, 3), ends="never")
    detect(t, bios)
    if bios.calls > 1200:
        t.lose(f"a list without an end: {bios.calls} calls; E820_CALLS_MAX (1024) are enough")


def test_no_e820(t):
    """CF = 1 at the first call: there is no E820. The next service is asked."""
    m = t.boot("memory_detect")
    detect(t, MemoryBios([]))
    t.expect(m.boot_info()["map_source"] in (2, 3), True, "a map from E801 or 88h")
