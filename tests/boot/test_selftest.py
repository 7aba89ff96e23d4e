"""The kernel's own tests: KTAP on COM1, and the exit status of QEMU."""

import re

import pytest
from qemu import Qemu
from rows import disk_arguments

DEBUG_EXIT = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
PASSED, FAILED = 33, 35


def run(image, cmdline, *arguments):
    with Qemu(*DEBUG_EXIT, *arguments, *disk_arguments(image.cmdline(cmdline).path)) as machine:
        status = machine.wait_exit(60)
        machine.wait_for(r"\Z")
        return status, machine.serial


@pytest.mark.quick
@pytest.mark.parametrize("mode", ["pae", "classic"])
@pytest.mark.parametrize("cpu", ["max", "pentium", "486,-pse"])
def test_all_suites(image, cpu, mode):
    status, serial = run(image, f"selftest=all paging={mode}", "-cpu", cpu)
    assert status == PASSED, serial[-3000:]
    assert "KTAP version 1" in serial
    plan = int(re.search(r"^1\.\.(\d+)$", serial, re.M).group(1))
    assert len(re.findall(r"^ok \d+ ", serial, re.M)) == plan > 0
    assert "not ok" not in serial


@pytest.mark.parametrize("megabytes", [4, 8, 16, 64, 128, 1024])
def test_every_memory_size(image, megabytes):
    status, serial = run(image, "selftest=all", "-m", str(megabytes))
    assert status == PASSED, serial[-3000:]


def test_a_panic_fails_the_run(image):
    """A suite that does not exist is an error, not a pass."""
    status, serial = run(image, "selftest=nonsense")
    assert status == FAILED, serial[-2000:]
