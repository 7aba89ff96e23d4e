"""Lab 12, hidden: the last owner, references, counts, no memory, and that every frame comes back."""

from labs.spaces import MENDED, OUT_OF_MEMORY, RW
from public import Family


def test_last_owner_needs_no_copy(t):
    family = Family(t)
    family.expect_write(family.child)
    frames = family.user_frames()
    family.expect_write(family.parent)
    t.expect(family.frame(family.parent, family.address), family.shared, "the frame of the last owner", hex)
    t.expect(bool(family.entry(family.parent, family.address) & RW), True, "R/W of the last owner's entry")
    t.expect(family.user_frames(), frames, "the number of user frames after the last owner's write")


def test_references(t):
    family = Family(t)
    t.expect(family.references(family.shared), 2, "the references to the page that two share")
    family.expect_write(family.parent)
    t.expect(family.references(family.shared), 1, "the references to the old frame after a copy")
    t.expect(family.references(family.frame(family.parent, family.address)), 1, "the references to the copy")


def test_counts(t):
    family = Family(t)
    rss = family.count(family.child, "rss_anon")
    family.expect_write(family.child)
    t.expect(family.count(family.child, "rss_anon"), rss, "the child's pages in memory (rss_anon)")
    t.expect(family.count(family.child, "cow_copies"), 1, "cow_copies of the child")
    family.expect_write(family.parent)
    t.expect(family.count(family.parent, "cow_reuses"), 1, "cow_reuses of the parent")


def test_no_memory(t):
    """No frame for the copy: the fault says so, and both have what they had."""
    family = Family(t)
    outcome = family.writes(family.child, serve={"alloc_pages": lambda m: m.returns(0)})
    t.expect(outcome, OUT_OF_MEMORY, "the outcome of a write when there is no frame")
    t.expect(family.frame(family.child, family.address), family.shared, "the child's frame after it", hex)
    t.expect(family.references(family.shared), 2, "the references to the shared page after it")


FLUSHES = ("tlb_flush_page", "tlb_flush_all", "tlb_flush_all_global")


def test_tlb(t):
    """Both ways change an entry that the TLB may hold: it is flushed, behind the change."""
    family = Family(t)
    for who, way in ((family.child, "a copy"), (family.parent, "the last owner has taken the frame")):
        entries = []

        def note(_machine, who=who, entries=entries):
            entries.append(family.entry(who, family.address))
        family.writes(who, serve=dict.fromkeys(FLUSHES, note))
        if not entries:
            t.lose(f"after {way}, nobody flushes the page's old entry from the TLB")
        if not entries[-1] & RW:
            t.lose(f"{way}: the TLB is flushed before the entry is changed")


def test_nothing_is_lost(t):
    """When both are gone, so are all their frames."""
    family = Family(t)
    family.expect_write(family.child)
    family.expect_write(family.parent)
    t.expect(family.writes(family.child), MENDED, "a second fault of who may write already")
    for mm in (family.child, family.parent):
        family.m.call("mm_put", mm)
    t.expect(family.user_frames(), family.before, "the number of user frames when both have ended")
