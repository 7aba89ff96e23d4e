"""Lab 14, hidden: other sizes, slabs that are full and empty, the map, and no memory."""

from public import EFLAGS, FULL, IF, SOME_FREE, WORD, Cache, expect_layout, expect_objects


def check(t, cache, held):
    """Every slab is on its list; its map, its count and its place in the map say the same."""
    in_use = 0
    for which in (SOME_FREE, FULL):
        for slab in cache.slabs(which):
            free = sum(bin(word).count("1") for word in slab.map)
            name = f"the slab at {slab.at:08X}"
            t.expect(slab.in_use, slab.objects - free, f"{name}: in_use, with {free} bits set,")
            if which == FULL and free:
                t.lose(f"{name} has free objects, and is on the list of full slabs")
            first = next((at for at, word in enumerate(slab.map) if word), len(slab.map))
            if slab.word > first:
                t.lose(f"{name} takes from word {slab.word} of its map, and word {first} before it is not 0")
            t.expect(slab.word_index, slab.word * WORD, f"{name}: word_index")
            in_use += slab.in_use
    t.expect(in_use, len(held), "the number of objects in use")
    t.expect(cache.count(), len(cache.slabs(SOME_FREE) + cache.slabs(FULL)),
             "the number of slabs of the cache")


def test_any_size(t):
    for size, align in ((8, 0), (t.random.randrange(500, 3000), 0), (2048, 2048), (4096, 0),
                        (t.random.randrange(9, 200), t.random.choice((16, 32, 128)))):
        expect_layout(t, size, align)
        expect_objects(t, size, align, 4)


def test_full_slabs(t):
    """More than one slab: the full ones leave the list, and are back when an object of theirs is free."""
    cache = Cache(t, 700)
    each = cache.layouts()[0][2]
    held = [cache.alloc() for _ in range(2 * each + 1)]
    check(t, cache, held)
    t.expect((cache.count(), len(cache.slabs(FULL))), (3, 2), "slabs, and full ones of them,")
    freed = t.random.choice(held[:each])
    cache.free(freed)
    held.remove(freed)
    t.expect(len(cache.slabs(FULL)), 1, "full slabs, when an object of one was freed,")
    check(t, cache, held)
    held += [cache.alloc() for _ in range(each)]  # what the last one has left, and this one
    t.expect(cache.count(), 3, "the number of slabs when the free objects are used first")
    check(t, cache, held)


def test_empty_slabs(t):
    """One is kept for the next user, the others are given back."""
    cache = Cache(t, 900)
    frames = cache.m.call("pages_of", 0)
    held = [cache.alloc() for _ in range(3 * cache.layouts()[0][2])]
    t.expect(cache.count(), 3, "the number of slabs")
    for thing in held:
        cache.free(thing)
    t.expect(cache.count(), 1, "the number of slabs when all objects are free")
    check(t, cache, [])
    kept = 1 << cache.layouts()[0][0]
    t.expect(cache.m.call("pages_of", 0), frames - kept, "the number of free frames")
    cache.free(cache.alloc())
    t.expect(cache.count(), 1, "the number of slabs when the kept one was used")
    held = [cache.alloc() for _ in range(cache.layouts()[0][2] + 1)]
    cache.free(held.pop())
    t.expect(cache.count(), 2, "slabs, of which one is full and the other has become empty: the number")
    check(t, cache, held)


def test_interrupts(t):
    """On or off as they were, whatever an object leads to: another slab, a full one, one too many."""
    cache = Cache(t, 1000)
    before = cache.m.stub.register(EFLAGS)
    for flags, state in ((before | IF, True), (before & ~IF, False)):
        cache.m.stub.set_register(EFLAGS, flags)
        held = []
        for _ in range(2 * cache.layouts()[0][2] + 1):
            held.append(cache.alloc())
            t.expect(bool(cache.m.flags & IF), state, "EFLAGS.IF after kmem_cache_alloc()")
        for thing in held:
            cache.free(thing)
            t.expect(bool(cache.m.flags & IF), state, "EFLAGS.IF after kmem_cache_free()")
    cache.m.stub.set_register(EFLAGS, before)


def test_no_memory(t):
    """No frame for a slab: no object, and all is as it was."""
    cache = Cache(t, 200)
    found = cache.alloc(serve=dict.fromkeys(("alloc_pages", "__get_free_pages"), lambda m: m.returns(0)))
    t.expect(found, 0, "an object without memory")
    check(t, cache, [])
    check(t, cache, [cache.alloc()])


def test_many(t):
    cache, held = Cache(t, 100), []
    each = cache.layouts()[0][2]
    for _ in range(each + 40):
        held.append(cache.alloc())
    for _ in range(120):
        if held and t.random.random() < 0.6:
            cache.free(held.pop(t.random.randrange(len(held))))
        else:
            held.append(cache.alloc())
    t.expect(len(set(held)), len(held), "the number of different objects")
    check(t, cache, held)
