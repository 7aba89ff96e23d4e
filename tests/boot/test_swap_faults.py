"""Disks that fail under programs which swap: sectors that cannot be read or written, once or for ever. Many
at a time, so that 200 of each kind take few boots; what QEMU has refused is counted from outside."""

import json
import re
import time

import pytest
from image import SHELL_DISK
from qemu import Qemu
from slow_disk import SlowDisk
from swapping import FREE, Fault, SwapDisk, boot, emulator_counters, power_off
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


# ---- a disk that stops answering ----


def shell_answers(machine):
    """This one, or the next: init gives another if a page of the shell's was on the disk."""
    for _ in range(3):
        start = len(machine.serial)
        machine.send("echo al''ive\n")
        try:
            machine.wait_for("^alive$", 20, start)
            return
        except AssertionError:
            pass
    raise AssertionError("no shell answers:\n" + machine.serial[-3000:])


SILENCES = {  # seconds that each answer comes late by: longer than those who wait; and the disk's name
    "ide": (7, "hda"), "ahci": (40, "bios80"), "usb-xhci": (12, "bios80"), "nvme": (40, "bios80")}


@pytest.mark.parametrize("controller", SILENCES)
def test_a_disk_that_stops_answering(tmp_path, controller):
    """It is given up after a time-out, with one line; who needs a page of it ends; the rest goes on."""
    seconds, name = SILENCES[controller]
    with open(SHELL_DISK, "rb") as image:
        slow = SlowDisk(tmp_path, image.read())
    node = json.dumps({"driver": "raw", "node-name": "d", "file": slow.node()})
    with Qemu("-m", "16", "-blockdev", node, *FREE[controller]) as machine:
        machine.wait_shell(60)
        machine.send("swap-check passes 32 900 &\n")
        machine.wait_for(r"^\[1\]", 20)
        while emulator_counters(machine)[0] < 48 * 2048:
            time.sleep(0.5)
        slow.delay = seconds
        machine.wait_for(f"error: {name} does not answer: not used any more$", 120)
        machine.wait_for(r"swap-check \(pid \d+\): (out of memory|a page on the disk cannot be read)", 60)
        shell_answers(machine)
        assert machine.serial.count("does not answer") == 1
        assert "init (pid 1)" not in machine.serial and "/init has ended" not in machine.serial
        run(machine, "swap-check passes 4 3")
        assert machine.shell("ls /bin | cat").count("swap-check") == 1
