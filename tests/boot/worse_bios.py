"""The option ROM that makes a BIOS worse (optionrom/worse.asm): its modes, and pairs of them."""

import os
import subprocess
import tomllib

from image import REPOSITORY

FOLDER = os.path.join(REPOSITORY, "tests/boot/optionrom")
MEMORY = 128
# The three ways to be told how much memory there is, the two to read a disk, the two to know what CHS
# counts by, and what is said where none is left.
WAYS = {frozenset(["e820", "e801", "88"]): "E08", frozenset(["edd", "chs"]): "E(01|10)",
        frozenset(["edd", "geometry", "bpb"]): "E(01|10)"}


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
    for key in ("map", "memory", "serial", "cpu"):
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
    for key in ("map", "memory", "serial", "cpu"):
        if key in one or key in two:
            mode[key] = one.get(key, two.get(key))
    # One of them may keep the machine from where the other would stop it.
    errors = [part[key] for part in (one, two) for key in ("error", "or_error") if key in part]
    errors += [error for ways, error in WAYS.items() if ways <= set(mode["without"])]
    if errors:
        sure = len(errors) == 1 and ("error" in one or "error" in two)
        mode["error" if sure else "or_error"] = "|".join(errors)
    return mode


def pair(chosen):
    """Two modes by chance (random.Random) that go together, as one."""
    while True:
        one, two = chosen.sample(MODES, 2)
        if fit(one, two):
            return join(one, two)
