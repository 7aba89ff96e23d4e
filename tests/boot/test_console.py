"""COM1: wherever the BIOS says that it is, and each letter once, whoever else writes there."""

import re

import gdb
import pytest
from image import DISK
from qemu import Qemu
from rows import disk_arguments
from step import Stepper, step_image

# A word that begins a line which everybody's loader and kernel print once.
LINES = ("Ascent", "memory: ", "kernel: ", "initrd: ", "disk: ", "worked around: COM1 by BIOS")


@pytest.fixture(params=["no display", "display too"])
def console_on_com1(request, tmp_path):
    """Arguments for a machine whose firmware prints on COM1 what it prints."""
    if request.param == "no display":
        return ["-M", "pc,graphics=off"]
    port = tmp_path / "port"
    port.write_bytes(b"\xf8\x03")
    return ["-fw_cfg", f"name=etc/sercon-port,file={port}"]


def from_loader(machine):
    """What the loader sent, and that it is nothing but text."""
    text = machine.serial[machine.serial.index("Hard Disk"):].split("\n", 1)[1]
    assert not [c for c in text if c != "\n" and not " " <= c < "\x7f"], text[:500]
    return text


@pytest.mark.quick
def test_each_letter_once(console_on_com1):
    with Qemu(*console_on_com1, *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        loader = from_loader(machine).split("@STEP 15")[0].splitlines()
        assert len(machine.steps()) == 20
        texts = [line for line in loader if line and not line.startswith("@STEP")]
        assert len(texts) == len(LINES)
        assert all(line.startswith(start) for line, start in zip(texts, LINES)), texts
        if "-fw_cfg" in console_on_com1:
            assert "disk: 80h by EDD, 127 sectors a call" in machine.screen()


@pytest.mark.quick
def test_code_of_an_error(console_on_com1, image):
    image.config("kernel = BOOT/NOTHING.ELF\n")
    with Qemu(*console_on_com1, *disk_arguments(image.path)) as machine:
        machine.wait_for(r"^E14 fat: file not found \(BOOT/NOTHING.ELF\)$")
        machine.wait_for("^Copy the file back, or correct its path in BOOT.CFG. Names are 8.3.$")
        assert len(re.findall("E14", from_loader(machine))) == 1
        if "-fw_cfg" in console_on_com1:
            machine.wait_screen("\nE14 fat: file not found (BOOT/NOTHING.ELF)\n")


def test_keys_in_step_mode(console_on_com1, tmp_path):
    """What the BIOS sends while nobody should hear it is not taken for keys."""
    with Qemu(*console_on_com1, *disk_arguments(step_image(tmp_path))) as machine:
        stepper = Stepper(machine)
        for number in range(1, 21):
            assert stepper.wait() == number
            stepper.next()
        machine.wait_ready()


@pytest.mark.quick
def test_typed_byte_is_no_console():
    """A byte that comes while the loader listens for the BIOS is somebody who types: an S counts."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "serial_loop_end", f"monitor o /b 0x3f8 {ord('s')}")
        stepper = Stepper(machine)
        assert stepper.wait() == 1
        stepper.next()
        assert stepper.wait() == 2
        machine.send("r")
        machine.wait_ready()
        assert "COM1 by BIOS" not in machine.serial


DIVISOR_96 = 12  # 9600 baud


def divisor(machine, value=None):
    """The UART's divisor, read or written by QEMU's monitor: registers 0 and 1 while DLAB is set."""
    machine.hmp("o /b 0x3fb 0x83")
    if value is not None:
        machine.hmp(f"o /b 0x3f8 {value}")
    low = int(machine.hmp("i /b 0x3f8").split("=")[1], 16)
    machine.hmp("o /b 0x3fb 0x03")
    return low


@pytest.mark.parametrize("arguments, baud", [([], 1), (["-M", "pc,graphics=off"], DIVISOR_96)])
def test_speed(arguments, baud):
    """115200 baud, but for a console of the firmware: who reads it has its speed."""
    with Qemu(*arguments, *disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "console_init", "monitor o /b 0x3fb 0x83",
               f"monitor o /b 0x3f8 {DIVISOR_96}", "monitor o /b 0x3fb 3")
        machine.wait_ready()
        assert divisor(machine) == baud


@pytest.mark.quick
def test_port_of_the_bios(tmp_path):
    """A machine with a port at 2F8h only: the BIOS calls it COM1, and so do we, steps and all."""
    with Qemu(*disk_arguments(step_image(tmp_path)), serial="com2 alone") as machine:
        stepper = Stepper(machine)
        stepper.go_to(2)
        stepper.next()
        stepper.go_to(20)
        stepper.next()
        machine.wait_ready()
        assert machine.command("va2pa c0100000").startswith("linear   c0100000")


def test_a_bios_without_com1():
    """It names no port, but there is one at 3F8h."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "console_init", "set {short}0x400 = 0")
        machine.wait_ready()


def test_a_port_that_is_not_there():
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "console_init", "set {short}0x400 = 0x3e8")
        machine.wait_ready()
