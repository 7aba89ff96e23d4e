"""CR4 where it may not be there: a 486 with CPUID, which has no feature that CR4 switches on."""

import re

import other_kernels
import pytest
from image import DISK
from qemu import Qemu
from rows import disk_arguments
from worse_bios import build

LEFT_BY_THE_FIRMWARE = 0x8  # CR4.DE, which changes nothing here


@pytest.mark.quick
def test_not_touched_on_a_486_with_cpuid(tmp_path):
    """QEMU has CR4 on every processor: so what was in it is still there at the end."""
    rom = build({"define": [f"BOOT_CR4={LEFT_BY_THE_FIRMWARE}"]}, tmp_path)
    with Qemu("-cpu", "486,-vme,-pse", "-option-rom", rom, *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        assert set(re.findall(r"^@STEP .* cr4=(\S+) ", machine.serial, re.M)) == {"00000000"}
        assert f"CR4={LEFT_BY_THE_FIRMWARE:08x}" in machine.hmp("info registers")


def test_nothing_is_left_of_what_the_firmware_set(tmp_path):
    rom = build({"define": [f"BOOT_CR4={LEFT_BY_THE_FIRMWARE}"]}, tmp_path)
    with Qemu("-cpu", "pentium", "-option-rom", rom, *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        assert re.search(r"^@STEP 13 .* cr4=00000008->00000010 ", machine.serial, re.M)


PAE = 0x20


@pytest.mark.parametrize("kernel", [other_kernels.multiboot(), other_kernels.linux()],
                         ids=["multiboot", "linux"])
def test_other_kernels_find_none_of_it(image, tmp_path, kernel):
    """They set CR0.PG themselves, and with CR4.PAE their tables would be read as others."""
    image.write_file("BOOT/OTHER", kernel).config("kernel = BOOT/OTHER\n")
    rom = build({"define": [f"BOOT_CR4={PAE}"]}, tmp_path)
    with Qemu("-cpu", "max", "-option-rom", rom, *disk_arguments(image.path)) as machine:
        machine.wait_for("^!$")
        assert " cr4=00000020 " in machine.serial
        assert "CR4=00000000" in machine.hmp("info registers")
