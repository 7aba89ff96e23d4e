"""Text that others have written: control characters in it erase nothing and forge nothing.

BOOT.CFG may not have those below blank (E49); from 80h on, a terminal takes some for control
characters too (ECMA-48 §5.3).
"""

import re

import pytest
from image import KERNEL
from qemu import Qemu
from rows import disk_arguments
from step import Stepper

# Clears the screen, goes home, goes to the next line, and looks like ours.
BAD = b"\x9b2J\x9bH\x85@READY\x85\xff"
SHOWN = r"\x9B2J\x9BH\x85@READY\x85\xFF"


def clean(machine):
    """What has come on COM1, byte by byte: nothing but text and the ends of lines."""
    return not [c for c in machine.serial if c != "\n" and not " " <= c < "\x7f"]


@pytest.mark.quick
def test_path_in_an_error(image):
    image.write_file("BOOT/BOOT.CFG", b"kernel = BOOT/" + BAD + b"\n")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^E14 fat: file not found")
        machine.wait_for("^Copy the file back")
        assert "BOOT/" + SHOWN in machine.serial and clean(machine)
        machine.wait_screen("E14 fat: file not found")
        assert "BOOT/" + SHOWN in machine.screen().replace("\n", "")


@pytest.mark.quick
def test_command_line(image):
    image.write_file("BOOT/BOOT.CFG", b"kernel = BOOT/KERNEL.ELF\ncmdline = paging=" + BAD + b"\n")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_ready()
        assert f"warning: paging={SHOWN[:4]}" in machine.serial and clean(machine)


def test_path_on_a_step_screen(image):
    image.patch(image.find("INITRD  CPI"), b"\x9b")
    image.write_file("BOOT/BOOT.CFG",
                     b"kernel = BOOT/KERNEL.ELF\ninitrd = BOOT/\x9bNITRD.CPI\nstep = 1\n")
    with Qemu(*disk_arguments(image.path)) as machine:
        stepper = Stepper(machine)
        stepper.go_to(6)
        assert re.search(r"^  [0-9A-F]{8}-[0-9A-F]{8} BOOT/\\x9BNITRD\.CPI$", stepper.screen, re.M)


@pytest.mark.quick
def test_names_of_symbols(image):
    with open(KERNEL, "rb") as file:
        kernel = file.read()
    assert kernel.count(b"\0monitor_main\0") == 1
    image.kernel(kernel.replace(b"\0monitor_main\0", b"\0\n@FORGED\nabc\0"))
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_ready()
        machine.send("fault ud\r")
        machine.wait_for("^System halted")
        assert r"\x0A@FORGED\x0Aabc+0x" in machine.serial
        assert "\n@FORGED" not in machine.serial and clean(machine)
