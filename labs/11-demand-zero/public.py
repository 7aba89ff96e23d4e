"""Lab 11: an address space of the grader's in which a page is touched for the first time."""

from labs.spaces import MENDED, RW, US, WRITE, Spaces


def touched(t, access):
    spaces = Spaces(t)
    spaces.soil_next_frames()
    mm, address = spaces.new()
    address += 4096 * t.random.randrange(4)
    t.expect(spaces.touch(mm, address, access), MENDED, "the outcome of the fault")
    return spaces, mm, address


def test_a_frame_to_write(t):
    """A first write gets a frame of its own: present, writable, for ring 3."""
    spaces, mm, address = touched(t, WRITE)
    phys, value = spaces.frame(mm, address), spaces.entry(mm, address)
    t.expect(value & (RW | US), RW | US, f"R/W and U/S of the entry {value:X}", hex)
    if phys == spaces.zero_frame():
        t.lose("the frame that may be written to is the page of zeros of all processes")


def test_it_is_zero(t):
    """Whatever the frame had in it before."""
    spaces, mm, address = touched(t, WRITE)
    data = spaces.m.physical(spaces.frame(mm, address), 4096)
    if any(data):
        first = next(i for i, byte in enumerate(data) if byte)
        t.lose(f"byte {first} of the page is not 0: another program's data")


def test_boots(t):
    """The first program runs."""
    t.boot("tty_init")
