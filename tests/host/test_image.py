"""The disk image is what docs/reference/image-format.md says."""

import os
import struct
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
    magic, version, sectors, crc, length = struct.unpack_from("<4sHHII", disk, 512)
    assert (magic, version) == (b"AST2", 1)
    assert sectors * 512 == length + 16 and sectors <= 64
    assert zlib.crc32(disk[528:528 + length]) == crc
