"""Other kernels than ours: the example of the documentation, very large ones, and an initrd."""

import os
import zlib

import pytest
from image import EXIT_CODE, REPOSITORY, elf
from qemu import Qemu
from rows import disk_arguments

MB = 1024 * 1024
HALT = bytes([0xFA, 0xF4, 0xEB, 0xFC])  # cli; hlt; jmp


@pytest.mark.quick
def test_example_kernel(image):
    with open(os.path.join(REPOSITORY, "build/hello.elf"), "rb") as file:
        image.kernel(file.read(), cmdline="from the tests")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("hello, higher half: [0-9]+ KB of memory, command line: from the tests")
        machine.wait_screen("hello, higher half")


def large_disk(image, megabytes):
    """A FAT32 partition of that size in place of ours, with BOOT/ in it."""
    sectors = megabytes * 2048
    os.truncate(image.path, 2048 * 512 + sectors * 512)
    image.patch(446 + 12, sectors.to_bytes(4, "little"))
    image.mtools("mformat", "-F", "-c", "4", "-T", str(sectors), "-h", "16", "-s", "63", "-H",
                 "2048", "::")
    image.mtools("mmd", "::/BOOT")


def test_64_mb_kernel_and_initrd(image):
    """Both arrive byte for byte, compared in physical memory from outside."""
    large_disk(image, 160)
    text = HALT + os.urandom(64 * MB - len(HALT))
    kernel = elf([(0x100000, text, {}), (0x6000000, b"data", {"memsz": 3 * MB, "flags": 6})])
    initrd = os.urandom(40 * MB + 123)
    image.write_file("BOOT/KERNEL.ELF", kernel)
    image.write_file("BOOT/INITRD.CPI", initrd)
    image.config("kernel = BOOT/KERNEL.ELF\ninitrd = boot/initrd.cpi\n"
                 f"kernel_crc32 = {zlib.crc32(kernel):x}\ninitrd_crc32 = {zlib.crc32(initrd):X}\n")
    with Qemu("-m", "256", *disk_arguments(image.path, "ahci")) as machine:
        machine.wait_for("^@STEP 14 ", 60)
        address = int(machine.wait_for(r"^initrd: .* to ([0-9A-F]{8})").group(1), 16)
        assert machine.read_physical(0x100000, len(text)) == text
        assert machine.read_physical(0x6000000, 3 * MB) == b"data" + bytes(3 * MB - 4)
        assert machine.read_physical(address, len(initrd)) == initrd


@pytest.mark.quick
@pytest.mark.parametrize("cpu", ["486,-pse", "max"])
def test_kernel_above_8_mb(image, cpu):
    """The loader maps more than its first 8 MB when the kernel needs it."""
    image.kernel(elf([(0x2100000, EXIT_CODE, {})], entry=0xC2100000))
    with Qemu("-cpu", cpu, "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
              *disk_arguments(image.path)) as machine:
        assert machine.wait_exit() == 33


def test_fragmented_kernel(image):
    """Every other cluster belongs to another file."""
    files = [f"BOOT/FILL{number:04d}" for number in range(250)]
    for name in files:
        image.write_file(name, b"x" * 4096)
    for name in files[::2]:
        image.mtools("mdel", "::/" + name)
    text = EXIT_CODE + os.urandom(800 * 1024)
    kernel = elf([(0x100000, text, {})])
    image.write_file("BOOT/NEW.ELF", kernel)
    image.config(f"kernel = BOOT/NEW.ELF\nkernel_crc32 = {zlib.crc32(kernel):x}\n")
    with Qemu("-device", "isa-debug-exit,iobase=0xf4,iosize=1",
              *disk_arguments(image.path)) as machine:
        assert machine.wait_exit() == 33
