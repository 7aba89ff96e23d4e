"""What the kernel says of a program that ends by a fault: its name, the access, the address, the
instruction, and the areas beside it (user/lessons/faults.c, kernel/proc/user_fault.c)."""

import re

import pytest
from test_processes import MODES, at_shell, boot, run

HEX = "[0-9a-f]{8}"
AREA = f"{HEX}-{HEX} "
AT = " at eip 0804[0-9a-f]{4}; "

# What the lesson does: what the kernel says.
ENDS = {
    "read at 0": f"null pointer: read of 00000000{AT}below {AREA}r--p",
    "write at 8": f"null pointer: write to 00000008{AT}below {AREA}r--p",
    "call of 0": f"null pointer: execution of 00000000 at eip 00000000; below {AREA}r--p",
    "read where nothing is": f"segmentation fault: read of 10000000{AT}above {AREA}rw-p; below {AREA}rw-p",
    "read the kernel": f"segmentation fault: read of c0100000{AT}above {AREA}rw-p",
    "write to code": rf"write to read-only memory: write to ({HEX}) at eip \1; in {AREA}r-xp",
    "write to a constant": f"write to read-only memory: write to {HEX}{AT}in {AREA}r--p",
    "read without rights": f"access to memory without rights: read of {HEX}{AT}in {AREA}---p",
    "read behind a file's end": f"access beyond the end of the file: read of {HEX}{AT}in {AREA}r--p",
    "divide by 0": rf"divide error \(#DE\), error code 0,{AT}in {AREA}r-xp",
    "HLT": rf"general protection fault \(#GP\), error code 0,{AT}in {AREA}r-xp",
    "IN from a port": rf"general protection fault \(#GP\), error code 0,{AT}in {AREA}r-xp",
    "an unknown instruction": rf"invalid opcode \(#UD\), error code 0,{AT}in {AREA}r-xp",
}
WITH_NX = {"run data": rf"execute from non-executable memory: execution of ({HEX}) at eip \1; in {AREA}rw-p"}


@pytest.mark.quick
@pytest.mark.parametrize("mode", MODES)
def test_faults(tmp_path, mode):
    with boot(tmp_path, mode, "build/initrd-user.cpi") as machine:
        at_shell(machine)
        start = len(machine.serial)
        machine.send("faults\n")
        machine.wait_for(r"^nr: vector", 60, start)
        said = machine.serial[start:]
    ends = ENDS | WITH_NX if mode == "pae" else ENDS
    for what, end in ends.items():
        assert re.search(rf"^faults \(pid \d+\): {end}\n{what} ", said, re.M), (what, said)
    assert len(re.findall(r"^faults \(pid ", said, re.M)) == len(ends)


# What takes the last frame in user/programs/exhaust.c: what the kernel says.
OUT_OF_MEMORY = {
    "memory": f"out of memory: write to {HEX}{AT}in {AREA}rw-p",
    "memory by read": f"out of memory: write to {HEX}{AT}in {AREA}rw-p",
    "the largest": r"out of memory: ended as the largest, with 5\d{4} KB and \d+ KB of page tables; "
                   r"exhaust \(pid \d+\) wanted more",
}


@pytest.mark.parametrize("mode", MODES)
def test_out_of_memory(tmp_path, mode):
    with boot(tmp_path, mode, "build/initrd-user.cpi", "-m", "64") as machine:
        at_shell(machine)
        run(machine, "swapoff /dev/boot2")  # memory is to end
        start = len(machine.serial)
        machine.send("exhaust\n")
        machine.wait_for("^@EXHAUST end", 120, start)
        said = machine.serial[start:]
        machine.call_monitor()
        why = machine.command("why")
    for what, end in OUT_OF_MEMORY.items():
        lines = re.findall(rf"^exhaust \(pid \d+\): {end}\n{what}: signal 9 \(killed\)$", said, re.M)
        assert len(lines) == 2, (what, said)
    assert len(re.findall("out of memory", said)) == 2 * len(OUT_OF_MEMORY)
    assert "exhaust" in why and "No frame was left for this page." in why
