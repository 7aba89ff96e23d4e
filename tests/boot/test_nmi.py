"""An NMI at any moment of the take-over does no harm. It cannot be masked: port 70h does not hold
back the one of QEMU's monitor, nor that of a debugger's button."""

import re
import subprocess

import pytest
from gdb import address_of
from gdbstub import Stub
from image import REPOSITORY
from qemu import Qemu
from rows import disk_arguments

PAGE_OFFSET = 0xC0000000


def instructions():
    """{function: [addresses]} of the kernel."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "build/kernel.elf"], check=True,
                             cwd=REPOSITORY, capture_output=True, text=True).stdout
    functions = {}
    for line in listing.splitlines():
        if match := re.match(r"^[0-9a-f]+ <(\S+)>:$", line):
            addresses = functions.setdefault(match.group(1), [])
        elif match := re.match(r"^\s*([0-9a-f]+):", line):
            addresses.append(int(match.group(1), 16))
    return functions


def points():
    """Every instruction of the functions that load what an NMI needs, at its physical address too,
    where code would have to be that switches paging off; and the first instruction of all other
    functions but those that an NMI runs through."""
    every = ("_start", "kmain", "gdt_init", "idt_init", "mm_init", "load_tables", "paging_switch",
             "switch_to_pae", "zap_identity_map")
    spared = ("isr_", "trap_")
    chosen = set()
    for name, addresses in instructions().items():
        if name.split(".")[0] in every:
            chosen |= set(addresses) | {address - PAGE_OFFSET for address in addresses}
        elif not name.startswith(spared):
            chosen.add(addresses[0])
    return chosen


def kernel_idt(machine):
    return int(re.search(r"^IDT= +(\w+)", machine.hmp("info registers"), re.M).group(1),
               16) >= PAGE_OFFSET


@pytest.mark.parametrize("mode, cpu", [
    pytest.param("paging=pae", "max", marks=pytest.mark.quick), ("paging=classic", "max"),
    ("", "pentium3"), ("", "486")])
def test_at_every_instruction_of_the_take_over(image, mode, cpu):
    """From the kernel's first instruction until interrupts are on. The loader's handler takes them
    and forgets them, as does that of real mode; the kernel's counts."""
    first, last = address_of("_start", "kernel"), address_of("selftest_main", "kernel")
    with Qemu("-cpu", cpu, *disk_arguments(image.cmdline(mode).path), paused=True,
              cpu_log=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(first)
        assert stub.go() == first
        resets = machine.cpu_log().count("CPU Reset")
        waiting = points()
        for address in waiting - {first}:
            stub.break_at(address)
        sent, forgotten, place = 0, 0, first
        while place != last:
            stub.unbreak(place)
            waiting.discard(place)
            machine.qmp("inject-nmi")
            sent += 1
            if not kernel_idt(machine):
                forgotten += 1
            try:
                place = stub.go()
            except EOFError:
                pytest.fail(f"reset by NMI {sent}, at {place:08x}")
            assert machine.cpu_log().count("CPU Reset") == resets, f"reset after {sent} NMIs"
        for address in waiting:
            stub.unbreak(address)
        stub.leave()
        machine.wait_ready()
        assert sent > 200
        assert "halted" not in machine.serial
        counted = int(re.search(r", (\d+) times?$", machine.command("idt 2"), re.M).group(1))
        assert forgotten > 20 and counted == sent - forgotten
