#!/usr/bin/python3
"""steps.py: the table of steps (include/ascent/steps.def) with the line of source of each, and what
the image was made from, for scripts and tests that import it. Run by itself it prints the table as
JSON."""

import functools
import glob
import json
import os
import re
import subprocess
import zlib

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEYS = ("number", "id", "place", "name", "happened", "without", "breaks", "outcome", "end")

# v86 has no A20 gate, and its real mode does not look at the limit of the IDT: there, what B breaks at
# these steps has no effect, and the boot goes on.
NO_EFFECT_IN_V86 = ("a20", "irq-off")


# Behind these a kernel of another kind runs.
LAST_OF_OTHERS = ("multiboot-entry", "linux-entry", "linux-real")


def sources():
    """{("FILE" | "LINE" | "CODE", id): value}, as scripts/step-sources finds them."""
    patterns = ("stage1/*.asm", "stage2/*.asm", "stage2/*.c", "kernel/*/*.asm", "kernel/*/*.c",
                "user/lib/*.asm")
    paths = sorted(path for pattern in patterns for path in glob.glob(pattern, root_dir=REPOSITORY))
    header = subprocess.run(["scripts/step-sources", *paths], cwd=REPOSITORY, check=True, text=True,
                            capture_output=True).stdout
    return {(kind, step): value.strip('"') for kind, step, value
            in re.findall(r"^#define STEP_(FILE|LINE|CODE)_(\w+) (.*)$", header, re.M)}


def places():
    """{id: how the screen names it}, in order."""
    with open(os.path.join(REPOSITORY, "include/ascent/steps.h"), encoding="utf-8") as file:
        return dict(re.findall(r'^    PLACE\((\w+), "([^"]*)"\)', file.read(), re.M))


def jumps():
    """The ids of the steps at which EIP leads to another place."""
    with open(os.path.join(REPOSITORY, "include/ascent/steps.h"), encoding="utf-8") as file:
        text = re.search(r"#define STEP_JUMPS(.*?)\)\n", file.read(), re.S).group(1)
    return re.findall(r"1u << STEP_(\w+)", text)


def last():
    """The number of our own kernel's last step; those behind it are of the start of other kernels."""
    with open(os.path.join(REPOSITORY, "include/ascent/steps.h"), encoding="utf-8") as file:
        return int(re.search(r"#define STEPS (\d+)", file.read()).group(1))


def table():
    """The rows of a boot of our own kernel, as dictionaries; for reading only."""
    return [step for step in rows_of_table() if step["number"] <= last()]


def others():
    """The rows of a start of other kernels (stage2/kernel_kind.h)."""
    return [step for step in rows_of_table() if step["number"] > last()]


@functools.cache
def rows_of_table():
    with open(os.path.join(REPOSITORY, "include/ascent/steps.def"), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    rows = re.findall(r"^STEP\(\s*(\d+), (\w+), (\w+), " + r",\s*".join(['"([^"]*)"'] * 6) + r"\)",
                      text, re.M)
    source, jump = sources(), jumps()
    return [dict(zip(KEYS, row), number=int(row[0]), file=source["FILE", row[1]],
                 line=int(source["LINE", row[1]]), code=source["CODE", row[1]],
                 jump=row[1] in jump) for row in rows]


def made_from():
    """Checksums of the three programs in build/, and the compiler that made them."""
    crc = {}
    for name in ("stage1.bin", "stage2.bin", "KERNEL.ELF"):
        with open(os.path.join(REPOSITORY, "build", name), "rb") as file:
            crc[name] = f"{zlib.crc32(file.read()):08x}"
    with open(os.path.join(REPOSITORY, "build/kernel.elf"), "rb") as file:
        compiler = re.search(rb"GNU C\d+ [\d.]+|clang version [\d.]+", file.read())
    return {**crc, "compiler": compiler[0].decode() if compiler else "unknown"}


if __name__ == "__main__":
    ends = [step["number"] for step in others() if step["name"] in LAST_OF_OTHERS]
    print(json.dumps({"places": places(), "steps": table(), "others": others(), "lastOfOthers": ends},
                     indent=1))
