#!/usr/bin/python3
"""How many instructions the kernel takes to start, for machines of 4 MB to 64 GB: from its entry to
interrupts on, in which it takes over all of memory.

QEMU counts them: with -icount shift=0 an instruction takes one nanosecond of the guest's time, so
that the count is the same wherever it is made. Prints a table in Markdown.

    bench/startup.py [MB ...]
"""

import os
import re
import sys
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))

from image import Image  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402

SIZES = [4, 8, 16, 64, 256, 1024, 4096, 16384, 65536]
MODES = ["pae", "classic"]
COUNTED = ["-cpu", "max", "-icount", "shift=0,sleep=off"]


def ram_arguments(megabytes):
    """Memory that takes none of the host's before it is touched: it may be more than that has."""
    return ["-object", f"memory-backend-ram,id=pc.ram,size={megabytes}M,reserve=off",
            "-machine", "memory-backend=pc.ram", "-m", str(megabytes)]


def instructions(image, megabytes):
    """From step kernel-entry to step irq-on, with this image."""
    with Qemu(*COUNTED, *ram_arguments(megabytes), *disk_arguments(image),
              program="qemu-system-x86_64") as machine:
        machine.wait_ready(60)
        rows = re.findall(r"^\d\d (\S+) +[0-9a-f]{8} [0-9a-f]{4} +(\d+) ",
                          machine.command("steps"), re.M)
    cycles = {name: int(count) for name, count in rows}
    return cycles["irq-on"] - cycles["kernel-entry"]


def main():
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    print("| RAM | paging | instructions, kernel-entry to irq-on | per MB beyond the smallest |")
    print("|---:|---|---:|---:|")
    for mode in MODES:
        counts = {}
        with tempfile.TemporaryDirectory() as folder:
            image = Image(folder).cmdline("paging=" + mode).path
            for size in sizes:
                counts[size] = instructions(image, size)
                more = size - sizes[0]
                each = f"{(counts[size] - counts[sizes[0]]) / more:,.0f}" if more else ""
                print(f"| {size:,} MB | {mode} | {counts[size]:,} | {each} |", flush=True)


if __name__ == "__main__":
    main()
