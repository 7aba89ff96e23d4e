"""A computer that has other things to do while it emulates ours: our clock goes right all the same. The time
stamp counter is measured once, at the start, and all clocks go by it."""

import os
import signal
import threading
import time

import pytest
from image import SHELL_DISK
from qemu import Qemu
from rows import disk_arguments

# Seconds that the emulator runs and stands. Channel 2 of the timer counts for 55 ms: the last pair has one of
# these breaks between the two ends of each measurement that is long enough to have one.
BREAKS = [(0.006, 0.01), (0.001, 0.002), (0.003, 0.07)]


def hold_up(machine, until, runs, stands):
    """Stops the emulator again and again. Its clocks go on, as those of a real machine in an SMI."""
    while not until.wait(runs):
        os.kill(machine.process.pid, signal.SIGSTOP)
        time.sleep(stands)
        os.kill(machine.process.pid, signal.SIGCONT)


def uptime(machine):
    """(wall clock before it was asked for, and after; what it says)"""
    before = time.monotonic()
    said = float(machine.shell("cat /proc/uptime", 30).split()[0])
    return before, time.monotonic(), said


@pytest.mark.parametrize("runs, stands", BREAKS)
def test_the_clock_goes_right(runs, stands):
    with Qemu(*disk_arguments(SHELL_DISK)) as machine:
        booted = threading.Event()
        holder = threading.Thread(target=hold_up, args=(machine, booted, runs, stands))
        holder.start()
        try:
            machine.wait_shell(120)
        finally:
            booted.set()
            holder.join()
        _, first, begin = uptime(machine)
        time.sleep(10)
        last, _, end = uptime(machine)
    assert end - begin == pytest.approx(last - first, rel=0.02, abs=0.3)
