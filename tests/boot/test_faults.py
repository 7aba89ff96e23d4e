"""Every fault that the monitor can provoke is named, with a backtrace; the machine never resets."""

import os
import re

import pytest
from image import DISK, REPOSITORY
from qemu import Qemu
from rows import disk_arguments


def provoke(machine, name):
    start = len(machine.serial)
    machine.send(f"fault {name}\r")
    machine.wait_for(r"^System halted\.$", 20, start)
    return machine.serial[start:]


# Every fault of the monitor, and what QEMU raises for it. QEMU does not check null selectors and
# limits: there the access goes through, to an address where nothing is mapped.
FAULTS = {
    "de": "#DE", "db": "#DB", "bp": "#BP", "of": "#OF", "br": "#BR", "ud": "#UD", "nm": "#NM",
    "df": "#DF", "ts": "#TS", "np": "#NP", "ss": "#SS", "gp": "#GP", "gate": "#GP",
    "null-selector": "#PF", "limit": "#PF", "pf-read": "#PF", "pf-write": "#PF",
    "pf-exec": "#PF", "pf-null": "#PF", "pf-reserved": "#PF", "wp": "#PF", "text": "#PF",
    "mf": "#MF", "stack-overflow": "kernel stack overflow", "panic": "Kernel panic",
}


def test_the_list_is_complete(ready):
    """A new fault in the kernel needs a line here."""
    assert re.findall(r"^  ([a-z-]+) ", ready.command("fault"), re.M) == list(FAULTS)


def checked(name):
    with Qemu("-cpu", "max", *disk_arguments(DISK), cpu_log=True) as machine:
        machine.wait_ready()
        resets = machine.cpu_log().count("CPU Reset")
        report = provoke(machine, name)
        assert machine.running(), "the machine has reset"
        assert machine.cpu_log().count("CPU Reset") == resets
        assert "Triple fault" not in machine.cpu_log()
        return report


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name):
    report = checked(name)
    assert re.search("^" + FAULTS[name] + ": ", report, re.M), report
    if name != "panic":
        assert re.search(r"^at c0[0-9a-f]{6} \S+\+0x|^at [0-9a-f]{8}$", report, re.M)
    assert re.search(r"^backtrace:\n  c0[0-9a-f]{6} \S+\+0x", report, re.M)


@pytest.mark.quick
def test_stack_overflow():
    report = checked("stack-overflow")
    assert "\nkernel stack overflow: " in report
    assert re.search(r"^backtrace:\n  c0[0-9a-f]{6} recurse", report, re.M)


@pytest.mark.quick
def test_page_fault_report(ready):
    report = provoke(ready, "pf-null")
    assert re.search(r"^read at 000000\w\w: the page is not present \(a null pointer\)$", report,
                     re.M)
    assert re.search(r"^error code 0: P=0 W=0 U=0 RSVD=0 I=0$", report, re.M)


@pytest.mark.quick
def test_report_is_on_the_screen(ready):
    provoke(ready, "ud")
    assert "#UD: invalid opcode (vector 6)" in ready.screen()
    assert ready.screen().rstrip().endswith("System halted.")


@pytest.mark.quick
def test_stack_overflow_is_on_the_screen(ready):
    """However deep the recursion was, its name is not scrolled off."""
    provoke(ready, "stack-overflow")
    assert "kernel stack overflow" in ready.screen()
    assert re.search(r"recurse\S* provoke_page.c:\d+ \(\d+ times\)", ready.screen())


@pytest.mark.quick
def test_source_lines(ready):
    """The report names the line that faulted, and the line that called it."""
    report = provoke(ready, "ud")
    number = int(re.search(r"^at \S+ provoke_ud\S+ provoke_exception.c:(\d+)$", report,
                           re.M).group(1))
    with open(os.path.join(REPOSITORY, "kernel/monitor/provoke_exception.c"),
              encoding="utf-8") as file:
        assert "ud2" in file.read().splitlines()[number - 1]
    assert re.search(r"^  \S+ kmain\+\S+ main.c:\d+$", report, re.M)
