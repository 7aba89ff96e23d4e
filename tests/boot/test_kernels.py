"""Other kernels than ours: the example of the documentation, very large ones, and an initrd."""

import os
import re
import struct
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


def large_disk(image, megabytes, cluster_sectors=4):
    """A FAT32 partition of that size in place of ours, with BOOT/ in it."""
    sectors = megabytes * 2048
    os.truncate(image.path, 2048 * 512 + sectors * 512)
    image.patch(446 + 12, sectors.to_bytes(4, "little"))
    image.mtools("mformat", "-F", "-c", str(cluster_sectors), "-T", str(sectors), "-h", "16",
                 "-s", "63", "-H", "2048", "::")
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


def with_sections(text, sections, file_bytes=0):
    """A kernel that asks for symbols, with these section headers at the end of its file."""
    note = struct.pack("<III8sI", 7, 4, 1, b"Ascent\0\0", 1)
    segments = [(0x100000, EXIT_CODE + text, {}), (0x8000000, note, {"type": 4})]
    body = elf(segments).ljust(file_bytes, b"\0")
    body = elf(segments, shoff=len(body), shnum=len(sections)).ljust(file_bytes, b"\0")
    return body + b"".join(struct.pack("<10I", *section) for section in sections)


def seconds_to_load(image, memory="128"):
    """From the memory map to the kernel's last byte, in seconds of the guest (1 ns an instruction)."""
    with Qemu("-icount", "shift=0,sleep=off", "-m", memory, *disk_arguments(image.path, "ahci"),
              "-device", "isa-debug-exit,iobase=0xf4,iosize=1") as machine:
        assert machine.wait_exit(200) == 33
        stamps = dict(re.findall(r"@STEP (\d+) .*tsc=([0-9a-f]+)", machine.serial))
        return (int(stamps["06"], 16) - int(stamps["05"], 16)) / 1e9


@pytest.mark.quick
def test_65535_section_headers(image):
    """None of them is a symbol table; all have to be looked at."""
    image.kernel(with_sections(b"", [(0,) * 10] * 65535))
    assert seconds_to_load(image) < 1


def test_64_mb_and_symbols_on_clusters_of_one_sector(image):
    """The chain is walked from its start for nothing but the load itself, not for each header."""
    large_disk(image, 80, cluster_sectors=1)
    sections = [(0,) * 10] * 50 + [(0, 2, 0, 0, 0x1000, 16, 51, 0, 4, 16),
                                   (0, 3, 0, 0, 0x1000, 16, 0, 0, 1, 0)]
    image.kernel(with_sections(bytes(64 * MB), sections))
    assert seconds_to_load(image) < 0.5


@pytest.mark.parametrize("bytes_more, error", [(0, None), (1, "E36 ")])
def test_segment_that_ends_at_4_gb(image, bytes_more, error):
    """p_vaddr + p_memsz is 2^32, which a sum of 32 bits takes for 0."""
    image.kernel(elf([(0x100000, EXIT_CODE, {}),
                      (0x3FFFF000, b"last", {"memsz": 0x1000 + bytes_more, "flags": 6})]))
    with Qemu("-m", "1100", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
              *disk_arguments(image.path)) as machine:
        if error:
            machine.wait_for("^" + error)
        else:
            assert machine.wait_exit() == 33


def test_unreadable_section_headers(image):
    """The disk's error, and not a kernel that has no symbols."""
    sections = [(0,) * 10, (0, 2, 0, 0, 0x1000, 16, 2, 0, 4, 16), (0, 3, 0, 0, 0x1000, 16, 0, 0, 1, 0)]
    image.kernel(with_sections(b"", sections, 0x10000))
    layout = image.fat()
    cluster = image.first_cluster("KERNEL  ELF") - 2
    sector = (layout["data"] + cluster * layout["cluster"] + 0x10000) // 512
    with Qemu("-blockdev",
              '{"driver":"raw","node-name":"d0","file":{"driver":"blkdebug",'
              '"inject-error":[{"event":"none","iotype":"read","errno":5,"sector":%d,'
              '"once":false}],"image":{"driver":"file","filename":"%s"}}}' % (sector, image.path),
              "-device", "ahci,id=ahci0", "-device",
              "ide-hd,drive=d0,bus=ahci0.0,rerror=report") as machine:
        machine.wait_for("^E10 ")
        assert "warning" not in machine.serial
