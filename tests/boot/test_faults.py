"""Every fault that the monitor can provoke does what faults.toml says, on each emulator."""

import os
import re
import tomllib

import pytest
import rows
from image import DISK, REPOSITORY

with open(os.path.join(REPOSITORY, "tests/boot/faults.toml"), "rb") as file:
    DATA = tomllib.load(file)
FAULTS = DATA["faults"]
EMULATORS = DATA["emulators"]


def provoke(machine, name):
    start = len(machine.serial)
    machine.send(f"fault {name}\r")
    machine.wait_for(r"^System halted\.$", 20, start)
    return machine.serial[start:]


def without_numbers(text):
    return re.sub(r"\b[0-9a-f]{8}\b|\+0x[0-9a-f]+|:\d+", "N", text)


def test_the_list_is_complete(ready):
    """A new fault in the kernel needs an entry."""
    assert re.findall(r"^  ([a-z-]+) ", ready.command("fault"), re.M) == list(FAULTS)


def check_report(name, headline, report):
    fault = FAULTS[name]
    assert re.search("^" + headline + ": ", report, re.M), report
    assert "Ascent" not in report, "the machine has reset"
    if name != "panic":
        assert re.search(r"^at c0[0-9a-f]{6} \S+\+0x|^at [0-9a-f]{8}$", report, re.M)
    assert re.search(r"^backtrace:\n  c0[0-9a-f]{6} \S+\+0x", report, re.M)
    if headline in (fault["exception"], fault["line"].split(":")[0]):
        assert without_numbers(fault["line"]) in without_numbers(report).splitlines()


def check_nothing(machine, name):
    output = machine.command(f"fault {name}")
    assert output.endswith(f"fault {name}: nothing happened on this machine"), output
    assert "backtrace:" not in output


def check_stops(machine, name):
    start = len(machine.serial)
    machine.send(f"fault {name}\r")
    machine.process.wait(20)
    assert "backtrace:" not in machine.serial[start:]


def parameters():
    for name in FAULTS:
        for emulator in EMULATORS:
            quick = (name, emulator) == ("stack-overflow", "qemu")
            yield pytest.param(name, emulator, id=f"{name}-{emulator}",
                               marks=[pytest.mark.quick] if quick else [])


@pytest.mark.parametrize("name, emulator", parameters())
def test_fault(name, emulator):
    expected = FAULTS[name][emulator]
    options = {"cpu_log": True} if emulator == "qemu" else {}
    with rows.start(EMULATORS[emulator], DISK, **options) as machine:
        machine.wait_ready(60)
        if expected == "stops":
            check_stops(machine, name)
            return
        resets = machine.cpu_log().count("CPU Reset") if options else 0
        if expected == "nothing":
            check_nothing(machine, name)
        else:
            check_report(name, expected, provoke(machine, name))
        assert machine.running(), "the machine has reset"
        if options:
            assert machine.cpu_log().count("CPU Reset") == resets
            assert "Triple fault" not in machine.cpu_log()


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
