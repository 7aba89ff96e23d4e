"""Boots disk.img under QEMU and writes docs/figures/run.json, for the live figures."""

import json
import os
import re
import struct
import sys

from . import sources, watch
from .live import RUN

sys.path.insert(0, os.path.join(sources.REPOSITORY, "tests/boot"))

import gdb  # noqa: E402
from image import DISK  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402

MONITOR = disk_arguments(DISK)


def step_lines(serial):
    """{name: {field: its value after the step}}."""
    lines = {}
    for line in re.findall(r"^@STEP .*$", serial, re.M):
        words = line.split()
        lines[words[2]] = {name: value.split("->")[-1] for name, value in
                           (word.split("=") for word in words[3:])}
    return lines


def timeline():
    """{step: per cent of the time until the last one, since the one before, in 2 digits}."""
    with Qemu(*watch.CLOCK, *MONITOR) as machine:
        machine.wait_ready()
        lines = step_lines(machine.serial)
    total = int(list(lines.values())[-1]["tsc"], 16)
    percent, last = {}, 0
    for name, fields in lines.items():
        now = int(fields["tsc"], 16)
        percent[name] = float(f"{100 * (now - last) / total:.2g}")
        last = now
    return percent


def memory_at_entry():
    """The first 192 KB as the kernel finds them, before it changes the GDT or the page tables; and
    the steps."""
    end = sources.defines(sources.LAYOUT)["LOADER_END"]
    with Qemu(*MONITOR, paused=True) as machine:
        path = os.path.join(machine.folder.name, "low")
        gdb.at_address(machine, gdb.address_of("kmain", "kernel"),
                       f"dump binary memory {path} 0 {end}")
        machine.wait_ready()
        with open(path, "rb") as file:
            return file.read(), step_lines(machine.serial)


def record():
    memory, lines = memory_at_entry()
    base, limit = (int(part, 16) for part in lines["gdt-load"]["gdtr"].split("/"))
    cr3 = int(lines["cr3-load"]["cr3"], 16)
    entries = struct.unpack_from("<1024I", memory, cr3)
    found = {
        "steps_percent": timeline(),
        "gdt": {"base": f"{base:08x}", "limit": f"{limit:04x}",
                "bytes": [memory[at:at + 8].hex(" ") for at in range(base, base + limit + 1, 8)]},
        "page_directory": {"cr3": f"{cr3:08x}", "cr4": lines["cr3-load"]["cr4"],
                           "entries": {str(index): f"{entry:08x}"
                                       for index, entry in enumerate(entries) if entry}},
        "programs": watch.record(),
    }
    with open(RUN, "w", encoding="ascii") as file:
        json.dump(found, file, indent=1)
        file.write("\n")
