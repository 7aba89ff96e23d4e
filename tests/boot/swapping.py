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


class Fault:
    """A sector of the disk that cannot be read, or written: QEMU's blkdebug."""

    def __init__(self, event, sector, once):
        self.event, self.sector, self.once = event, sector, once

    def rule(self):
        values = {"event": EVENTS[self.event], "iotype": self.event, "errno": "5",
                  "sector": str(self.sector), "once": "on" if self.once else "off"}
        return "[inject-error]\n" + "".join(f'{key} = "{value}"\n' for key, value in values.items())


def boot(disk, controller="ide", memory=16, arguments=(), faults=()):
    """Writes to the image."""
    file = f"file.driver=file,file.filename={disk.path}"
    if faults:
        rules = disk.path + ".rules"
        with open(rules, "w", encoding="ascii") as out:
            out.writelines(fault.rule() for fault in faults)
        file = (f"file.driver=blkdebug,file.config={rules},"
                f"file.image.driver=file,file.image.filename={disk.path}")
    return Qemu("-m", str(memory), "-drive", f"driver=raw,{file},if=none,id=d", *FREE[controller], *arguments)


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


# ---- what is left afterwards ----

def monitor(machine, *commands):
    machine.call_monitor()
    said = [machine.command(command, 60) for command in commands]
    machine.send("continue\r")
    machine.wait_for(r"^monitor> continue\n\Z")
    return said


# What may differ: tasks and tables of the shell's last command are freed when the next one starts, slabs
# keep one empty, and what the shell and init have in memory or not is the clock's business.
FIXED = ("kernel image", "kernel symbols", "page descriptors", "page of zeros", "vmalloc", "page tables",
         "file contents", "real mode", "loader", "initrd")


def accounts(machine):
    """Frames by use, and slots; whatever was done, it is the same with only the shell and init left."""
    machine.shell("echo settle")
    memory, swap = monitor(machine, "mem", "swap")
    frames = {name: int(count) for count, name in
              re.findall(r"^ *(\d+) +\d+  ([a-z][a-z ]+)$", memory, re.M)}
    assert ", equal to the total of " in memory
    slots, free = map(int, re.search(r"^slots: (\d+), free (\d+);", swap, re.M).groups())
    return frames, slots - free


def check_accounts(machine, before):
    """Of user memory and slots there is at most what init, the shell and a program on the way had."""
    frames, slots = accounts(machine)
    for name in FIXED:
        assert frames.get(name) == before.get(name), (name, before, frames)
    assert slots <= 60 and frames["user memory"] <= before["user memory"] + 60
    assert machine.shell("swapoff /dev/hda2", 60) == "swap: hda2: not used any more"
    assert re.fullmatch(r"swap: hda2: \d+ pages", machine.shell("swapon /dev/hda2", 60))
    frames, slots = accounts(machine)
    assert slots == 0
    assert frames["user memory"] == before["user memory"]
    assert abs(frames["free"] - before["free"]) <= 8, (before, frames)
