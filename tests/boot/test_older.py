"""What was made for an earlier version goes on booting: kernels, BOOT.CFG, the layout of a disk.

Everything is a recipe that knows nothing of the present sources: numbers and texts as they were.
"""

import os
import struct
import subprocess
import zlib

import pytest
from image import REPOSITORY, SECTOR, Image, elf
from qemu import Qemu
from rows import disk_arguments

EXITS = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
GOOD = 33  # kernel_1.asm is content
INITRD = b"init words"
SYMBOLS = 16


def boots(*arguments):
    """A kernel of kernel_1.asm ends, and all was as it must be; else its exit code names the check."""
    with Qemu(*EXITS, *arguments) as machine:
        code = machine.wait_exit()
        assert code == GOOD, f"check {code >> 1:#x} of kernel_1.asm:\n{machine.serial[-2000:]}"


def code_1(folder, symbols=0):
    path = os.path.join(str(folder), "kernel_1.bin")
    subprocess.run(["nasm", "-f", "bin", f"-DSYMBOLS={symbols}", "-o", path,
                    os.path.join(REPOSITORY, "tests/boot/old/kernel_1.asm")], check=True)
    with open(path, "rb") as file:
        return file.read()


def kernel_1(folder, flags=None):
    """Version 1 of the protocol: no note, or one with a single word."""
    wants_symbols = bool(flags and flags & 1)
    segments = [(0x100000, code_1(folder, SYMBOLS if wants_symbols else 0), {})]
    if flags is not None:
        note = struct.pack("<III8sI", 7, 4, 1, b"Ascent\0\0", flags)
        segments.append((0x8000000, note, {"type": 4}))
    if not wants_symbols:
        return elf(segments)
    at = len(elf(segments))
    sections = [(0, 2, 0, 0, 0x1000, SYMBOLS, 1, 0, 4, 16), (0, 3, 0, 0, 0x1000, 4, 0, 0, 1, 0)]
    return elf(segments, shoff=at, shnum=2) + b"".join(struct.pack("<10I", *it) for it in sections)


def put(image, kernel, config):
    image.write_file("BOOT/KERNEL.ELF", kernel)
    image.write_file("BOOT/INITRD.CPI", INITRD)
    return image.write_file("BOOT/BOOT.CFG", config)


def config_1(kernel):
    """As make-config of version 1 wrote it."""
    return f"""# BOOT.CFG: what the loader loads. "key = value" lines; docs/reference/image-format.md.
# If you replace a file, remove the line with its checksum.
kernel = BOOT/KERNEL.ELF
kernel_crc32 = {zlib.crc32(kernel):08x}
initrd = BOOT/INITRD.CPI
initrd_crc32 = {zlib.crc32(INITRD):08x}
cmdline = old words
step = 0
""".encode()


@pytest.mark.parametrize("flags", [None, 0, 1, 2, pytest.param(3, marks=pytest.mark.quick)],
                         ids=["no note", "no flags", "symbols", "checksum", "symbols and checksum"])
def test_kernel(image, flags):
    kernel = kernel_1(image.folder, flags)
    put(image, kernel, config_1(kernel))
    boots(*disk_arguments(image.path))


CONFIGS = {
    "shortest": b"kernel=BOOT/KERNEL.ELF\ninitrd=BOOT/INITRD.CPI\ncmdline=old words",
    "other order": b"cmdline = old words\ninitrd = BOOT/INITRD.CPI\nkernel = BOOT/KERNEL.ELF\n",
    "editor's": b"\xef\xbb\xbf# by hand\r\n\r\n\tkernel\t=\tboot/kernel.elf \r\n"
                b"initrd = boot/../BOOT/INITRD.CPI\r\ncmdline = old words\r\n",
    "comments": b"#[section]\n# default = x\nkernel = BOOT/KERNEL.ELF\n  # timeout = 5\n"
                b"initrd = BOOT/INITRD.CPI\ncmdline = old words\n#",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_boot_cfg(image, name):
    put(image, kernel_1(image.folder), CONFIGS[name])
    boots(*disk_arguments(image.path))


@pytest.mark.parametrize("key", ["kernel_crc32", "initrd_crc32"])
def test_checksums_still_count(image, key):
    kernel = kernel_1(image.folder)
    crc = {"kernel_crc32": kernel, "initrd_crc32": INITRD}[key]
    good = f"{zlib.crc32(crc):X}".encode()
    text = (b"kernel = BOOT/KERNEL.ELF\ninitrd = BOOT/INITRD.CPI\ncmdline = old words\n"
            + key.encode() + b" = ")
    put(image, kernel, text + good)
    boots(*disk_arguments(image.path))
    put(image, kernel, text + b"1")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^E4[25] .*: checksum wrong")


def test_step(image):
    put(image, kernel_1(image.folder), b"kernel = BOOT/KERNEL.ELF\nstep = 1\n")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^@WAIT 01$")


def test_disk_without_swap(tmp_path):
    """The first images: one partition at sector 2048, no swap, no disk signature."""
    image = Image(tmp_path)
    sectors = 32 * 2048
    with open(image.path, "wb") as file:
        for name, at in ("stage1", 0), ("stage2", SECTOR):
            with open(os.path.join(REPOSITORY, f"build/{name}.bin"), "rb") as part:
                file.seek(at)
                file.write(part.read())
        file.truncate(2048 * SECTOR + sectors * SECTOR)
    entry = struct.pack("<B3sB3sII", 0x80, b"\1\1\0", 6, b"\xfe\xff\xff", 2048, sectors)
    image.patch(440, bytes(6) + entry + bytes(48) + b"\x55\xaa")
    image.mtools("mformat", "-T", str(sectors), "-h", "16", "-s", "63", "-H", "2048", "::")
    image.mtools("mmd", "::/BOOT")
    kernel = kernel_1(tmp_path)
    put(image, kernel, config_1(kernel))
    boots(*disk_arguments(image.path))
