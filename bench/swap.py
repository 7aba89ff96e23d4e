#!/usr/bin/python3
"""swap.py [--linux]: what it costs that a page goes to the disk and comes back, as a Markdown table; with
--linux beside Debian's Linux for i386: the same program, disk, size of swap and memory.

user/programs/swap-bench.c is process 1 and says when a part begins and ends. Instructions are those that
the processor has executed, idle loops and all (QEMU's -icount); pages per second are by this computer's
clock, in a run without counting.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/linux"))

import linux  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402
from swapping import SwapDisk  # noqa: E402

COUNTING = ["-icount", "shift=0"]
INITRD = "build/initrd-swap-bench.cpi"
MEGABYTES = 128
SWAP_SECTORS = 512 * 2048  # not half of it is used: then a page that was read keeps its place there
PARTS = {  # what is done, and which of the counts says how many pages
    "swap-out": ("the first store to a page where there is no frame for it", "out", "out"),
    "swap-in": ("a load from a page that is on the disk, and was not changed since", "in", "in"),
    "swap-both": ("a store to a page that is on the disk; another one goes there", "both", "in"),
}

# Of Debian's Linux 6.1 for i386 (686-unsigned, mitigations=off), by the same file: --linux.
# Instructions, and pages per second when both were measured one after the other.
LINUX = {"swap-out": (17244, 6327), "swap-in": (21807, 4942), "swap-both": (30518, 2768)}


class Figure:
    """Of a page: instructions, or a second's pages."""

    def __init__(self, pages, instructions, seconds):
        self.instructions = instructions // pages if instructions else 0
        self.per_second = int(pages / seconds)


def counted(machine):
    return machine.qmp("query-replay")["icount"]


def figures(machine, counting, timeout=900):
    """{part: Figure}"""
    found, position = {}, 0
    for name, (_, part, pages) in PARTS.items():
        position = machine.wait_for(rf"^@SWAPBENCH {part} begin", timeout, position).end()
        before, begin = counted(machine) if counting else 0, time.monotonic()
        machine.send("\n")
        said = machine.wait_for(rf"^@SWAPBENCH {part} end (.*)\n", timeout, position)
        seconds, after = time.monotonic() - begin, counted(machine) if counting else 0
        machine.send("\n")
        counts = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", said.group(1))}
        found[name] = Figure(max(counts[pages], 1), after - before, seconds)
    assert "WRONG" not in machine.serial
    return found


def arguments(counting):
    return ["-m", str(MEGABYTES), *(COUNTING if counting else [])]


def on_ascent(counting, cmdline=""):
    with tempfile.TemporaryDirectory() as folder:
        image = SwapDisk(folder, SWAP_SECTORS).initrd(INITRD, cmdline)
        with Qemu(*arguments(counting), *disk_arguments(image.path)) as machine:
            return figures(machine, counting)


def on_linux(counting):
    with tempfile.TemporaryDirectory() as folder:
        initrd, disk = os.path.join(folder, "initrd.cpi"), SwapDisk(folder, SWAP_SECTORS).path
        modules = linux.disk_modules()
        names = [f"/modules/{os.path.basename(path)}" for path in modules]
        with open(os.path.join(folder, "list"), "w", encoding="ascii") as file:
            file.write("".join(name + "\n" for name in names))
        files = ["file /init build/user/swap-bench 755", f"file /modules/list {folder}/list 644"]
        files += [f"file {name} {path} 644" for name, path in zip(names, modules)]
        subprocess.run(["scripts/make-initrd", initrd, "-"], cwd=REPOSITORY, check=True, text=True,
                       input="\n".join(["dir /tmp", "dir /proc", "dir /dev", "dir /modules", *files]) + "\n")
        with linux.boot(initrd, "classic", *arguments(counting), *disk_arguments(disk)) as machine:
            return figures(machine, counting)


def number(value):
    return f"{value:,}".replace(",", " ")


def measured(run):
    """{part: (instructions, pages per second)}"""
    instructions, speed = run(True), run(False)
    return {name: (instructions[name].instructions, speed[name].per_second) for name in PARTS}


def table(with_linux=False):
    systems = {"Ascent": measured(on_ascent), "Linux": measured(on_linux) if with_linux else LINUX}
    rows = ["| operation | what is done | " + " | ".join(f"{name}, instructions" for name in systems)
            + " | " + " | ".join(f"{name}, pages per second" for name in systems) + " |",
            "|---|---|" + "--:|" * (2 * len(systems))]
    for name, (what, *_) in PARTS.items():
        cells = [number(figures[name][which]) for which in (0, 1) for figures in systems.values()]
        rows.append(f"| {name} | {what} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main():
    subprocess.run(["make", "-s", "disk.img", INITRD], cwd=REPOSITORY, check=True)
    print(table("--linux" in sys.argv))


if __name__ == "__main__":
    main()
