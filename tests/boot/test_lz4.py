"""A kernel in LZ4's frame format (`make KERNEL_LZ4=1`): loaded as the plain one is, in 4 MB and in 4 GB, and
what it was unpacked in belongs to the kernel afterwards. Damage of every kind: tests/host/test_lz4.c."""

import re
import shutil
import subprocess
import zlib

import pytest
import rows
import worse_bios
from image import INITRD, KERNEL, REPOSITORY, Image, lz4
from machine import SHELL
from qemu import Qemu
from rows import disk_arguments

OPTIONS = ["-1 -B4", "-12 -B7", "-9 -B4 -BD -BX", "-3 -B5 --no-frame-crc"]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def boot(image, *arguments, disk="ide"):
    """What the loader says of the kernel and the initrd, and the kernel of its memory."""
    with Qemu(*arguments, *disk_arguments(image.path, disk)) as machine:
        machine.wait_ready(60)
        said = re.findall(r"^(?:kernel: \S+,|initrd: \S+,|memory:).*", machine.serial, re.M)
        return [re.sub(r"KERNEL\.\w+", "KERNEL", line) for line in said], machine.serial


def packed(image, options):
    kernel = lz4(read(KERNEL), "--content-size", *options.split())
    image.write_file("BOOT/KERNEL.LZ4", kernel)
    return image.config(f"kernel = BOOT/KERNEL.LZ4\nkernel_crc32 = {zlib.crc32(kernel):08x}\n"
                        f"initrd = BOOT/INITRD.CPI\ninitrd_crc32 = {zlib.crc32(read(INITRD)):08x}\n"
                        "cmdline = init=none\n")


@pytest.mark.parametrize("megabytes", [pytest.param(4, marks=pytest.mark.quick), 128, 4096])
def test_as_the_plain_one(tmp_path, megabytes):
    """The same places for all, the same memory: nothing of it is lost to the unpacking."""
    image = Image(tmp_path)
    plain, _ = boot(image, "-m", str(megabytes))
    found, said = boot(packed(image, "-9"), "-m", str(megabytes))
    assert len(plain) >= 3 and found == plain
    assert "KB of LZ4 unpacked" in said


def test_setting_of_make(tmp_path):
    """`make KERNEL_LZ4=1`, in a copy of the tree: this one's image stays as it is."""
    tree = tmp_path / "tree"
    left_out = shutil.ignore_patterns(".git", "node_modules", "site", "site-*", "host", "debian", "peers",
                                      "tmp*", "checkpoint", "levels", "book")
    shutil.copytree(REPOSITORY, tree, ignore=left_out, symlinks=True)
    subprocess.run(["make", "-s", "-C", tree, "KERNEL_LZ4=1", "disk.img"], check=True)
    with Qemu(*disk_arguments(str(tree / "disk.img"))) as machine:
        machine.wait_for("^" + SHELL, 60)
        assert "\nkernel: BOOT/KERNEL.LZ4, " in machine.serial and "KB of LZ4 unpacked" in machine.serial


@pytest.mark.parametrize("options", OPTIONS)
def test_options_of_the_tool(tmp_path, options):
    boot(packed(Image(tmp_path), options))


@pytest.mark.parametrize("disk", ["ahci", "usb-xhci", "virtio-blk", "nvme"])
def test_disks(tmp_path, disk):
    boot(packed(Image(tmp_path), "-9"), disk=disk)


@pytest.mark.parametrize("name", ["e820-says-1-gb", "e820-says-all-there-is", "e801-says-4-gb"])
def test_memory_that_is_claimed_and_not_there(tmp_path, name):
    """The plain one needs only the memory where it lies. The packed one looks for more, and finds it."""
    mode = next(mode for mode in worse_bios.MODES if mode["name"] == name)
    row = {"args": ["-option-rom", worse_bios.build(mode, tmp_path)], "memory": worse_bios.MEMORY}
    image = packed(Image(tmp_path), "-9")
    with rows.start(row, image.path) as machine:
        machine.wait_ready(60)
        assert "reading it again" not in machine.serial


def test_a_damaged_one_is_read_again(tmp_path):
    """Without a checksum in BOOT.CFG its own is looked at, and the file is read a second time."""
    image = Image(tmp_path)
    kernel = bytearray(lz4(read(KERNEL), "--content-size"))
    kernel[len(kernel) // 2] ^= 1
    image.kernel(bytes(kernel))
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^E9[67] kernel: ")
        assert machine.serial.count("reading it again") == 1
