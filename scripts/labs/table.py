"""The labs: what labs/NN-name/lab.toml says of each."""

import glob
import os
import tomllib
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STRENGTHS = ("a nudge", "a direction", "nearly all of it")


class Problem(Exception):
    """What whoever typed the command has to put right."""


@dataclass
class Lab:
    number: int
    name: str      # of its folder in labs/
    title: str
    chapter: str   # of docs/, without .md
    files: list    # what a learner changes and hands in
    missing: str   # what the machine says while the part is not there
    hints: list    # one of each of STRENGTHS
    points: dict   # test -> points; in the order in which they are told
    stub: list     # text in place of each marked part, in the order of `files`
    given: list = field(default_factory=list)  # what else is different while it is not there
    needs: list = field(default_factory=list)  # more than disk.img to be built

    @property
    def folder(self):
        return os.path.join(ROOT, "labs", self.name)

    @property
    def total(self):
        return sum(self.points.values())


def read(folder):
    with open(os.path.join(folder, "lab.toml"), "rb") as file:
        data = tomllib.load(file)
    name = os.path.basename(folder)
    return Lab(number=int(name[:2]), name=name, **data)


def all_labs():
    return [read(os.path.dirname(path))
            for path in sorted(glob.glob(os.path.join(ROOT, "labs", "[0-9][0-9]-*", "lab.toml")))]


def this_lab():
    """The number of the lab that this tree was made for, or None: it is the whole source."""
    try:
        with open(os.path.join(ROOT, ".lab"), encoding="ascii") as file:
            return int(file.read().split()[0])
    except FileNotFoundError:
        return None


def find(number):
    """The lab with this number, given as text; in a learner's checkout none need be given."""
    text = str(number or this_lab() or "")
    labs = {lab.number: lab for lab in all_labs()}
    if not text.isdigit() or int(text) not in labs:
        numbers = f"{min(labs)} to {max(labs)}" if labs else "none"
        raise Problem(f"which lab? There are {numbers}: make lab N=1, make grade LAB=1"
                      if not text else f"there is no lab {text}; there are {numbers}")
    return labs[int(text)]
