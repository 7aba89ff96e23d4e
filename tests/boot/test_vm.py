"""The monitor's view of a process: areas, pages and page tables agree with each other, with the program's
file and with what QEMU finds in memory."""

import os
import re

import pytest
from image import REPOSITORY, Image
from qemu import Qemu
from rows import disk_arguments

MODES = {"classic": [], "pae": ["-cpu", "max"]}
PROMPT = r"/ # \Z"
MONITOR = "\x1d"  # Ctrl+]
LOADED_AT = 0x08048000  # user/user.mk: file offset 0


@pytest.fixture(scope="module", params=MODES)
def machine(request, tmp_path_factory):
    image = Image(tmp_path_factory.mktemp("vm"))
    image.initrd("build/initrd-user.cpi", f"paging={request.param} norandmaps")
    with Qemu(*MODES[request.param], *disk_arguments(image.path)) as machine:
        machine.wait_for(PROMPT)
        machine.send(MONITOR)
        machine.wait_for(r"monitor> \Z")
        yield machine


def areas(machine):
    """[(start, rights, name)] of process 1."""
    found = re.findall(r"^([0-9a-f]{8})-[0-9a-f]{8} (\S{4}) +\d+ KB  (\S+)$", machine.command("vm 1"), re.M)
    return [(int(start, 16), rights, name) for start, rights, name in found]


def pages(machine, start):
    """{address: (frame, users, rights, why)} of the area that has this address."""
    rows = re.findall(r"^  ([0-9a-f]{8}) frame +([0-9a-f]+) x(\d+) +(\S{5})  (.*)$",
                      machine.command(f"vm 1 {start:x}"), re.M)
    return {int(at, 16): (int(frame, 16), int(users), rights, why)
            for at, frame, users, rights, why in rows}


def physical(machine, address):
    found = re.search(r"^physical ([0-9a-f]+), 4 KB page, (\S+), user$",
                      machine.command(f"pt {address:x} 1"), re.M)
    return int(found[1], 16), found[2]


@pytest.mark.quick
def test_areas(machine):
    assert [(rights, name) for _, rights, name in areas(machine)] == [
        ("r--p", "/init"), ("r-xp", "/init"), ("r--p", "/init"), ("rw-p", "anonymous"), ("rw-p", "stack")]


@pytest.mark.quick
def test_code_is_the_file(machine):
    with open(os.path.join(REPOSITORY, "build/user/init"), "rb") as file:
        program = file.read()
    code = next(start for start, rights, _ in areas(machine) if rights == "r-xp")
    found = pages(machine, code)
    assert found
    for address, (frame, users, rights, why) in found.items():
        assert physical(machine, address)[0] == frame << 12
        assert rights.startswith("r-x") and why == "the file's: copied when written to"
        assert users >= 2  # the file's own reference, and this entry's
        part = program[address - LOADED_AT:][:4096]
        assert machine.read_physical(frame << 12, len(part)) == part


@pytest.mark.quick
def test_stack_is_its_own(machine):
    stack = next(start for start, _, name in areas(machine) if name == "stack")
    (address, (frame, users, rights, why)), = pages(machine, stack).items()
    assert (users, why) == (1, "its own: written to")
    assert rights[:2] == "rw" and "D" in rights
    assert physical(machine, address)[0] == frame << 12
    assert b"/init\0" in machine.read_physical(frame << 12, 4096)


@pytest.mark.quick
def test_what_is_not_there(machine):
    assert machine.command("vm 99").strip() == "no process 99"
    assert machine.command("pt 0 99").strip() == "no process 99 with an address space of its own"
    assert "no area has 00000000" in machine.command("vm 1 0")
    assert "kernel thread" in machine.command("vm 0")
    assert "usage: vm" in machine.command("vm x")
