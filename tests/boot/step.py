"""Driving a machine in step mode (docs/reference/step-protocol.md), and the table of the steps."""

import os
import sys

from image import MONITOR, REPOSITORY, Image

sys.path.insert(0, os.path.join(REPOSITORY, "scripts"))
from steps import NO_EFFECT_IN_V86, others, table  # noqa: E402,F401

WAIT = r"^@WAIT (\d\d)$"
BREAK = r"^@BREAK (\d\d)$"
LAST = 20  # of the boot; those of the first program follow, where there is one


def step_image(folder, cmdline=MONITOR):
    """disk.img with `step = 1` in BOOT.CFG; the checksums stay."""
    with open(os.path.join(REPOSITORY, "build/BOOT.CFG"), encoding="ascii") as file:
        before = file.read()
    config = before.replace("\ncmdline = \nstep = 0\n", f"\ncmdline = {cmdline}\nstep = 1\n")
    assert config != before
    return Image(folder).config(config).path


class Stepper:
    """Goes from stop to stop. `press` sends a key: over COM1 unless told otherwise."""

    def __init__(self, machine, press=None):
        self.machine = machine
        self.press = press or machine.send
        self.at = 0  # in the serial output

    def wait(self, pattern=WAIT, timeout=60):
        match = self.machine.wait_for(pattern, timeout, self.at)
        self.screen = self.machine.serial[self.at:match.start()]
        self.at = match.end()
        return int(match.group(1))

    def next(self):
        self.press(" ")

    def go_to(self, number):
        """Leaves the machine waiting at this step."""
        while (at := self.wait()) != number:
            assert at < number, f"step {number} was not shown"
            self.next()

    def break_it(self):
        self.press("b")
        self.wait(BREAK)
        self.press(" ")


def registers(line):
    """What an @STEP line says each register is now."""
    fields = dict(field.split("=") for field in line.split()[3:])
    return {name: value.split("->")[-1] for name, value in fields.items()}
