"""Lab 5: the registers when the loader has reached 32-bit code and is about to build page tables."""

CS, DS = 0x08, 0x10
BIG = 1 << 22   # D/B in the flags that QEMU shows
CODE = 1 << 11


def arrived(t):
    return t.boot("page_tables_build").registers()


def expect_data(t, names):
    """These registers: the selector, base 0 and limit 4 GB."""
    registers = arrived(t)
    for name in names:
        selector, base, limit, _ = registers[name]
        t.expect(selector, DS, name, lambda value: f"{value:04X}")
        t.expect((base, limit), (0, 0xFFFFFFFF), f"base and limit of {name}",
                 lambda pair: f"{pair[0]:08X}, {pair[1]:08X}")


def test_protected_mode(t):
    """CR0.PE is 1, and CR0.PG is still 0."""
    cr0 = arrived(t)["CR0"]
    t.expect(cr0 & 1, 1, f"CR0.PE, of CR0 {cr0:08X},")
    t.expect(cr0 >> 31, 0, f"CR0.PG, of CR0 {cr0:08X},")


def test_code_segment(t):
    """CS is LOADER_CS, and what the processor keeps of it is 32-bit code."""
    selector, base, limit, flags = arrived(t)["CS"]
    t.expect(selector, CS, "CS", lambda value: f"{value:04X}")
    t.expect((base, limit), (0, 0xFFFFFFFF), "base and limit of CS", lambda pair: f"{pair[0]:X}, {pair[1]:X}")
    t.expect(bool(flags & BIG and flags & CODE), True, "a 32-bit code segment in CS")


def test_data_and_stack(t):
    expect_data(t, ["DS", "SS"])


def test_boots(t):
    """The rest of the handover works with what you have left: it gets to the kernel."""
    t.boot("kmain")
