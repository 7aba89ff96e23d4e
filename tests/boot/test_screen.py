"""What a person sees who types `qemu-system-i386 -hda disk.img`."""

import gdb
import pytest
from image import DISK, SHELL_DISK
from qemu import Qemu
from rows import disk_arguments


@pytest.mark.quick
def test_the_shell():
    """A line says how to go on; the keyboard is the shell's, and calls the monitor."""
    with Qemu("-hda", SHELL_DISK, "-snapshot") as machine:
        machine.wait_shell()
        assert "\nA shell in ring 3. ls /bin shows what there is: " in machine.screen()
        assert machine.screen().rstrip().endswith("\n/ #")
        machine.keys("hello\r")
        machine.wait_screen("hello from hello, process ")
        machine.key("ctrl-bracket_right")
        machine.wait_screen("monitor>")
        machine.keys("continue\r")
        machine.wait_screen("monitor> continue\n")
        machine.keys("hello\r")
        machine.wait_screen("continue\nhello\n")


@pytest.mark.quick
def test_the_monitor():
    with Qemu("-hda", DISK, "-snapshot") as machine:
        machine.wait_ready()
        assert machine.screen().rstrip().endswith("monitor>")


@pytest.mark.quick
def test_keyboard(ready):
    ready.keys("x c00b8000 10\r")
    ready.wait_for(r"^c00b8000  [0-9a-f ]{48}")
    assert "monitor> x c00b8000 10" in ready.screen()


def test_without_serial_port():
    with Qemu("-serial", "none", "-hda", SHELL_DISK, "-snapshot", serial=False) as machine:
        machine.wait_screen("/ #")
        machine.key("alt-sysrq")
        machine.wait_screen("monitor>")
        machine.keys("va2pa c0100000\r")
        machine.wait_screen("physical 00100000")


def test_keyboard_after_a_careless_bios():
    """A BIOS that left the keyboard off, without interrupts: the kernel switches it on."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        # QEMU's monitor writes to the ports: command 60h to the controller, mode 10h.
        gdb.at(machine, "console_handover", "monitor o /b 0x64 0x60", "monitor o /b 0x60 0x10")
        machine.wait_ready()
        machine.keys("va2pa c0100000\r")
        machine.wait_for("^physical 00100000")
