#!/usr/bin/python3
"""processes.py [--linux]: what the kernel's services cost programs, in instructions, as a Markdown table;
with --linux beside Debian's Linux for i386, which runs the same file.

user/programs/bench.c is process 1 and measures; QEMU's -icount makes its time-stamp counter count
instructions.
"""

import os
import re
import subprocess
import sys
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/linux"))

import linux  # noqa: E402
from image import Image  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402

COUNTING = ["-icount", "shift=0,sleep=off"]
INITRD = "build/initrd-bench.cpi"
MODES = {"pae": ["-cpu", "max"], "classic": []}

OPERATIONS = {
    "null-call": "a system call that does nothing: getppid()",
    "anonymous-fault": "the first store to a page",
    "map-unmap-64k": "mmap() and munmap() of 64 KB",
    "map-touch-unmap-64k": "the same with a store to each page",
    "fork-exit-wait": "fork(), _exit() of the child, wait4()",
    "fork-exec-wait": "the same with execve() in the child",
    "cow-fault": "the first store to a page after fork()",
    "fork-copy-256-pages": "fork() of 1 MB that the child writes to, until wait4() is back",
    "pipe-round-trip": "a byte to another process and one back",
    "context-switch": "sched_yield() to another process",
    "signal-round-trip": "kill() of oneself, the handler, sigreturn()",
    "file-map-read-1m": "mmap() of a file of 1 MB, a load from each page, munmap()",
    "file-read-1m": "read() of a file of 1 MB, 64 KB at a time",
}

# Of Debian's Linux 6.1 for i386 (686-unsigned, mitigations=off), by the same file: --linux.
LINUX = {
    "null-call": 369,
    "anonymous-fault": 3620,
    "map-unmap-64k": 13056,
    "map-touch-unmap-64k": 93874,
    "fork-exit-wait": 111180,
    "fork-exec-wait": 334231,
    "cow-fault": 5633,
    "fork-copy-256-pages": 1884027,
    "pipe-round-trip": 12805,
    "context-switch": 584,
    "signal-round-trip": 4792,
    "file-map-read-1m": 311560,
    "file-read-1m": 449553,
}


def figures(machine, timeout):
    """{operation: instructions}: the middle of 11."""
    machine.wait_for(r"^@BENCH end", timeout)
    return {name: int(middle) for name, middle
            in re.findall(r"^@BENCH (\S+) least=\d+ middle=(\d+)", machine.serial, re.M)}


def on_ascent(mode="pae", timeout=300):
    with tempfile.TemporaryDirectory() as folder:
        image = Image(folder).initrd(INITRD, f"paging={mode}")
        with Qemu("-m", "256", *MODES[mode], *COUNTING, *disk_arguments(image.path)) as machine:
            return figures(machine, timeout)


def on_linux(mode="classic", timeout=900):
    with linux.boot(os.path.join(REPOSITORY, INITRD), mode, *COUNTING) as machine:
        return figures(machine, timeout)


def table(with_linux=False):
    columns = {f"Ascent, {mode}": on_ascent(mode) for mode in MODES}
    if with_linux:
        columns |= {"Linux": on_linux("classic"), "Linux, PAE": on_linux("pae")}
    else:
        columns["Linux"] = LINUX
    rows = ["| operation | what is done | " + " | ".join(columns) + " |",
            "|---|---|" + "--:|" * len(columns)]
    for name, what in OPERATIONS.items():
        cells = [f"{column[name]:,}".replace(",", " ") for column in columns.values()]
        rows.append(f"| {name} | {what} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main():
    subprocess.run(["make", "-s", "disk.img", INITRD], cwd=REPOSITORY, check=True)
    print(table("--linux" in sys.argv))


if __name__ == "__main__":
    main()
