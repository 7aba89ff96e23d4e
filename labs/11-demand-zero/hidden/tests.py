"""Lab 11, hidden: reading, references, and no memory."""

from labs.spaces import MENDED, OUT_OF_MEMORY, P, READ, RW, US, WRITE, Spaces
from public import touched


def test_one_frame_to_read(t):
    """A first read gets the page of zeros, which nobody may write to."""
    spaces, mm, address = touched(t, READ)
    value = spaces.entry(mm, address)
    t.expect(spaces.frame(mm, address), spaces.zero_frame(), "the frame of a page that was only read", hex)
    t.expect(value & (RW | US), US, f"R/W and U/S of the entry {value:X}", hex)


def test_references(t):
    """Each map of the page of zeros is a reference; a frame of one's own has one."""
    spaces = Spaces(t)
    mm, address = spaces.new()
    before = spaces.references(spaces.zero_frame())
    for page in range(3):
        t.expect(spaces.touch(mm, address + 4096 * page, READ), MENDED, "the outcome of the fault")
    t.expect(spaces.references(spaces.zero_frame()), before + 3, "the references to the page of zeros")
    t.expect(spaces.touch(mm, address + 3 * 4096, WRITE), MENDED, "the outcome of the fault")
    t.expect(spaces.references(spaces.frame(mm, address + 3 * 4096)), 1,
             "the references to a frame of one's own")


def test_no_memory(t):
    """No frame: the fault says so, and nothing is entered."""
    spaces = Spaces(t)
    mm, address = spaces.new()
    outcome = spaces.touch(mm, address, WRITE, serve={"alloc_pages": lambda m: m.returns(0)})
    t.expect(outcome, OUT_OF_MEMORY, "the outcome of a fault when there is no frame")
    t.expect(spaces.entry(mm, address) & P, 0, "P of the entry after it")
