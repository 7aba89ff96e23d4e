"""Lab 7, hidden: rights, what is not to be there, and a processor without large pages."""

from public import PAGE_OFFSET, PS, RW, US, Tables, built, expect_map


def check_rest(t, tables):
    """Nothing but the two maps is present."""
    count = tables.mapped >> 22
    for i, entry in enumerate(tables.directory):
        if i < count or 768 <= i < 768 + count:
            continue
        if entry:
            t.lose(f"entry {i} of the directory is {entry:08X}: nothing is to be at {i << 22:08X}")


def test_rights(t):
    """Writable, and not for ring 3."""
    tables = built(t)
    for linear in (0x1000, PAGE_OFFSET + 0x100000):
        pde, (_, entry) = tables.directory[linear >> 22], tables.walk(linear)
        t.expect(bool(pde & RW and entry & RW), True, f"R/W on the way to {linear:08X}")
        t.expect(bool(pde & US), False, f"U/S on the way to {linear:08X}")


def test_nothing_else(t):
    check_rest(t, built(t))


def test_without_large_pages(t):
    """The first 486s have no PSE: tables of 4 KB pages, and PS nowhere."""
    tables = built(t, cpu="486,-pse")
    for i in (0, 1, 768, 769):
        if tables.directory[i] & PS:
            t.lose(f"entry {i} of the directory is {tables.directory[i]:08X}: this 486 does not know PS")
    expect_map(t, tables, 0)
    expect_map(t, tables, PAGE_OFFSET)


def test_garbage(t):
    """RAM is not 0 when the machine starts."""
    m = t.machine()
    m.run_to("page_tables_build")
    m.write(m.boot_info()["page_directory_phys"], bytes(t.random.randrange(256) for _ in range(4096)),
            physical=True)
    m.run_to("page_tables_check")
    tables = Tables(m)
    expect_map(t, tables, PAGE_OFFSET)
    check_rest(t, tables)
