"""A BIOS made worse (optionrom/worse.asm): the loader copes, or says what is wrong."""

import os
import re
import subprocess
import tomllib

import pytest
import rows
from image import DISK, REPOSITORY
from test_machines import STEPS

FOLDER = os.path.join(REPOSITORY, "tests/boot/optionrom")


def load():
    with open(os.path.join(FOLDER, "modes.toml"), "rb") as file:
        return tomllib.load(file)["modes"]


def build(mode, folder):
    """Assembles the ROM of a mode; its bytes add up to 0, as the BIOS wants it."""
    path = os.path.join(str(folder), mode["name"] + ".rom")
    subprocess.run(["nasm", "-f", "bin", "-o", path, os.path.join(FOLDER, "worse.asm")]
                   + ["-D" + define for define in mode["define"]], check=True)
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(-1, os.SEEK_END)
        file.write(bytes([-sum(data) % 256]))
    return path


def parameters():
    for mode in load():
        yield pytest.param(mode, id=mode["name"], marks=[pytest.mark.quick] if mode.get("quick") else [])


@pytest.mark.parametrize("mode", parameters())
def test_worse_bios(mode, tmp_path):
    row = {"args": ["-option-rom", build(mode, tmp_path)]}
    with rows.start(row, DISK) as machine:
        if "error" in mode:
            machine.wait_for("^" + mode["error"] + " ", 60)
            machine.wait_screen(mode["error"] + " ")
            assert 15 not in machine.steps()
            return
        machine.wait_ready(60)
        assert mode.get("says", "") in machine.serial
        assert worked_around(machine) == mode.get("worked_around", worked_around(machine))
        assert machine.steps() == STEPS
        check_memory(machine)


def worked_around(machine):
    """What the loader says that it worked around; the kernel says the same."""
    loader, kernel = ([line for line in part.splitlines() if line.startswith("worked around: ")]
                      for part in machine.serial.split("@STEP 15"))
    assert loader == kernel and len(loader) <= 1
    return "".join(loader).removeprefix("worked around: ")


def check_memory(machine):
    total = int(re.search(r"^memory: (\d+) KB usable, \d+ KB reserved", machine.serial,
                          re.M).group(1))
    raw = rows.raw_map(machine)
    ram = rows.ram_of({}, machine)
    if not re.search("from INT 15h E820", machine.serial) or "did not fit" in machine.serial:
        ram = [(base, end) for base, end, kind in raw if kind == 1]  # sizes are all there is
    expected = rows.expected_kilobytes(ram, raw)
    if "did not fit" in machine.serial:  # the loader's own ranges took the place of the last ones
        assert expected - 96 <= total <= expected
    else:
        assert total == expected
