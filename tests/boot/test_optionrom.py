"""A BIOS made worse (optionrom/worse.asm): the loader copes, or says what is wrong.

Each mode alone, and pairs of them by chance: SEED=number chooses other pairs.
"""

import os
import random
import re
import subprocess
import tomllib

import pytest
import rows
from image import DISK, REPOSITORY
from test_machines import STEPS

FOLDER = os.path.join(REPOSITORY, "tests/boot/optionrom")
SEED = int(os.environ.get("SEED", "8"))
PAIRS, PAIRS_QUICK = 100, 6
MEMORY = 128
KB = 1024
# The three ways to be told how much memory there is, the two to read a disk, and what is said
# where none is left.
WAYS = {frozenset(["e820", "e801", "88"]): "E08", frozenset(["edd", "chs"]): "E(01|10)"}


def load():
    with open(os.path.join(FOLDER, "modes.toml"), "rb") as file:
        data = tomllib.load(file)
    maps = data["maps"]
    maps["200-adjacent"] = ([[0, 0x9FC00, 1], [0x9FC00, 0x400, 2]]
                            + [[0x100000 + i * 0x80000, 0x80000, 1] for i in range(200)])
    maps["200-ranges"] = ([[0, 0x9FC00, 1], [0x9FC00, 0x400, 2], [0x100000, 0x4000000, 1]]
                          + [[0x5000000 + i * 0x10000, 0x8000, 1] for i in range(200)])
    # Small ones first: who keeps the first 100 has 19 MB of 1 GB.
    maps["103-ranges"] = ([[0, 0x9FC00, 1], [0x9FC00, 0x400, 2], [0x100000, 0x1000000, 1]]
                          + [[0x2000000 + i * 0x10000, 0x8000, 1 + i % 2] for i in range(98)]
                          + [[0x3000000, 0x3CFE0000, 1], [0x3FFE0000, 0x20000, 2]])
    return data["modes"], maps


MODES, MAPS = load()


def build(mode, folder):
    """Assembles the ROM of a mode; its bytes add up to 0, as the BIOS wants it."""
    path = os.path.join(str(folder), "worse.rom")
    defines = list(mode.get("define", []))
    if "map" in mode:
        defines.append("MAP")
        with open(os.path.join(str(folder), "map.inc"), "w", encoding="ascii") as file:
            file.writelines("range 0%Xh, 0%Xh, 0%Xh\n" % tuple(entry) for entry in MAPS[mode["map"]])
    subprocess.run(["nasm", "-f", "bin", "-i", FOLDER + "/", "-i", str(folder) + "/", "-o", path,
                    os.path.join(FOLDER, "worse.asm")] + ["-D" + define for define in defines],
                   check=True)
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(-1, os.SEEK_END)
        file.write(bytes([-sum(data) % 256]))
    return path


# Pairs.


def settings(mode):
    """What a mode fixes: two that fix the same thing differently do not go together."""
    fixed = dict((define + "=").split("=")[:2] for define in mode.get("define", []))
    for key in ("map", "memory", "serial"):
        if key in mode:
            fixed[key] = mode[key]
    if "map" in mode:
        fixed.setdefault("memory", MEMORY)
        fixed.setdefault("NO_E820", None)
        fixed.setdefault("NO_INT15", None)
    return fixed


def fit(one, two):
    a, b = settings(one), settings(two)
    return all(b[key] == value for key, value in a.items() if key in b)


def join(one, two):
    """The mode that is both."""
    mode = {"name": one["name"] + "+" + two["name"]}
    mode["define"] = list(dict.fromkeys(one.get("define", []) + two.get("define", [])))
    mode["without"] = sorted(set(one.get("without", [])) | set(two.get("without", [])))
    mode["kilobytes_lost"] = one.get("kilobytes_lost", 0) + two.get("kilobytes_lost", 0)
    for key in ("map", "memory", "serial"):
        if key in one or key in two:
            mode[key] = one.get(key, two.get(key))
    # One of them may keep the machine from where the other would stop it.
    errors = [part[key] for part in (one, two) for key in ("error", "or_error") if key in part]
    errors += [error for ways, error in WAYS.items() if ways <= set(mode["without"])]
    if errors:
        sure = len(errors) == 1 and ("error" in one or "error" in two)
        mode["error" if sure else "or_error"] = "|".join(errors)
    return mode


def pairs(count):
    chosen = random.Random(SEED)
    found = {}
    while len(found) < count:
        one, two = chosen.sample(MODES, 2)
        if fit(one, two):
            found.setdefault("+".join(sorted((one["name"], two["name"]))), join(one, two))
    return list(found.values())


def parameters():
    for mode in MODES:
        yield pytest.param(mode, id=mode["name"],
                           marks=[pytest.mark.quick] if mode.get("quick") else [])
    for number, mode in enumerate(pairs(PAIRS)):
        yield pytest.param(mode, id=f"seed{SEED}-{number:02d}-{mode['name']}",
                           marks=[pytest.mark.quick] if number < PAIRS_QUICK else [])


# The machine.


def start(mode, folder):
    row = {"args": ["-option-rom", build(mode, folder)], "memory": mode.get("memory", MEMORY)}
    return rows.start(row, DISK, serial=mode.get("serial", True))


@pytest.mark.parametrize("mode", parameters())
def test_worse_bios(mode, tmp_path):
    with start(mode, tmp_path) as machine:
        errors = mode.get("error") or mode.get("or_error")
        found = machine.wait_for("^@READY$|^E[0-9][0-9] ", 30)
        if found.group() != "@READY":
            assert errors, machine.serial[-2000:]
            assert re.match(errors, found.group()), found.group()
            machine.wait_screen(found.group())
            assert 15 not in machine.steps()
            return
        assert "error" not in mode, "this is not to boot"
        machine.wait_ready(60)
        assert re.search(mode.get("says", ""), machine.serial)
        check_memory(mode, machine)
        if "serial" not in mode:
            assert machine.steps() == STEPS
            assert worked_around(machine) == mode.get("worked_around", worked_around(machine))


def worked_around(machine):
    """What the loader says that it worked around; the kernel says the same."""
    loader, kernel = ([line for line in part.splitlines() if line.startswith("worked around: ")]
                      for part in machine.serial.split("@STEP 15"))
    assert loader == kernel and len(loader) <= 1
    return "".join(loader).removeprefix("worked around: ")


def check_memory(mode, machine):
    total = int(re.search(r"^memory: (\d+) KB usable, \d+ KB reserved", machine.serial,
                          re.M).group(1))
    ram = machine.ram()
    if re.search("from INT 15h E820", machine.serial) and "map" in mode:
        raw = [(base, base + length, kind) for base, length, kind in MAPS[mode["map"]]]
        ram = [(base, end) for base, end, kind in raw if kind == 1]
    elif mode.get("serial") == "debugcon":
        return  # nobody to ask
    else:
        raw = rows.raw_map(machine)
        if not re.search("from INT 15h E820", machine.serial):  # sizes are all there is
            assert all(any(first <= base and end <= last for first, last in rows.merge(ram))
                       for base, end, kind in raw if kind == 1 and base >= 1024 * KB)
            ram = [(base, end) for base, end, kind in raw if kind == 1]
    expected = rows.expected_kilobytes(ram, raw)
    assert expected - mode.get("kilobytes_lost", 0) <= total <= expected
