"""Lab 2, hidden: other disks, and reads that cannot be."""

from public import expect_place, read


def test_second_cylinder(t):
    for _ in range(3):
        geometry = t.random.randrange(9, 63), t.random.randrange(3, 200)
        cylinder = t.random.randrange(1, 256)
        per_cylinder = geometry[0] * geometry[1]
        expect_place(t, cylinder * per_cylinder + t.random.randrange(per_cylinder), geometry)


def test_high_cylinders(t):
    """Those that need the upper bits of CL."""
    for cylinder in (256, t.random.randrange(512, 768), 1023):
        expect_place(t, cylinder * 63 * 16 + t.random.randrange(63 * 16), (63, 16))


def test_any_buffer(t):
    """Pieces of a read that goes over the end of a track: each to its own place."""
    left = t.random.randrange(2, 9)
    _, reads = read(t, 63 - left, left + 5)
    found = [(call["address"], call["sectors"]) for call in reads]
    t.expect(found, [(0x20000, left), (0x20000 + 512 * left, 5)], "where the two pieces go",
             lambda pieces: ", ".join(f"{count} to {place:X}" for place, count in pieces) or "nowhere")


def test_out_of_reach(t):
    """A cylinder above 1023 is never asked for."""
    error, reads = read(t, 1024 * 63 * 16 + t.random.randrange(1000), 1)
    if reads:
        t.lose(f"cylinder 1024 cannot be named in 10 bits, but cylinder {reads[0]['cylinder']} was read")
    if not error:
        t.lose("a read of cylinder 1024 reports success")


def test_failure_is_told(t):
    error, _ = read(t, 100, 1, fails=True)
    if not error:
        t.lose("INT 13h failed (CF = 1), and the read reports success")
