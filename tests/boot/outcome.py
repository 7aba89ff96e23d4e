"""What becomes of one boot, told from outside: ready, an error with its number, or one of the ways
in which a boot must not end.

Time is that of QEMU's processor, not of the wall: a busy machine of ours makes nothing late.
"""

import os
import re
from dataclasses import dataclass

HANG_SECONDS = 8        # of processor time; a boot takes less than 1
WALL_SECONDS = 90       # a guest that sleeps uses none
TICKS = os.sysconf("SC_CLK_TCK")
VERDICT = re.compile(r"^(@READY(?: init)?|E[0-9][0-9] .*|Kernel panic: .*)$", re.M)
HANDED_OVER = "@STEP 14 "  # the last step of the loader


@dataclass
class Outcome:
    # ready; mended: with something worked around; Exx; panic of the kernel; hang, halt (asleep for
    # ever) or reset; gone: one of these three in the kernel; wrong: ready, with other bytes.
    name: str
    seconds: float      # processor time until then
    detail: str = ""
    serial: str = ""

    def acceptable(self, allowed):
        """`allowed`: a pattern for the name."""
        return re.fullmatch(allowed, self.name) is not None


def cpu_seconds(machine):
    """The processor time that the emulator has used."""
    try:
        with open(f"/proc/{machine.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def asleep(machine):
    """HLT with interrupts off: nothing will ever wake it but an NMI."""
    registers = machine.hmp("info registers")
    flags = re.search(r"EFL=([0-9a-f]{8})", registers)
    return "HLT=1" in registers and flags and not int(flags.group(1), 16) & 0x200


def watch(machine, expected=None, compare="all"):
    """Waits for the end of a boot. When ready, `compare` of `expected` (loaded.py) is looked at."""
    waited, slept = 0.0, 0
    while True:
        found = VERDICT.search(machine.serial)
        if found and (found.group()[0] != "@" or "@STEP 20 " in machine.serial):
            break
        if not machine.running():
            return lost("reset", machine, 0)
        seconds = cpu_seconds(machine)
        if seconds > HANG_SECONDS or waited > WALL_SECONDS:
            return lost("hang", machine, seconds)
        machine.wait_change(0.25)
        waited += 0.25
        if waited >= 2 and waited % 1 == 0:
            slept = slept + 1 if machine.running() and asleep(machine) else 0
            if slept == 3 and not VERDICT.search(machine.serial):
                return lost("halt", machine, seconds)
    seconds = cpu_seconds(machine)
    text = found.group()
    if text[0] == "E":
        return Outcome(text[:3], seconds, text, machine.serial)
    if text[0] != "@":
        return Outcome("panic", seconds, text, machine.serial)
    difference = expected.difference(machine, compare) if expected and compare else ""
    if difference:
        return Outcome("wrong", seconds, difference, machine.serial)
    mended = re.search(r"^worked around: (.*)", machine.serial, re.M)
    return Outcome("mended" if mended else "ready", seconds, mended.group(1) if mended else "",
                   machine.serial)


def lost(how, machine, seconds):
    lines = [line for line in machine.serial.splitlines() if line]
    name = "gone" if HANDED_OVER in machine.serial else how
    return Outcome(name, seconds, how + " after: " + (lines[-1][:40] if lines else "nothing"),
                   machine.serial)
