"""Every row of machines.toml: the kernel answers, all steps were made, all memory is there."""

import re

import pytest
import rows
from image import DISK

STEPS = list(range(1, 21))


def parameters():
    for row in rows.load():
        yield pytest.param(row, id=row["name"], marks=[pytest.mark.quick] if row.get("quick") else [])


@pytest.mark.parametrize("row", parameters())
def test_machine(row, image):
    path = image.cmdline(row["cmdline"]).path if "cmdline" in row else DISK
    with rows.start(row, path) as machine:
        machine.wait_ready(60)
        assert machine.steps() == STEPS
        total = int(re.search(r"^memory: (\d+) KB usable, \d+ KB reserved", machine.serial,
                              re.M).group(1))
        assert total == rows.expected_kilobytes(rows.ram_of(row, machine), rows.raw_map(machine))
