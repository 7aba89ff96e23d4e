"""What boot_info has since version 2, against what the machine is seen to have from outside."""

import os
import re
import struct

import gdb
import pytest
import rows
import worse_bios
from image import DISK, SECTOR, elf
from qemu import Qemu
from rows import disk_arguments

FIELDS = ["signature", "sector", "edd", "functions", "flags", "cylinders", "heads", "track", "sectors",
          "sectors_high", "bus", "interface", "rsdp"]
VERSION_1_BYTES = 172
EBDA = 0x9FC00  # SeaBIOS, with the 640 KB of all these machines


def fields(machine):
    """Those of version 2, when the loader has filled them in."""
    machine.wait_for("^@STEP 06 ")
    start = gdb.address_of("boot_info")
    version, size = struct.unpack("<2I", machine.read_physical(start + 4, 8))
    assert (version, size) == (2, VERSION_1_BYTES + 4 * len(FIELDS))
    data = machine.read_physical(start + VERSION_1_BYTES, size - VERSION_1_BYTES)
    return dict(zip(FIELDS, struct.unpack(f"<{len(FIELDS)}I", data)))


@pytest.fixture
def halts(image):
    """A kernel that leaves boot_info as it is."""
    return image.kernel(elf([(0x100000, bytes([0xFA, 0xF4, 0xEB, 0xFC]), {})]))


def text(*words):
    return struct.pack(f"<{len(words)}I", *words).decode()


PATHS = {"ide": "PCI ATA ", "virtio-blk": "PCI SCSI", "ahci": "\0" * 8, "usb-xhci": "\0" * 8}


@pytest.mark.parametrize("disk", [pytest.param("ide", marks=pytest.mark.quick), *list(PATHS)[1:]])
def test_edd(halts, disk):
    with Qemu(*disk_arguments(halts.path, disk)) as machine:
        found = fields(machine)
        assert found["signature"] == int.from_bytes(halts.read(440, 4), "little") != 0
        assert found["sector"] == SECTOR
        assert found["edd"] == 0x30 and found["functions"] & 5 == 5 and found["flags"] & 2
        sectors = os.path.getsize(halts.path) // SECTOR
        assert found["sectors"] | found["sectors_high"] << 32 == sectors
        assert (found["heads"], found["track"]) == (16, 63)
        assert found["cylinders"] == sectors // (16 * 63)
        assert text(found["bus"], found["interface"]) == PATHS[disk]
        at = machine.read_physical(0xE0000, 0x20000).index(b"RSD PTR ")
        assert found["rsdp"] == 0xE0000 + at


def test_floppy_has_no_edd(halts):
    halts.floppy().kernel(elf([(0x100000, bytes([0xFA, 0xF4, 0xEB, 0xFC]), {})]))
    with Qemu(*disk_arguments(halts.path, "floppy")) as machine:
        found = fields(machine)
        assert found["sector"] == SECTOR and found["signature"]
        assert not any(found[name] for name in FIELDS[2:-1])


def mode(define):
    return next(mode for mode in worse_bios.MODES if mode.get("define", [])[:1] == [define])


@pytest.mark.parametrize("define, sector, edd", [("NO_EDD", SECTOR, 0), ("SAYS_4096", 4096, 0x30)])
def test_worse_bios(halts, tmp_path, define, sector, edd):
    row = {"args": ["-option-rom", worse_bios.build(mode(define), tmp_path)], "memory": worse_bios.MEMORY}
    with rows.start(row, halts.path) as machine:
        found = fields(machine)
        assert (found["sector"], found["edd"]) == (sector, edd)


def test_no_acpi(halts):
    with Qemu("-M", "pc,acpi=off", *disk_arguments(halts.path)) as machine:
        assert fields(machine)["rsdp"] == 0


def rsdp(checksum=0):
    data = bytearray(b"RSD PTR \0ASCENT\0" + bytes(4))
    data[8] = -sum(data) + checksum & 0xFF
    return bytes(data)


@pytest.mark.parametrize("place, data, found_there", [
    (EBDA + 0x20, rsdp(), True), (EBDA + 0x3E0, rsdp(), True), (EBDA + 0x20, rsdp(checksum=1), False),
    (EBDA + 0x28, rsdp(), False)], ids=["EBDA", "its first KB", "wrong sum", "on no line of 16"])
def test_rsdp_in_the_ebda(halts, place, data, found_there):
    """It comes before that of the ROM."""
    with Qemu(*disk_arguments(halts.path), paused=True) as machine:
        gdb.at(machine, "facts_collect", gdb.bytes_at(place, data))
        assert (fields(machine)["rsdp"] == place) == found_there


def test_report():
    """The monitor shows them, below what the loader's report has."""
    with Qemu(*disk_arguments(DISK)) as machine:
        machine.wait_ready()
        sectors = os.path.getsize(DISK) // SECTOR
        shown = machine.command("report")
        assert re.search(rf"""^disk         80h .*
disk is      signature 41534354, 512 bytes a sector; EDD 30, functions 7, flags 2
             {sectors // 1008}/16/63, {sectors} sectors; PCI ATA ?
acpi         RSDP at F[0-9A-F]{{4}}$""", shown, re.M), shown
