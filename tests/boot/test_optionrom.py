"""A BIOS made worse (optionrom/worse.asm): the loader copes, or says what is wrong.

Each mode alone, and pairs of them by chance: SEED=number chooses other pairs.
"""

import os
import random
import re

import pytest
import rows
from image import DISK
from worse_bios import MAPS, MEMORY, MODES, build, pair

SEED = int(os.environ.get("SEED", "8"))
PAIRS, PAIRS_QUICK = 100, 6
STEPS = list(range(1, 21))  # this disk has no first program
KB = 1024


def parameters():
    for mode in MODES:
        yield pytest.param(mode, id=mode["name"],
                           marks=[pytest.mark.quick] if mode.get("quick") else [])
    chosen = random.Random(SEED)
    for number in range(PAIRS):
        mode = pair(chosen)
        yield pytest.param(mode, id=f"seed{SEED}-{number:02d}-{mode['name']}",
                           marks=[pytest.mark.quick] if number < PAIRS_QUICK else [])


def start(mode, folder):
    row = {"args": ["-option-rom", build(mode, folder)], "memory": mode.get("memory", MEMORY)}
    if "cpu" in mode:
        row["cpu"] = mode["cpu"]
    return rows.start(row, DISK, serial=mode.get("serial", True))


@pytest.mark.parametrize("mode", parameters())
def test_worse_bios(mode, tmp_path):
    with start(mode, tmp_path) as machine:
        errors = mode.get("error") or mode.get("or_error")
        found = machine.wait_for("^monitor> |^E[0-9][0-9] ", 30)
        if found.group()[0] == "E":
            assert errors, machine.serial[-2000:]
            assert re.match(errors, found.group()), found.group()
            machine.wait_screen(found.group())
            assert 15 not in machine.steps()
            return
        assert "error" not in mode, "this is not to boot"
        assert re.search(mode.get("says", ""), machine.serial, re.M)
        check_memory(mode, machine)
        if "serial" not in mode:
            assert machine.steps() == STEPS
            assert worked_around(machine) == mode.get("worked_around", worked_around(machine))


def test_long_mode_left_on(tmp_path):
    """EFER.LME as firmware leaves it that runs in long mode itself; only such a processor has it."""
    rom = build({"define": ["BOOT_EFER=100h"]}, tmp_path)
    with rows.start({"args": ["-option-rom", rom], "program": "qemu-system-x86_64"}, DISK) as machine:
        machine.wait_ready()
        assert machine.steps() == STEPS


def worked_around(machine):
    """What the loader says that it worked around; the kernel says the same."""
    loader, kernel = ([line for line in part.splitlines() if line.startswith("worked around: ")]
                      for part in machine.serial.split("@STEP 15"))
    assert loader == kernel and len(loader) <= 1
    return "".join(loader).removeprefix("worked around: ")


def check_memory(mode, machine):
    total = int(re.search(r"^memory: (\d+) KB usable, \d+ KB reserved", machine.serial,
                          re.M).group(1))
    if re.search("from INT 15h E820", machine.serial) and "map" in mode:
        raw = [(base, base + length, kind) for base, length, kind in MAPS[mode["map"]]]
    elif mode.get("serial") == "debugcon":
        return  # nobody to ask
    else:
        raw = rows.raw_map(machine)
    claimed = [(base, end) for base, end, kind in raw if kind == 1]
    missing = rows.subtract(claimed, *rows.HOLE)
    for there in machine.ram():
        missing = rows.subtract(missing, *there)
    said = re.findall(r"^memory: \d+ KB from ([0-9a-f]+) on are not there, though the BIOS claims them$",
                      machine.serial, re.M)
    assert [int(base, 16) for base in said] == [base for base, _ in rows.merge(missing)]
    for gone in missing:
        claimed = rows.subtract(claimed, *gone)
    expected = rows.expected_kilobytes(claimed, raw)
    assert expected - mode.get("kilobytes_lost", 0) <= total <= expected
