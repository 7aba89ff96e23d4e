"""Machines that swap, and their disks looked at from outside."""

import importlib.machinery
import importlib.util
import os
import re
import struct
import subprocess

from image import REPOSITORY, SECTOR, SHELL_DISK, Image
from qemu import Qemu
from rows import DISKS

TABLE, ENTRY_BYTES = 446, 16
FREE = {"ide": ["-device", "ide-hd,drive=d,bus=ide.0"], **DISKS}
EVENTS = {"read": "read_aio", "write": "write_aio"}


def make_swap():
    """scripts/make-swap as a module: its header() takes what a test wants to be wrong."""
    path = os.path.join(REPOSITORY, "scripts/make-swap")
    loader = importlib.machinery.SourceFileLoader("make_swap", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_swap", loader))
    loader.exec_module(module)
    return module


class SwapDisk(Image):
    """An image that is written to, and what it was before."""

    def __init__(self, folder, swap_sectors=None):
        super().__init__(folder, SHELL_DISK)
        if swap_sectors is not None:
            build = os.path.join(REPOSITORY, "build/")
            subprocess.run([os.path.join(REPOSITORY, "scripts/make-image"), self.path,
                            build + "stage1.bin", build + "stage2.bin", "65536", str(swap_sectors),
                            build + "BOOT.CFG", build + "KERNEL.ELF", build + "INITRD.CPI"], check=True)
        self.keep()

    def keep(self):
        """As it is now is how it is compared."""
        self.before = self.path + ".before"
        subprocess.run(["cp", "--sparse=always", self.path, self.before], check=True)
        return self

    def entry(self, index):
        """First sector and sectors of a partition."""
        return struct.unpack("<II", self.read(TABLE + index * ENTRY_BYTES + 8, 8))

    def swap(self):
        return self.entry(1)

    def changed(self):
        """The sectors that differ from before."""
        found = []
        with open(self.path, "rb") as now, open(self.before, "rb") as before:
            step = 256 * SECTOR
            for at in range(0, max(os.path.getsize(self.path), os.path.getsize(self.before)), step):
                one, other = now.read(step), before.read(step)
                if one == other:
                    continue
                assert len(one) == len(other), "the disk has another size"
                found += [(at + i) // SECTOR for i in range(0, len(one), SECTOR)
                          if one[i:i + SECTOR] != other[i:i + SECTOR]]
        return found

    def changed_in_swap(self):
        """How many sectors of the swap partition differ; that any other does is an error."""
        first, sectors = self.swap()
        changed = self.changed()
        outside = [sector for sector in changed if not first + 8 <= sector < first + sectors]
        assert not outside, f"sectors {outside[:10]} have changed; swap has {first}+{sectors}"
        return len(changed)


def boot(disk, controller="ide", memory=16, arguments=(), fault=None):
    """Writes to the image. `fault`: ("read" or "write", sector, once) for blkdebug."""
    drive = f"file.driver=file,file.filename={disk.path}"
    if fault:
        event, sector, once = fault
        rule = {"event": EVENTS[event], "iotype": event, "errno": 5, "sector": sector,
                "once": "on" if once else "off"}
        drive = f"file.driver=blkdebug,file.image.driver=file,file.image.filename={disk.path}" + "".join(
            f",file.inject-error.0.{key}={value}" for key, value in rule.items())
    return Qemu("-m", str(memory), "-drive", f"driver=raw,{drive},if=none,id=d,rerror=report,werror=report"
                if controller == "ide" else f"driver=raw,{drive},if=none,id=d",
                *FREE[controller], *arguments)


def power_off(machine):
    machine.send("poweroff\n")
    machine.wait_exit(30)


def swaps(machine):
    """{device: (KB, used KB)}, from /proc/swaps."""
    return {name: (int(size), int(used)) for name, size, used in
            re.findall(r"^(/\S+) +\S+\s+(\d+)\s+(\d+)", machine.shell("cat /proc/swaps"), re.M)}


def disk_counters(machine):
    """{device: (reads, sectors read, writes, sectors written)}, from /proc/diskstats."""
    rows = re.findall(r"^ *\d+ +\d+ (\S+) (\d+) \d+ (\d+) \d+ (\d+) \d+ (\d+) ",
                      machine.shell("cat /proc/diskstats"), re.M)
    return {name: tuple(int(number) for number in numbers) for name, *numbers in rows}


def emulator_counters(machine):
    """(sectors read, sectors written) of the disk, as QEMU counts them: info blockstats."""
    stats = [device["stats"] for device in machine.qmp("query-blockstats")]
    busiest = max(stats, key=lambda one: one["rd_bytes"])
    return busiest["rd_bytes"] // SECTOR, busiest["wr_bytes"] // SECTOR


def both_counters(machine):
    """The same of the kernel and of QEMU, at a moment at which nothing moves."""
    for _ in range(20):
        before = emulator_counters(machine)
        kernel = disk_counters(machine)
        if emulator_counters(machine) == before:
            return kernel, before
    raise AssertionError("the disk is never at rest")
