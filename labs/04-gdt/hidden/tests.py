"""Lab 4, hidden: the segments for the way back to real mode, and what is wise."""

from public import NAMES, expect_segment, table


def test_code_16(t):
    expect_segment(t, 3, 0xFFFF, False, False, code=True)


def test_data_16(t):
    expect_segment(t, 4, 0xFFFF, False, False, code=False)


def test_accessed(t):
    """Set beforehand, so that the processor never has to write to the table (SDM 3A §3.4.5.1)."""
    for index, data in enumerate(table(t)):
        if index and not data[5] & 1:
            t.lose(f"{NAMES[index]}, bytes {data.hex(' ').upper()}: the Accessed bit is not set")
    address = t.boot("disk_init").symbols["gdt"]
    if address % 8:
        t.lose(f"the table is at {address:X}, not at a multiple of 8")
