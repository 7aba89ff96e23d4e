#!/usr/bin/python3
"""boot.py: from reset to a prompt, in instructions and in seconds, as a Markdown table: the shell's prompt
of the usual image, and the monitor's of the same image with init=none. The disk is on AHCI.

Instructions: with -icount shift=0 one takes a nanosecond of the guest's time, and a wait takes as long as
it waits. The steps have their time stamps; at the prompt a breakpoint stops the machine, and the ACPI
timer tells the time: 3,579,545 Hz (ACPI §4.8.3.3), so it is within 280. Seconds: from the start of QEMU to
the last letter of the prompt, and the processor time that it took; the median of ROUNDS.
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))

from gdb import address_of  # noqa: E402
from gdbstub import Stub  # noqa: E402
from image import DISK, SHELL_DISK  # noqa: E402
from machine import PROMPT, SHELL  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "5"))
# Not sleep=off: QEMU would let the time pass to the next tick when the breakpoint stops the machine.
COUNTING = ["-icount", "shift=0"]
PM_TIMER, PM_TIMER_HZ = 0x608, 3579545

# Image, the prompt, and the function that then waits for a line.
PROMPTS = {"shell": (SHELL_DISK, SHELL, "tty_read"), "monitor": (DISK, PROMPT, "line_read")}
STEPS = {"cpu": "firmware and stage 1", "kernel-loaded": "the files are in memory",
         "kernel-entry": "the kernel begins", "irq-on": "it has taken the machine over"}


def instructions(which):
    """{step, or "prompt": how many since reset}."""
    image, _, waits = PROMPTS[which]
    with Qemu(*COUNTING, *disk_arguments(image, "ahci"), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(address_of(waits, "kernel"))
        stub.go()
        ticks = int(re.search(r"= (0x\w+)", machine.hmp(f"i /w {PM_TIMER:#x}"))[1], 16)
        found = {name: int(stamp, 16) for name, stamp in
                 re.findall(r"^@STEP \d\d (\S+) .*\btsc=(\w+)", machine.serial, re.M)}
        stub.leave()
    return found | {"prompt": round(ticks * 1e9 / PM_TIMER_HZ)}


def seconds(which):
    """(by the clock, of the processor)"""
    image, prompt, _ = PROMPTS[which]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen(["qemu-system-i386", "-display", "none", "-net", "none", "-serial", "stdio",
                           *disk_arguments(image, "ahci")], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as qemu:
        said = b""
        while not said.endswith(b"\n" + prompt.encode()):
            data = os.read(qemu.stdout.fileno(), 4096)
            if not data:
                sys.exit(f"no {prompt!r}: {said.decode()}")
            said += data.replace(b"\r", b"")
        passed = time.monotonic() - started
        qemu.kill()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table():
    counts = {which: instructions(which) for which in PROMPTS}
    timed = {which: [] for which in PROMPTS}
    for _ in range(ROUNDS):
        for which in PROMPTS:
            timed[which].append(seconds(which))
    rows = ["| from reset until | " + " | ".join(f"{which}" for which in PROMPTS) + " |",
            "|---|" + "--:|" * len(PROMPTS)]
    for name, what in [*STEPS.items(), ("prompt", "the prompt")]:
        cells = [f"{counts[which][name]:,}".replace(",", " ") for which in PROMPTS]
        rows.append(f"| {what}, instructions | " + " | ".join(cells) + " |")
    for at, what in enumerate(["seconds", "seconds of the processor"]):
        cells = [f"{statistics.median(pair[at] for pair in timed[which]):.2f}" for which in PROMPTS]
        rows.append(f"| the prompt, {what} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
