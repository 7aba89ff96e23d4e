"""Lab 9, hidden: who may call which gate, #DF, and other vectors."""

from public import DF, DF_TSS, OPEN, gates, raise_by


def test_ring_3(t):
    """DPL 3 for breakpoints, INTO and the system call, and for nothing else."""
    for vector, (_, _, _, kind) in enumerate(gates(t)):
        if vector != DF:
            t.expect(kind >> 5 & 3, 3 if vector in OPEN else 0, f"the DPL of gate {vector}")


def test_double_fault(t):
    """A task gate: a fault on a broken stack needs another stack."""
    _, selector, _, kind = gates(t)[DF]
    t.expect(kind, 0x85, "P, DPL and type of gate 8", lambda value: f"{value:02X}")
    t.expect(selector, DF_TSS, "the selector in gate 8", lambda value: f"{value:04X}")


def test_any_vector(t):
    for vector in (t.random.randrange(0x30, 0x80), t.random.randrange(0x81, 256)):
        t.expect(raise_by(t, bytes([0xCD, vector])), vector, f"the vector after INT {vector:X}h")
