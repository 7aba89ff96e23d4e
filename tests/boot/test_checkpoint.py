"""`make checkpoint N=`: the system as of each chapter builds, boots, stops where it says, and has no more."""

import glob
import os
import re
import subprocess

import pytest
from image import REPOSITORY
from machine import PROMPT, SHELL
from qemu import Qemu
from rows import disk_arguments
from step import table

LAST = 28
SAMPLE = 13  # in `make test`: each of the others as well in `make test-full`
STEP = {step["name"]: step["number"] for step in table()}

# The last step that is made, by the first chapter of which that is so; without those in MISSING.
LAST_STEP = {3: "stage2", 4: "memory-map", 7: "gdt-load", 9: "ds-load", 12: "kernel-idt", 13: "kernel-cr3",
             14: "zap-identity", 20: "ring3", 22: "demand-zero", 24: "cow"}
MISSING = {"a20": 5, "kernel-loaded": 11}  # made out of order: from this chapter on
WORKS = {13: "pt c0100000", 16: "tlb", 18: "buddy", 19: "slab", 21: "ps", 22: "where 1"}  # from then on
# What programs say of the chapters whose end is the shell: the answer until this chapter, and from it on.
PROGRAMS = {25: ("race", r"lost 0; 0 switches by the clock(?s:.*)lost 0; 0 switches",
                 r"[1-9]\d* switches by the clock"),
            26: ("swapon /dev/hda2", "ENOSYS", "EBUSY"),
            27: ("oom", r"why: memory and swap were used up\r?\n", "The kernel has ended 1 of all programs")}
NOT_RUN = ("help", "reboot", "poweroff", "continue", "x", "sector", "segment", "fault")


def rows():
    with open(os.path.join(REPOSITORY, "include/ascent/chapters.def"), encoding="utf-8") as file:
        found = re.findall(r'^CHAPTER\( *(\d+), "([^"]*)", "([^"]*)",\s*"([^"]*)"\)', file.read(), re.M)
    return {int(number): (title, where, what) for number, title, where, what in found}


def build(number):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    subprocess.run(["make", "-s", "checkpoint-image", f"N={number}"], cwd=REPOSITORY, check=True,
                   capture_output=True, env=dict(environment, SETUP="no"))
    return os.path.join(REPOSITORY, f"build/checkpoint/{number:02d}.img")


def expected_steps(number):
    if number < 3:
        return []
    last = STEP[[name for first, name in sorted(LAST_STEP.items()) if first <= number][-1]]
    return [step for name, step in STEP.items()
            if step <= last and number >= MISSING.get(name, 0)]


def has_from(number):
    """The commands that are there in this checkpoint, and those that are not yet."""
    there = [command for first, command in WORKS.items() if number >= first]
    return there, [command for first, command in WORKS.items() if number < first]


def check_monitor(machine, number):
    """What it lists works; what belongs to a later chapter is unknown."""
    machine.wait_for("^" + PROMPT, 60)
    listed = re.findall(r"^  (\w+) ", machine.command("help"), re.M)
    for name in listed:
        if name not in NOT_RUN:
            assert "Kernel panic" not in machine.command(name), name
    there, later = has_from(number)
    for command in there:
        assert not re.match("no command|usage", machine.command(command)), command
    for command in later:
        assert machine.command(command).startswith("no command"), command


def check_programs(machine, number):
    for first, (program, without, with_it) in PROGRAMS.items():
        said = machine.shell(program, 60)
        assert re.search(with_it if number >= first else without, said), said


PARAMETERS = [pytest.param(number, marks=[pytest.mark.quick] if number == SAMPLE else [])
              for number in range(1, LAST + 1)]


@pytest.mark.xdist_group("checkpoint")
@pytest.mark.parametrize("number", PARAMETERS)
def test_checkpoint(number):
    title, where, what = rows()[number]
    with Qemu(*disk_arguments(build(number))) as machine:
        if number < 3:
            machine.wait_for(f"checkpoint {number:02d}: stage 1 runs at 0000:7C00", 30)
            return
        if where == "the shell":
            machine.wait_for("^" + SHELL, 60)
            assert machine.shell("echo this is $SHELL") == "this is /bin/sh"
            machine.shell("cow")
            check_programs(machine, number)
        else:
            machine.wait_for("make checkpoint N=", 60)
        if number < LAST:
            said = f"checkpoint {number:02d}: {title}\nnew: {what}\nIt stops at: {where}."
            assert said in machine.serial
        if number >= 12 and where != "the shell":
            check_monitor(machine, number)
        assert machine.steps() == expected_steps(number)


def test_a_row_for_each_chapter():
    """Its title is the chapter's, or the beginning of it."""
    for number, (title, _, _) in rows().items():
        (path,) = glob.glob(os.path.join(REPOSITORY, f"docs/{number:02d}-*.md"))
        with open(path, encoding="utf-8") as file:
            assert file.readline().startswith(f"# {number:02d}. {title}"), title
    assert sorted(rows()) == list(range(1, LAST + 1))


def test_no_such_chapter():
    for number in ("", "0", "29", "x", "-1"):
        asked = subprocess.run([os.path.join(REPOSITORY, "scripts/checkpoint-header"), number],
                               capture_output=True, text=True, check=False)
        assert asked.returncode == 1 and "1 to 28" in asked.stderr
