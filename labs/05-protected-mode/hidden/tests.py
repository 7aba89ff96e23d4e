"""Lab 5, hidden: the other segment registers, and that nothing else has changed."""

import struct

from public import expect_data

STEP = struct.Struct("<14IQ")  # struct boot_step
PE_SET, CS_LOAD, DS_LOAD = 9, 10, 11
NE, EIP = 0x20, 8
SCRATCH = 0x6100  # below the stack of stage 2
SET_NE = bytes.fromhex("0f20c0 0c20 0f22c0 90")  # mov eax, cr0; or al, 20h; mov cr0, eax; nop


def test_other_segments(t):
    expect_data(t, ["ES", "FS", "GS"])


def test_nothing_else(t):
    """Other bits of CR0, the stack, and interrupts. One more bit is set beforehand: CR0.NE."""
    m = t.machine()
    m.run_to("handover")
    before = m.registers()
    m.write(SCRATCH, SET_NE)
    m.stub.set_register(EIP, SCRATCH)
    m.run_to(SCRATCH + len(SET_NE) - 1)
    m.stub.set_register(EIP, m.symbols["handover"])
    m.run_to("page_tables_build")
    after = m.registers()
    t.expect(after["CR0"], before["CR0"] | 1 | NE, "CR0", lambda value: f"{value:08X}")
    t.expect(after["ESP"], before["ESP"] - 4, "ESP", lambda value: f"{value:08X}")  # a return address
    t.expect(after["EFL"] >> 9 & 1, 0, "EFLAGS.IF")


def test_steps(t):
    """The state that the machine recorded on its way: PE comes first, then CS, then DS."""
    m = t.boot("page_tables_build")
    info = m.boot_info()
    records = [STEP.unpack(m.physical(info["steps_phys"] + STEP.size * i, STEP.size))
               for i in range(min(info["steps_count"], 32))]
    found = {record[0]: {"cr0": record[1], "cs": record[7], "ds": record[8]} for record in records}
    for step, name in ((PE_SET, "pe-set"), (CS_LOAD, "cs-load"), (DS_LOAD, "ds-load")):
        if step not in found:
            t.lose(f"step {name} was not recorded")
    t.expect((found[PE_SET]["cr0"] & 1, found[PE_SET]["cs"]), (1, 0), "CR0.PE and CS at the step pe-set")
    t.expect((found[CS_LOAD]["cs"], found[CS_LOAD]["ds"]), (8, 0), "CS and DS at the step cs-load")
    t.expect(found[DS_LOAD]["ds"], 0x10, "DS at the step ds-load")
