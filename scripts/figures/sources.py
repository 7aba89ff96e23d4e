"""What the figures take from the code: constants, steps, paging modes, and tables in comments."""

import os
import re

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

LAYOUT = "include/ascent/layout.h"
PLACES = ["STAGE1", "REAL", "PROTECTED", "PAGING", "HIGHER_HALF", "KERNEL", "RING3"]
BOOT_LAST = "irq-on"  # the steps that follow are the first program's


class Contradiction(Exception):
    """The code says other than a figure."""


def read(path):
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        return file.read()


def number(text, names):
    """The value of an expression of numbers, operators and known names; None if it is another."""
    text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]*\b", r"\1", text)
    text = re.sub(r"\b[A-Z]\w*\b", lambda word: str(names.get(word.group(), word.group())), text)
    if not re.fullmatch(r"(0x[0-9a-fA-F]+|\d+|[-+*/|&~() ]|<<|>>)+", text):
        return None
    return eval(text, {"__builtins__": {}})  # pylint: disable=eval-used


def defines(path):
    """{name: value} of the #define lines that are numbers."""
    values = {}
    for name, text in re.findall(r"^#define (\w+) +(.+?)(?: */\*.*)?$", read(path), re.M):
        value = number(text, values)
        if value is not None:
            values[name] = value
    return values


def steps():
    """[(number, name, place)] of a boot of our own kernel, in order."""
    last = number(re.search(r"#define STEPS (\d+)", read("include/ascent/steps.h")).group(1), {})
    found = [(int(n), name, place) for n, place, name in
             re.findall(r'^STEP\( *(\d+), *\w+, *(\w+), *"([^"]*)"',
                        read("include/ascent/steps.def"), re.M) if int(n) <= last]
    if not found or [n for n, _, _ in found] != list(range(1, len(found) + 1)):
        raise Contradiction("steps.def: no steps 1, 2, 3 and so on found")
    for _, name, place in found:
        if place not in PLACES:
            raise Contradiction(f"steps.def: step {name} is at {place}, which no figure knows")
    return found


def steps_of_boot():
    """The same without those of the first program."""
    found = steps()
    return found[:[name for _, name, _ in found].index(BOOT_LAST) + 1]


def paging_modes():
    """{mode: {"root_mask", "address_mask", "levels": [(name, shift, bits, large)]}}."""
    modes = {}
    for body in re.findall(r"^const struct paging_mode \w+ = \{\n(.*?)^\};",
                           read("kernel/mm/paging.c"), re.M | re.S):
        name = re.search(r'\.name = "(\w+)"', body).group(1)
        modes[name] = {
            "root_mask": int(re.search(r"\.root_mask = (\w+)", body).group(1), 16),
            "address_mask": int(re.search(r"\.address_mask = (\w+)", body).group(1), 16),
            "levels": [(level, int(shift), int(last).bit_length(), "PTE_LARGE" in table_bits)
                       for level, shift, last, table_bits in
                       re.findall(r'\{"(\w+)", (\d+), (\d+), ([^,]+),', body)],
        }
    return modes


def comment_rows(path, heading):
    """[(address or None, rest of the line)] of the table in a comment that holds `heading`."""
    comment = next(c for c in re.findall(r"/\*\n(.*?)\*/", read(path), re.S) if heading in c)
    rows = []
    for line in comment.splitlines():
        match = re.match(r" \*   ([0-9A-F]{8}|        )  (\S.*)$", line)
        if match:
            address, text = match.groups()
            rows.append((int(address, 16) if address.strip() else None, text))
    return rows


def kernel_segments():
    """[(name, rights)] of the PT_LOAD lines of the linker script."""
    bits = ((4, "R"), (2, "W"), (1, "X"))
    return [(name, "".join(letter for bit, letter in bits if int(flags) & bit))
            for name, flags in re.findall(r"(\w+) PT_LOAD FLAGS\((\d)\)", read("linker/kernel.ld"))]
