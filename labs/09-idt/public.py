"""Lab 9: IDTR and the gates when the kernel has made them, and what becomes of an exception."""

import struct

KERNEL_CS, DF_TSS = 0x08, 0x48
VECTORS = 256
OPEN = (3, 4, 0x80)  # INT n from ring 3
DF = 8
CODE = 0xC0600000  # memory that nobody uses at that time


def made(t):
    return t.boot("mm_init")


def gates(t):
    """[(offset, selector, type)] of what IDTR points to."""
    m = made(t)
    base, limit = m.registers()["IDT"]
    if limit < 8 * VECTORS - 1:
        t.lose(f"the limit in IDTR is {limit:X}h: that is not {VECTORS} gates")
    data = m.read(base, 8 * VECTORS)
    found = []
    for vector in range(VECTORS):
        low, selector, zero, kind, high = struct.unpack_from("<HHBBH", data, 8 * vector)
        found.append((low | high << 16, selector, zero, kind))
    return found


def stubs(t):
    m = made(t)
    return struct.unpack(f"<{VECTORS}I", m.read(m.symbols["isr_stubs"], 4 * VECTORS))


def raise_by(t, code):
    """Runs these bytes; returns the vector with which trap_dispatch() is called."""
    m = t.machine()
    m.run_to("mm_init")
    m.write(CODE, code)
    m.stub.set_register(8, CODE)
    m.run_to("trap_dispatch")
    return m.word(m.stub.register(0) + 4 * 13)


def test_loaded(t):
    """LIDT was executed: IDTR has another base than the loader's, and room for 256 gates."""
    base, limit = made(t).registers()["IDT"]
    if base < 0xC0000000:
        t.lose(f"the base in IDTR is {base:08X}: still the loader's")
    t.expect(limit, 8 * VECTORS - 1, "the limit in IDTR", lambda value: f"{value:X}h")


def test_gates(t):
    """Each gate, but #DF: the address of its stub, KERNEL_CS, an interrupt gate that is present."""
    wanted = stubs(t)
    for vector, (offset, selector, zero, kind) in enumerate(gates(t)):
        if vector == DF:
            continue
        t.expect(offset, wanted[vector], f"the address in gate {vector}", lambda value: f"{value:08X}")
        t.expect(selector, KERNEL_CS, f"the selector in gate {vector}", lambda value: f"{value:04X}")
        t.expect(kind & 0x9F, 0x8E, f"P and type of gate {vector}", lambda value: f"{value:02X}")
        t.expect(zero, 0, f"byte 4 of gate {vector}")


def test_boots(t):
    t.boot("first_program_run")


def test_a_fault_arrives(t):
    """UD2 in the kernel: vector 6 comes to trap_dispatch()."""
    t.expect(raise_by(t, b"\x0f\x0b"), 6, "the vector after UD2")
