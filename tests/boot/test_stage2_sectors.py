"""Stage 2 on a disk that fails, lies or is damaged: it is read again, or the error has a name.

Stage 1 checks the first sector, which checks the others: whatever is wrong with one of them, no
byte of it runs. `make test` takes a sample of the sectors and bits, `make test-full` all.
"""

import struct

import pytest
from image import DISK, PARTITION, SECTOR, STAGE2_CRC, STAGE2_SECTORS
from qemu import Qemu
from rows import DISKS, disk_arguments
from worse_bios import build

HEADER_BITS = 16 * 8
MAGIC_BITS = 4 * 8
with open(DISK, "rb") as disk:
    STAGE2 = disk.read(PARTITION)[SECTOR:]
(SECTORS,) = struct.unpack_from("<H", STAGE2, STAGE2_SECTORS)
MAX_SECTORS = 144
CONTROLLERS = ["usb-xhci", "usb-ehci", "usb-uhci", "usb-ohci", "ahci", "lsi", "megasas"]


def sample(values, *quick):
    return [pytest.param(value, marks=[pytest.mark.quick] if value in quick else [])
            for value in values]


def stops_with(image, error):
    """The machine prints the error's code and a text, asks for a key, and sleeps."""
    with Qemu(*disk_arguments(image.path), cpu_log=True) as machine:
        found = machine.wait_for(r"^(E\d\d) (.*); hit a key", 20)
        assert found.group(1) == error
        assert found.group() in machine.screen()
        machine.wait_halted()
        assert not machine.steps()
        assert "Triple fault" not in machine.cpu_log()


@pytest.mark.parametrize("sector", sample(range(SECTORS), 0, 1, SECTORS // 2, SECTORS - 1))
def test_zeroed_sector(image, sector):
    at = (1 + sector) * SECTOR
    assert any(image.read(at, SECTOR)) or sector > 1
    if any(image.read(at, SECTOR)):
        stops_with(image.patch(at, bytes(SECTOR)), "E04" if sector else "E02")


@pytest.mark.parametrize("bit", sample(range(HEADER_BITS), 0, 31, 32, 48, 63, 64, 127))
def test_header_bit(image, bit):
    (byte,) = image.read(SECTOR + bit // 8, 1)
    image.patch(SECTOR + bit // 8, bytes([byte ^ 1 << bit % 8]))
    stops_with(image, "E02" if bit < MAGIC_BITS else "E04")


@pytest.mark.parametrize("bit", sample(range(HEADER_BITS, SECTOR * 8, 61)))
def test_bit_of_the_code_that_checks(image, bit):
    (byte,) = image.read(SECTOR + bit // 8, 1)
    image.patch(SECTOR + bit // 8, bytes([byte ^ 1 << bit % 8]))
    stops_with(image, "E04")


@pytest.mark.parametrize("sector", sample(range(2, SECTORS), 2))
def test_exchanged_sectors(image, sector):
    at = (1 + sector) * SECTOR
    before, own = image.read(at - SECTOR, SECTOR), image.read(at, SECTOR)
    if before != own:
        stops_with(image.patch(at - SECTOR, own + before), "E04")


@pytest.mark.parametrize("length, error", [
    pytest.param(0, "E03", marks=pytest.mark.quick),
    pytest.param(1, "E03", marks=pytest.mark.quick),
    (MAX_SECTORS + 1, "E03"), (0x7FFF, "E03"), (0x8000, "E03"), (0xFFFF, "E03"),
    (2, "E04"), (SECTORS - 1, "E04"), (SECTORS + 1, "E04"), (MAX_SECTORS, "E04")])
def test_wrong_length(image, length, error):
    """In a first sector that adds up to 0."""
    stops_with(image.patch_first_sector(STAGE2_SECTORS, struct.pack("<H", length)), error)


@pytest.mark.quick
def test_checksum_of_nothing(image):
    """No length and a CRC-32 of 0 is what the CRC-32 of no bytes would be."""
    stops_with(image.patch_first_sector(STAGE2_SECTORS, bytes(6)), "E03")


def test_wrong_checksum(image):
    crc = image.read(SECTOR + STAGE2_CRC, 4)
    stops_with(image.patch_first_sector(STAGE2_CRC, bytes([crc[0] ^ 1]) + crc[1:]), "E04")


def failing(controller, sector, once):
    """The disk with a sector that cannot be read, the first time or ever."""
    return ["-blockdev",
            '{"driver":"raw","node-name":"d","file":{"driver":"blkdebug",'
            '"inject-error":[{"event":"none","iotype":"read","errno":5,"sector":%d,"once":%s}],'
            '"image":{"driver":"file","filename":"%s","locking":"off"}}}'
            % (sector, "true" if once else "false", DISK),
            *DISKS[controller]]


def failures():
    for controller in CONTROLLERS:
        for sector in range(1, 1 + SECTORS):
            quick = controller == "usb-xhci" and sector in (1, 2, 40)
            yield pytest.param(controller, sector, id=f"{controller}-{sector}",
                               marks=[pytest.mark.quick] if quick else [])


@pytest.mark.parametrize("controller, sector", failures())
def test_one_read_error(controller, sector):
    with Qemu(*failing(controller, sector, True)) as machine:
        machine.wait_ready(60)  # SeaBIOS itself waits seconds for a USB controller after an error


@pytest.mark.parametrize("controller, sector",
                         [(controller, sector) for controller in CONTROLLERS
                          for sector in (1, 2, 40, SECTORS)])
def test_read_error_for_ever(controller, sector):
    with Qemu(*failing(controller, sector, False)) as machine:
        found = machine.wait_for(r"^E\d\d .*; hit a key", 30)
        assert found.group()[:3] in ("E01", "E02", "E04")
        machine.wait_halted()


# What stage 1 does when it cannot go on.

@pytest.mark.parametrize("machine_type", sample(["pc", "q35"], "pc"))
def test_bios_prints_on_com1_itself(image, machine_type):
    image.patch(SECTOR, bytes(SECTOR))
    with Qemu("-M", machine_type + ",graphics=off", *disk_arguments(image.path)) as machine:
        machine.wait_for("^E02 no stage 2; hit a key$")
        machine.wait_halted()
        assert machine.serial.count("E") == 1 + machine.serial.split("E02")[0].count("E")


@pytest.mark.quick
def test_a_key_goes_to_the_next_boot_device(image):
    image.patch(SECTOR, bytes(SECTOR))
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_screen("hit a key")
        machine.wait_halted()
        assert "Booting from Floppy" not in machine.screen()
        machine.key("ret")
        machine.wait_screen("Booting from Floppy")


def test_ctrl_alt_del_restarts(image):
    image.patch(SECTOR, bytes(SECTOR))
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_screen("hit a key")
        machine.wait_halted()
        machine.hmp("sendkey ctrl-alt-delete")
        assert machine.wait_exit() == 0


@pytest.mark.parametrize("changes", sample(
    ["TRASH_10", "TRASH_14", "TRASH_16", "CLEAR_IF", "SET_DF"], "TRASH_10"))
def test_error_is_whole_though_the_bios_changes_registers(image, tmp_path, changes):
    image.patch(SECTOR, bytes(SECTOR))
    with Qemu("-option-rom", build({"define": [changes]}, tmp_path),
              *disk_arguments(image.path)) as machine:
        machine.wait_for("^E02 no stage 2; hit a key$")
        machine.wait_screen("E02 no stage 2; hit a key")


# What was worked around is noted.

@pytest.mark.quick
def test_reread_is_noted(tmp_path):
    rom = build({"define": ["BAD_SECTOR=20", "FLAKY=1", "BAD_FILL=0CCCCh", "BAD_SILENT"]}, tmp_path)
    with Qemu("-option-rom", rom, *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        assert "stage 2 reread" in machine.serial and "drive guessed" not in machine.serial


@pytest.mark.quick
def test_guessed_drive_is_noted(tmp_path):
    with Qemu("-option-rom", build({"define": ["BOOT_DRIVE=81h"]}, tmp_path),
              *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        assert "drive guessed" in machine.serial and "stage 2 reread" not in machine.serial


@pytest.mark.parametrize("sector", [1, 20])
def test_error_though_int13_changes_registers(tmp_path, sector):
    rom = build({"define": ["TRASH_13", f"BAD_SECTOR={sector}"]}, tmp_path)
    with Qemu("-option-rom", rom, *disk_arguments(DISK)) as machine:
        machine.wait_for("^E01 disk: unreadable; hit a key$")
