#!/usr/bin/python3
"""memory.py [--docs]: what the kernel's memory functions cost, as a Markdown table.

The kernel measures itself (kernel/selftest/bench.c). Under QEMU's -icount the time-stamp counter
counts instructions, exactly; without, it is the host's, and the cycles are those of an emulator.
With --docs, writes this and the figures of its neighbours into docs/performance.md.
"""

import os
import re
import subprocess
import sys
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))
sys.path.insert(0, os.path.join(REPOSITORY, "scripts"))
sys.path.insert(0, os.path.join(REPOSITORY, "bench"))

import boot  # noqa: E402
import processes  # noqa: E402
import swap  # noqa: E402
from image import Image  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402
from steps import made_from  # noqa: E402

DOCS = os.path.join(REPOSITORY, "docs/performance.md")
STARTUP = os.path.join(REPOSITORY, "bench/startup.py")
COUNTING = ["-icount", "shift=0,sleep=off"]
MODES = ["pae", "classic"]
MEGABYTES = 1024  # so that there is HIGHMEM
LITTLE = 128

OPERATIONS = {
    "clear-4k": "4 KB set to 0, to compare with",
    "alloc-free-order0": "a frame from its own free list, and back",
    "alloc-free-order0-split": "a frame cut from a block of 4 MB, and all joined again",
    "alloc-free-order10": "a block of 4 MB, and back",
    "kmalloc-free-32": "kmalloc() and kfree() of 32 bytes",
    "kmalloc-free-1k": "of 1 KB",
    "kmalloc-free-64k": "of 64 KB: 16 frames of the buddy allocator",
    "cache-alloc-free-64": "an object of a slab cache, and back",
    "map-unmap": "a page mapped, unmapped and flushed; its table is there",
    "map-unmap-new-table": "the same; the table is made and freed",
    "split-join": "a large page split into a table, and joined again",
    "kmap-atomic": "kmap_atomic() of a frame above 896 MB, and back",
    "kmap-again": "kmap() of one that still has an address, and back",
    "kmap-first": "of one that takes the address of another, and back",
    "vmalloc-vfree-64k": "vmalloc() and vfree() of 64 KB; their table is there",
    "vmalloc-vfree-64k-new-table": "the same; the table is made and freed",
    "tlb-page": "flush of one page",
    "tlb-all": "flush of all but global pages",
    "tlb-all-global": "flush of everything",
}

# Of Debian's Linux 6.1 for i686, mitigations and init_on_alloc off, counted in the same way.
LINUX = {
    "alloc-free-order0": 662,
    "alloc-free-order10": 20196,
    "kmalloc-free-32": 206,
    "kmalloc-free-1k": 206,
    "kmalloc-free-64k": 2148,
    "cache-alloc-free-64": 177,
    "kmap-atomic": 203,
    "kmap-again": 302,
    "vmalloc-vfree-64k": 8972,
}


def lines(serial):
    """The @BENCH lines: {operation: its figures, or the reason why there are none}."""
    found = {}
    for name, rest in re.findall(r"^@BENCH (\S+) (.*)$", serial, re.M):
        missing = rest.removeprefix("n/a: ")
        found[name] = missing if missing != rest else dict(
            (key, int(value) if value.isdigit() else value)
            for key, value in (word.split("=") for word in rest.split()))
    return found


def measure(*arguments, mode="pae", megabytes=MEGABYTES, cpu="max", timeout=120):
    """One boot with bench=all; its @BENCH lines."""
    with tempfile.TemporaryDirectory() as folder:
        image = Image(folder).cmdline(f"bench=all paging={mode}")
        with Qemu("-m", str(megabytes), "-cpu", cpu, *arguments,
                  *disk_arguments(image.path)) as machine:
            machine.wait_for(r"^@BENCH end.*\n", timeout)
            return lines(machine.serial)


def count(**options):
    """The @BENCH lines of a run in which cycles are instructions."""
    found = measure(*COUNTING, **options)
    ruler = found["calibrate"]
    if ruler["cycles"] != ruler["instructions"]:
        sys.exit("this QEMU's -icount does not count instructions: a loop of "
                 f"{ruler['instructions']} took {ruler['cycles']}")
    return found


def instructions(found):
    """Of each operation, without those of the loop around it; or why there are none."""
    return {name: net(found, name) for name in OPERATIONS}


def net(found, name, key="cycles"):
    figures, loop = found[name], found["loop"]
    if isinstance(figures, str):
        return figures
    if key == "cycles":
        return round(figures[key] / figures["rounds"] - loop[key] / loop["rounds"])
    return max(0, figures[key] - loop[key])


def text(value):
    return "n/a" if isinstance(value, str) else f"{value:,}".replace(",", " ")


def memory_table():
    counted = {mode: instructions(count(mode=mode)) for mode in MODES}
    little = instructions(count(megabytes=LITTLE))
    timed = {mode: measure(mode=mode) for mode in MODES}
    rows = ["| | | instructions | | | cycles of the emulator | | | |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|",
            "| operation | what is done | PAE | classic | Linux | PAE, min | PAE, median | classic, min "
            "| classic, median |"]
    for name, what in OPERATIONS.items():
        cells = [text(counted[mode][name]) for mode in MODES]
        cells.append(text(LINUX[name]) if name in LINUX else "")
        cells += [text(net(timed[mode], name, key)) for mode in MODES for key in ("min", "median")]
        rows.append(f"| {name} | {what} | " + " | ".join(cells) + " |")
    return "\n".join([*rows, "", notes(counted, little)])


def notes(counted, little):
    """What the table does not show, in sentences."""
    apart = [f"{name} {text(little[name])}" for name in OPERATIONS
             if isinstance(little[name], int) and little[name] != counted["pae"][name]]
    plain = measure(mode="classic", cpu="486,-pse")
    result = [f"Memory: {MEGABYTES} MB. With {LITTLE} MB the instructions are "
              + ("the same, all of them." if not apart else "the same but for "
                 + ", ".join(apart) + ".")]
    for mode in MODES:
        result += [f"{name}, {mode}: n/a, {why}." for name, why in counted[mode].items()
                   if isinstance(why, str)]
    if "all" in plain:
        result.append(f"A 486 without large pages: n/a, {plain['all']}.")
    return " ".join(result)


def startup_table():
    return subprocess.run([sys.executable, STARTUP], check=True, capture_output=True,
                          text=True).stdout.strip()


def write_docs(memory):
    built = made_from()
    parts = [f"Measured with stage 2 {built['stage2.bin']} and the kernel {built['KERNEL.ELF']} "
             f"(CRC-32), compiled by {built['compiler']}.",
             "## Memory functions", memory, "## What programs pay", processes.table(),
             "## What swap costs", swap.table(),
             "## From reset to the prompt", boot.table()]
    if os.path.exists(STARTUP):
        parts += ["## From the loader to the prompt", startup_table()]
    with open(DOCS, encoding="utf-8") as file:
        page = file.read()
    generated = "<!-- PERFORMANCE -->\n" + "\n\n".join(parts) + "\n<!-- /PERFORMANCE -->"
    page, found = re.subn(r"<!-- PERFORMANCE -->.*<!-- /PERFORMANCE -->", lambda _: generated, page,
                          flags=re.S)
    if found != 1:
        sys.exit("docs/performance.md has lost its markers")
    with open(DOCS, "w", encoding="utf-8") as file:
        file.write(page)


def main():
    memory = memory_table()
    print(memory)
    if "--docs" in sys.argv:
        write_docs(memory)


if __name__ == "__main__":
    main()
