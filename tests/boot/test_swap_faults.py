"""Disks that fail under programs which swap: sectors that cannot be read or written, once or for ever. Many at
a time, so that 200 of each kind take few boots; what QEMU has refused is counted from outside."""

import re

import pytest
from swapping import Fault, SwapDisk, boot, power_off
from test_swap import MEGABYTES, run

CONTROLLERS = ["ide", "ahci"]  # by the kernel's driver, and by the BIOS
SECTORS = 200


@pytest.fixture
def disk(tmp_path):
    return SwapDisk(tmp_path)


def slots_to_fail(count=SECTORS):
    """Of those that the run uses: they are given from the first on. The first few hold pages of others who
    sleep, and may never be read."""
    pages = (MEGABYTES - 16) * 256 - 1024
    return [512 + pages * i // count for i in range(count)]


def faults_in(disk, slots, event, once):
    """Another sector of each slot's eight."""
    first, _ = disk.swap()
    return [Fault(event, first + 8 * slot + i % 8, once) for i, slot in enumerate(slots)]


def refused(machine):
    """(reads, writes) that QEMU has refused."""
    stats = [device["stats"] for device in machine.qmp("query-blockstats")]
    return tuple(sum(one[f"failed_{way}_operations"] for one in stats) for way in ("rd", "wr"))


def slots_named(machine, words):
    return [int(slot) for slot in re.findall(rf"^swap: \S+: slot (\d+) {words}", machine.serial, re.M)]


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_sectors_that_fail_once(disk, controller):
    """Each is tried again, and right."""
    slots = slots_to_fail()
    faults = faults_in(disk, slots, "read", True) + faults_in(disk, slots, "write", True)
    with boot(disk, controller, faults=faults) as machine:
        machine.wait_shell(60)
        run(machine, f"swap-check passes {MEGABYTES} 2")
        assert refused(machine) == (SECTORS, SECTORS)
        assert "cannot be" not in machine.serial
        power_off(machine)
    assert disk.changed_in_swap()


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_sectors_that_cannot_be_read(disk, controller):
    """Only who needs such a page ends, by name, and the slot is not used again."""
    slots = slots_to_fail()
    with boot(disk, controller, faults=faults_in(disk, slots, "read", False)) as machine:
        machine.wait_shell(60)
        output = run(machine, f"swap-check survey {MEGABYTES}", 1200)
        assert f"@SWAP survey: {SECTORS} of {MEGABYTES * 256} pages are lost" in output
        assert set(slots_named(machine, "cannot be read")) == set(slots)
        ends = re.findall(r"^(\S+) \(pid \d+\): a page on the disk cannot be read", machine.serial, re.M)
        assert len(ends) >= SECTORS and set(ends) == {"swap-check"}
        before = refused(machine)
        run(machine, f"swap-check passes {MEGABYTES} 2")
        assert refused(machine) == before
        power_off(machine)
    assert disk.changed_in_swap()


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_sectors_that_cannot_be_written(disk, controller):
    """The page stays in memory, nobody ends, and the slot is not used again."""
    slots = slots_to_fail()
    with boot(disk, controller, faults=faults_in(disk, slots, "write", False)) as machine:
        machine.wait_shell(60)
        run(machine, f"swap-check passes {MEGABYTES} 2")
        assert sorted(slots_named(machine, "cannot be written")) == slots
        before = refused(machine)
        run(machine, f"swap-check passes {MEGABYTES} 2")
        assert refused(machine) == before
        power_off(machine)
    assert disk.changed_in_swap()
