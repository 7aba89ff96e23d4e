"""Lab 1: what is on the screen when stage 2 has done its work."""


def test_first_word(t):
    """The screen has the line "Ascent"."""
    if "Ascent" not in t.boot("disk_init").screen():
        t.lose('no line of the screen is "Ascent"')


def test_memory_in_kb(t):
    """The line about memory has the number of KB that the memory map adds up to."""
    m = t.boot("handover")
    info = m.boot_info()
    ranges = m.ranges(info["map_phys"], info["map_count"])
    kb = sum(length for _, length, kind in ranges if kind == 1) >> 10
    lines = [line for line in m.screen() if line.startswith("memory: ")]
    t.expect(len(lines), 1, 'the number of lines that start with "memory: "')
    if not lines[0].startswith(f"memory: {kb} KB usable"):
        t.lose(f'the screen says "{lines[0][:40]}", and it is {kb} KB')
