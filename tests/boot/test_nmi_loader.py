"""An NMI at any instruction of the loader does no harm: while the BIOS's table is in charge, between
the modes, where neither the old CS nor the new one fits, and on the way to the kernel's own table.

The machine stops once at each place whose address the debug information gives: every instruction of
the assembly, every statement of the C. What the BIOS does with an NMI in code of its own is not ours
to mend: SeaBIOS, which drives AHCI disks in protected mode, has no table there and resets, or stays in
a loop. That it is in its ROM then is what test_at_random_moments shows.
"""

import random
import re
import subprocess
import time

import pytest
from gdb import address_of
from gdbstub import Stub
from image import DISK, REPOSITORY
from qemu import Qemu
from rows import disk_arguments
from step import Stepper, step_image
from test_nmi import instructions


def places(part, suffix):
    """Addresses of statements in the source files of build/PART.elf whose names end in `suffix`."""
    listing = subprocess.run(["objdump", "--dwarf=decodedline", f"build/{part}.elf"], check=True,
                             cwd=REPOSITORY, capture_output=True, text=True).stdout
    return {int(address, 16) for name, address in
            re.findall(r"^(\S+) +\d+ +(0x[0-9a-f]+).* x$", listing, re.M) if name.endswith(suffix)}


def kernel_places():
    """Up to the kernel's own table, which test_nmi.py begins with."""
    return {address for name, addresses in instructions().items()
            if name in ("_start", "kmain", "gdt_init", "idt_init") for address in addresses}


def sweep(machine, chosen, end):
    """Stops once at each of these places and sends an NMI there; returns how many were sent, and
    how many of them our handlers took, in real mode and in protected mode."""
    stub = Stub(machine.gdb_socket)
    handlers = [address_of("nmi_real"), address_of("nmi_protected")]
    waiting = chosen - set(handlers) | {end}
    for address in waiting | set(handlers):
        stub.break_at(address)
    sent, taken = 0, [0, 0]
    resets = None
    while True:
        try:
            place = stub.go()
        except EOFError:
            pytest.fail(f"reset by NMI {sent}")
        if resets is None:
            resets = machine.cpu_log().count("CPU Reset")
        assert machine.cpu_log().count("CPU Reset") == resets, f"reset by NMI {sent}"
        if place in handlers:
            taken[handlers.index(place)] += 1
            stub.step_over(place)
            continue
        stub.unbreak(place)
        waiting.discard(place)
        if place == end:
            break
        machine.qmp("inject-nmi")
        sent += 1
    for address in waiting | set(handlers):
        stub.unbreak(address)
    stub.leave()
    return sent, taken


def all_places(*suffixes):
    chosen = kernel_places() | places("stage1", ".asm")
    for suffix in suffixes:
        chosen |= places("stage2", suffix)
    return chosen - places("stage2", "nmi.asm")


@pytest.mark.parametrize("cpu, suffixes", [
    pytest.param("qemu32", [".asm"], marks=pytest.mark.quick),
    ("qemu32", [".asm", ".c", ".h"]), ("486", [".asm", ".c", ".h"]), ("max", [".asm"])])
def test_at_every_place_of_the_loader(cpu, suffixes):
    with Qemu("-cpu", cpu, *disk_arguments(DISK), paused=True, cpu_log=True) as machine:
        sent, (real, protected) = sweep(machine, all_places(*suffixes),
                                        address_of("mm_init", "kernel"))
        machine.wait_ready()
        print(f"{sent} sent; taken by us: {real} in real mode, {protected} in protected mode")
        assert sent > 300 and real > 10 and protected > 40


ROM = range(0xE0000, 0x100000)  # SeaBIOS's code, once it has started
BOOTS, SEED = 20, 8


def place_of(machine):
    """The linear address of the instruction where the processor is."""
    state = machine.hmp("info registers")
    base = int(re.search(r"^CS =[0-9a-f]{4} ([0-9a-f]{8})", state, re.M).group(1), 16)
    return base + int(re.search(r"^EIP=([0-9a-f]{8})", state, re.M).group(1), 16)


def test_at_random_moments():
    """Some NMIs while it loads: ready, or an end within the BIOS: a reset, where QEMU stands still, or
    its own loop."""
    chosen, ends = random.Random(SEED), []
    for _ in range(BOOTS):
        with Qemu("-action", "shutdown=pause", *disk_arguments(DISK, "ahci")) as machine:
            machine.wait_for("^Ascent$")
            deadline = time.monotonic() + 5
            while machine.qmp("query-status")["running"] and "@READY" not in machine.serial:
                if time.monotonic() > deadline:
                    break
                time.sleep(chosen.uniform(0, 0.01))
                if "@STEP 07" not in machine.serial:
                    machine.qmp("inject-nmi")
            if "@READY" not in machine.serial:
                ends.append(place_of(machine))
    print(f"{BOOTS} boots, {len(ends)} ended at " + " ".join(f"{address:x}" for address in ends))
    assert all(address in ROM for address in ends)
    assert ends, "none to look at"


def test_at_step_pe_set(tmp_path):
    """16-bit code with PE = 1 waits for a key, and PE goes off and on for the screen."""
    image = step_image(tmp_path)
    with Qemu(*disk_arguments(image), cpu_log=True) as machine:
        stepper = Stepper(machine)
        stepper.go_to(9)
        resets = machine.cpu_log().count("CPU Reset")
        for _ in range(100):
            machine.qmp("inject-nmi")
        for _ in range(9, 14):
            stepper.next()
            stepper.wait()
            machine.qmp("inject-nmi")
        stepper.press("R")
        machine.wait_ready()
        assert machine.cpu_log().count("CPU Reset") == resets
