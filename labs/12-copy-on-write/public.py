"""Lab 12: an address space of the grader's, and its child by fork(); one of them writes."""

from labs.spaces import MENDED, RW, WRITE, Spaces


class Family(Spaces):
    """A parent and a child, who share a page with these bytes in it."""

    def __init__(self, t):
        super().__init__(t)
        self.bytes = bytes(t.random.randrange(256) for _ in range(4096))
        self.before = self.user_frames()
        self.parent, self.address = self.new()
        self.touch(self.parent, self.address, WRITE)
        self.shared = self.frame(self.parent, self.address)
        self.m.write(self.shared, self.bytes, physical=True)
        self.child = self.m.call("mm_fork", self.parent)

    def writes(self, who, **settings):
        return self.touch(who, self.address, WRITE, **settings)

    def expect_write(self, who):
        self.t.expect(self.writes(who), MENDED, "the outcome of the fault")

    def has(self, who):
        return self.m.physical(self.frame(who, self.address), 4096)


def test_a_copy(t):
    """Who writes first gets a frame of its own, with the same bytes, and may write to it."""
    family = Family(t)
    writer = t.random.choice((family.parent, family.child))
    family.expect_write(writer)
    value = family.entry(writer, family.address)
    t.expect(bool(value & RW), True, f"R/W of the entry {value:X} of who has written")
    if family.frame(writer, family.address) == family.shared:
        t.lose("who writes has the shared frame still: the other will see what it writes")
    if family.has(writer) != family.bytes:
        t.lose("the copy has other bytes than the page")


def test_the_other_keeps_its_own(t):
    """The other still has the old frame, and may not write to it before it faults too."""
    family = Family(t)
    family.expect_write(family.child)
    t.expect(family.frame(family.parent, family.address), family.shared, "the frame of the other", hex)
    value = family.entry(family.parent, family.address)
    t.expect(bool(value & RW), False, f"R/W of the other's entry {value:X}")


def test_boots(t):
    """init forks, and both live on."""
    t.boot("sys_wait4")
