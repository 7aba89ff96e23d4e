"""Every row of machines.toml: a shell and the kernel answer, all steps were made, all memory is there."""

import re

import pytest
import rows
from image import SHELL_DISK
from machine import SHELL
from step import table

STEPS = [step["number"] for step in table()]


def parameters():
    for row in rows.load():
        yield pytest.param(row, id=row["name"], marks=[pytest.mark.quick] if row.get("quick") else [])


@pytest.mark.parametrize("row", parameters())
def test_machine(row, image):
    path = SHELL_DISK
    if "cmdline" in row:
        path = image.shell(row["cmdline"]).path
    if row.get("disk") == "floppy":
        path = image.floppy().path
    with rows.start(row, path) as machine:
        ready = "^@READY init$"
        if "or_error" in row and machine.wait_for(ready + "|^E[0-9][0-9] ", 60).group()[0] == "E":
            machine.wait_for(f"^({row['or_error']}) ")
            return
        # @READY and the @STEP lines are for COM1 alone.
        machine.wait_for("^" + SHELL, 60)
        assert re.search("^Ascent$", machine.serial, re.M), "each letter once"
        if "serial" in row:
            return
        assert re.search(ready, machine.serial, re.M)
        assert machine.shell("echo this is $SHELL") == "this is /bin/sh"
        assert machine.steps() == STEPS
        machine.call_monitor()
        total = int(re.search(r"^memory: (\d+) KB usable, \d+ KB reserved", machine.serial,
                              re.M).group(1))
        assert total == rows.expected_kilobytes(rows.ram_of(row, machine), rows.raw_map(machine))
