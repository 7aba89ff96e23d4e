"""The disk image is what docs/reference/image-format.md says."""

import os
import re
import shutil
import struct
import subprocess
import zlib

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADS, TRACK = 16, 63
pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def disk():
    with open(os.path.join(REPOSITORY, "disk.img"), "rb") as file:
        return file.read()


def entries(disk):
    return [struct.unpack("<B3sB3sII", disk[at:at + 16]) for at in range(446, 510, 16)]


def lba_of(chs):
    head, sector, cylinder = chs
    return ((cylinder | sector >> 6 << 8) * HEADS + head) * TRACK + (sector & 63) - 1


def test_whole_cylinders(disk):
    assert len(disk) % (HEADS * TRACK * 512) == 0


def test_boot_sector(disk):
    assert disk[0] == 0xEB and disk[2] == 0x90
    assert disk[510:512] == b"\x55\xaa"
    assert struct.unpack_from("<H", disk, 11)[0] == 512
    assert struct.unpack_from("<HH", disk, 24) == (TRACK, HEADS)


def test_one_active_partition(disk):
    active = [entry for entry in entries(disk) if entry[0] == 0x80]
    assert len(active) == 1
    assert all(entry[0] in (0, 0x80) for entry in entries(disk))
    _, first, kind, last, lba, sectors = active[0]
    assert kind == 6 and lba == 2048 and (lba + sectors) * 512 <= len(disk)
    assert lba_of(first) == lba and lba_of(last) == lba + sectors - 1


def test_swap_partition(disk):
    """Behind the first, to the end of the disk, in whole cylinders, and empty but for its header."""
    _, fat, (active, first, kind, last, lba, sectors), *others = [None, *entries(disk)]
    assert (active, kind) == (0, 0x82) and sectors == 163 * HEADS * TRACK
    assert lba == fat[4] + fat[5] and (lba + sectors) * 512 == len(disk)
    assert lba % (HEADS * TRACK) == 0 and lba_of(first) == lba and lba_of(last) == lba + sectors - 1
    assert all(entry == (0, bytes(3), 0, bytes(3), 0, 0) for entry in others)
    assert not any(disk[lba * 512 + 4096:])


def test_swap_header(disk, tmp_path):
    """As include/ascent/swap_header.h has it, and as Linux's mkswap would make it."""
    with open(os.path.join(REPOSITORY, "include/ascent/swap_header.h"), encoding="ascii") as file:
        defines = dict(re.findall(r'^#define (SWAP_\w+) "?(\w+)', file.read(), re.MULTILINE))
    *_, lba, sectors = entries(disk)[1]
    page = disk[lba * 512:lba * 512 + 4096]
    version, last, bad, mark, bytes_per_page, crc = struct.unpack_from("<III32xIII", page, 1024)
    assert page[-10:].decode() == defines["SWAP_MAGIC"] and version == int(defines["SWAP_VERSION"])
    assert (last + 1) * 4096 == sectors * 512 and bad == 0
    assert (mark, bytes_per_page) == (int(defines["SWAP_MARK"], 16), int(defines["SWAP_PAGE_BYTES"]))
    assert zlib.crc32(page[:1076] + bytes(4) + page[1080:]) == crc
    with open(tmp_path / "swap", "wb") as file:
        file.truncate(sectors * 512)
    (tmp_path / "swap").chmod(0o600)
    subprocess.run(["/sbin/mkswap", tmp_path / "swap"], check=True, capture_output=True)
    linux = (tmp_path / "swap").read_bytes()[:4096]
    assert (linux[1024:1036], linux[-10:]) == (page[1024:1036], page[-10:])


def test_without_swap(tmp_path):
    path = tmp_path / "disk.img"
    make_image(path, 4000, swap_sectors=0)
    disk = path.read_bytes()
    assert entries(disk)[1] == (0, bytes(3), 0, bytes(3), 0, 0)
    assert (entries(disk)[0][4] + entries(disk)[0][5]) * 512 == len(disk)


def test_takes_no_room(tmp_path):
    """The swap partition is a hole in the file."""
    sizes = []
    for swap_sectors in (0, 163840):
        make_image(tmp_path / "disk.img", 65536, swap_sectors=swap_sectors)
        sizes.append(os.stat(tmp_path / "disk.img").st_blocks * 512)
    assert sizes[1] - sizes[0] <= 64 * 1024, sizes


def test_stage2_header(disk):
    magic, version, sectors, crc = struct.unpack_from("<4sHHI", disk, 512)
    assert (magic, version) == (b"AST2", 2) and 1 < sectors <= 144
    assert sum(struct.unpack_from("<128I", disk, 512)) % 2**32 == 0
    assert zlib.crc32(disk[1024:512 + sectors * 512]) == crc


def make_image(path, fat_sectors, *files, swap_sectors=163840):
    build = os.path.join(REPOSITORY, "build")
    subprocess.run([os.path.join(REPOSITORY, "scripts/make-image"), path,
                    os.path.join(build, "stage1.bin"), os.path.join(build, "stage2.bin"),
                    str(fat_sectors), str(swap_sectors), *files], check=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("fat_sectors, kind, last", [
    (4000, 0x01, None),  # FAT12
    (40000, 0x04, None),  # FAT16 of less than 32 MB
    (65536, 0x06, None),
    (524000, 0x06, None),  # the last with 4 KB clusters,
    (525000, 0x06, None),  # too many of these for FAT16, too few for FAT32,
    (526000, 0x0B, None),  # enough
    (600000, 0x0B, None),  # FAT32
    (2000000, 0x0C, b"\xfe\xff\xff"),  # and beyond cylinder 1023
])
def test_partition_type(tmp_path, fat_sectors, kind, last):
    path = tmp_path / "disk.img"
    make_image(path, fat_sectors)
    with open(path, "rb") as file:
        disk = file.read(512)
        file.seek(2048 * 512)
        boot = file.read(512)
    _, first, found, end, lba, sectors = entries(disk)[0]
    assert found == kind and lba_of(first) == lba
    assert end == last or (last is None and lba_of(end) == lba + sectors - 1)
    assert (b"FAT32" if kind in (0x0B, 0x0C) else b"FAT1") in boot


def test_same_files_same_image(tmp_path):
    """On another day, from another folder, with files of another age."""
    images = []
    for day in (1, 2):
        folder = tmp_path / str(day)
        folder.mkdir()
        for name in ("BOOT.CFG", "KERNEL.ELF", "INITRD.CPI"):
            shutil.copy(os.path.join(REPOSITORY, "build", name), folder)
            os.utime(folder / name, (day * 10**9, day * 10**9))
        make_image(folder / "disk.img", 65536,
                   *[folder / name for name in ("BOOT.CFG", "KERNEL.ELF", "INITRD.CPI")])
        images.append((folder / "disk.img").read_bytes())
    assert images[0] == images[1]
