"""The disk image is what docs/reference/image-format.md says."""

import os
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


def test_stage2_header(disk):
    magic, version, sectors, crc = struct.unpack_from("<4sHHI", disk, 512)
    assert (magic, version) == (b"AST2", 2) and 1 < sectors <= 144
    assert sum(struct.unpack_from("<128I", disk, 512)) % 2**32 == 0
    assert zlib.crc32(disk[1024:512 + sectors * 512]) == crc


def make_image(path, fat_sectors, *files):
    build = os.path.join(REPOSITORY, "build")
    subprocess.run([os.path.join(REPOSITORY, "scripts/make-image"), path,
                    os.path.join(build, "stage1.bin"), os.path.join(build, "stage2.bin"),
                    str(fat_sectors), *files], check=True, stdin=subprocess.DEVNULL)


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


def test_two_builds_in_two_folders(tmp_path):
    """All of it, compiled twice: no path and no time of day is in the image."""
    for name in ("one", "another/folder"):
        (tmp_path / name).mkdir(parents=True)
        tree = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True,
                              capture_output=True).stdout.decode().rstrip("\0").split("\0")
        for file in tree:
            if file.startswith(("docs/", "tests/")) or not os.path.exists(os.path.join(REPOSITORY, file)):
                continue
            target = tmp_path / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.join(REPOSITORY, file), target)
        subprocess.run(["make", "-s", "-j2", "disk.img"], cwd=tmp_path / name, check=True,
                       stdin=subprocess.DEVNULL)
    assert (tmp_path / "one/disk.img").read_bytes() == (tmp_path / "another/folder/disk.img").read_bytes()
