"""What a person sees who types `qemu-system-i386 -hda disk.img`."""

import pytest
from image import DISK
from qemu import Qemu


@pytest.mark.quick
def test_prompt_on_the_screen():
    with Qemu("-hda", DISK, "-snapshot") as machine:
        machine.wait_ready()
        assert machine.screen().rstrip().endswith("monitor>")


@pytest.mark.quick
def test_keyboard(ready):
    ready.keys("x c00b8000 10\r")
    ready.wait_for(r"^c00b8000  [0-9a-f ]{48}")
    assert "monitor> x c00b8000 10" in ready.screen()


def test_without_serial_port():
    with Qemu("-serial", "none", "-hda", DISK, "-snapshot", serial=False) as machine:
        machine.wait_screen("monitor>")
        machine.keys("va2pa c0100000\r")
        machine.wait_screen("physical 00100000")
