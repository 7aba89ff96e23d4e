"""The BIOS from the kernel: back to real mode and return, and the disk that is read that way."""

import random
import re
import time
import zlib

import pytest
import rows
from gdbstub import Stub
from image import DISK, SECTOR, Image
from qemu import Qemu
from rows import disk_arguments
from swapping import SwapDisk
from test_selftest import DEBUG_EXIT, PASSED
from worse_bios import MEMORY, MODES, build

CALLS = 10000
STAGE1 = 0x7C00
IVT, BDA, BDA_END = 0, 0x400, 0x4F0  # behind it is what programs may tell each other
TICKS = range(0x46C, 0x471)          # since midnight, and whether that was: the BIOS counts on
CURSOR = (0x450, 0x451)              # the loader prints by the BIOS
EBDA_SEGMENT = 0x40E
LOW_MEMORY_END = 0xA0000

QUICK = {"ahci", "nvme"}
SLOW = {"usb-uhci", "usb-ohci", "usb-hub"}  # some milliseconds a sector: not the whole partition
CONTROLLERS = ["ahci", "usb-uhci", "usb-ohci", "usb-ehci", "usb-xhci", "usb-hub", "usb-uas", "virtio-blk",
               "virtio-scsi", "lsi", "megasas", "am53c974", "mptsas", "pvscsi", "nvme"]


def read_sector(machine, number, disk=""):
    """What the kernel finds in a sector, by the monitor."""
    lines = re.findall(r"^[0-9a-f]{8}  ((?:[0-9a-f]{2} +){16})",
                       machine.command(f"sector {disk} {number}", 30), re.M)
    return bytes.fromhex("".join(lines).replace(" ", ""))


def check_sectors(machine, path, count=10, seed=1):
    chosen = random.Random(seed)
    with open(path, "rb") as file:
        sectors = file.seek(0, 2) // SECTOR
        for number in [0, 1, 2048, sectors - 1] + [chosen.randrange(sectors) for _ in range(count)]:
            file.seek(number * SECTOR)
            assert read_sector(machine, number) == file.read(SECTOR), number


def check_partition(machine, path):
    """All of the first partition, many sectors a call."""
    found = re.search(r"^bios80p1 +240:1 +06 +(\d+) +(\d+)", machine.command("disks"), re.M)
    first, sectors = (int(number) for number in found.groups())
    with open(path, "rb") as file:
        file.seek(first * SECTOR)
        crc = zlib.crc32(file.read(sectors * SECTOR))
    output = machine.command("disks bios80p1", 120)
    assert f"bios80p1: {sectors} sectors, CRC-32 {crc:08x} of those that were read" in output


def check_alive(machine):
    assert ", equal to the total of" in machine.command("mem")
    assert "not mapped" not in machine.command("x c0100000 16")


@pytest.mark.parametrize("disk", [pytest.param(disk, marks=[pytest.mark.quick] if disk in QUICK else [])
                                  for disk in CONTROLLERS])
def test_any_controller(disk):
    with Qemu(*disk_arguments(DISK, disk)) as machine:
        machine.wait_ready(120)
        check_sectors(machine, DISK)
        if disk not in SLOW:
            check_partition(machine, DISK)
        check_alive(machine)


@pytest.mark.parametrize("name", [
    pytest.param("pc-ide", marks=pytest.mark.quick), "isapc-ide", "isapc-486", "cpu-no-tsc",
    "cpu-max-classic", pytest.param("bochs-latest", marks=pytest.mark.quick), "bochs-legacy", "v86"])
def test_instead_of_the_kernels_own_driver(image, name):
    (row,) = [row for row in rows.load() if row["name"] == name]
    path = image.cmdline("disk=bios " + row.get("cmdline", "")).path
    with rows.start(row, path) as machine:
        machine.wait_ready(90)
        assert "hda" not in machine.command("disks")
        check_sectors(machine, path)
        check_alive(machine)


def test_floppy(tmp_path):
    """Drive 00h, no EDD, a track at most."""
    image = Image(tmp_path).floppy()
    with Qemu(*disk_arguments(image.path, "floppy")) as machine:
        machine.wait_shell(60)
        machine.call_monitor()
        assert "bios00 " in machine.command("disks")
        check_sectors(machine, image.path)


def test_which_disk(tmp_path):
    """Another disk with the same partitions is not the one that we came from."""
    stick = Image(tmp_path)
    disk = tmp_path / "disk"
    disk.mkdir()
    other = Image(disk).patch(440, b"DISK")  # its signature
    with Qemu("-drive", f"file={other.path},format=raw,snapshot=on,if=ide",
              "-drive", f"file={stick.path},format=raw,snapshot=on,if=none,id=d",
              "-device", "qemu-xhci", "-device", "usb-storage,drive=d,bootindex=0") as machine:
        machine.wait_ready(60)
        assert re.search(r"^bios80 .* boot$", machine.command("disks"), re.M)
        assert read_sector(machine, 0) == stick.read(0, SECTOR)
        assert read_sector(machine, 0, "hda") == other.read(0, SECTOR)


# What is the BIOS's.


def bios_memory(machine):
    """Interrupt table and BIOS data area, but for the ticks; and the EBDA."""
    low = bytearray(machine.read_physical(0, BDA_END))
    for at in TICKS:
        low[at] = 0
    ebda = int.from_bytes(low[EBDA_SEGMENT:EBDA_SEGMENT + 2], "little") * 16
    return bytes(low), machine.read_physical(ebda, LOW_MEMORY_END - ebda)


@pytest.mark.parametrize("disk", [pytest.param("ahci", marks=pytest.mark.quick), "usb-xhci"])
def test_memory_of_the_bios(disk):
    """As it was when stage 1 began: neither the loader nor the kernel has written to it."""
    with Qemu(*disk_arguments(DISK, disk), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(STAGE1)
        assert stub.go() == STAGE1
        at_stage1 = bios_memory(machine)[0]
        stub.unbreak(STAGE1)
        stub.start()
        machine.wait_ready(60)
        at_ready = bios_memory(machine)
        machine.command("lesson realmode")
        machine.command("lesson realmode 40", 60)
        check_sectors(machine, DISK, 5)
        assert bios_memory(machine) == at_ready
        assert at_ready[0][IVT:BDA] == at_stage1[IVT:BDA]
        changed = [hex(at) for at in range(BDA, BDA_END)
                   if at not in CURSOR and at_ready[0][at] != at_stage1[at]]
        assert not changed


# The clock and the keys.


def call_often(machine, calls, timeout=300):
    start = len(machine.serial)
    machine.send(f"lesson realmode {calls:x}\r")
    return start, lambda: machine.wait_for(
        r"^(\d+) reads of the first sector, (\d+) failed, in (\d+) us by the TSC; (\d+) ticks of 1 ms",
        timeout, start)


def check_ticks(result, calls):
    reads, failed, us, ticks = (int(number) for number in result.groups())
    assert (reads, failed) == (calls, 0)
    assert abs(ticks - us / 1000) <= 2 + us / 1e6  # the PIT's tick of 1 ms has 1193 clocks: 0.02 % less
    return us


KEYS, BYTES = "abcdefghijklmnopqrstuvwxyz", "0123456789" * 3
MOST_KEYS = 36  # with those bytes a line of the monitor is nearly full


@pytest.mark.parametrize("disk", ["ahci", "usb-xhci", "ide"])
def test_ten_thousand_calls(disk, image):
    """The timer at 1 kHz, keys pressed and bytes sent to COM1 all the while: none of either is lost."""
    with Qemu(*disk_arguments(image.cmdline("disk=bios").path, disk)) as machine:
        machine.wait_ready(60)
        began = time.monotonic()
        start, result = call_often(machine, CALLS)
        time.sleep(1)
        machine.send_at_once(BYTES)  # more than the port keeps: the emulator's waits
        typed = ""
        while "reads of" not in machine.serial[start:] and len(typed) < MOST_KEYS:
            machine.keys(KEYS[len(typed) % len(KEYS)])
            typed += KEYS[len(typed) % len(KEYS)]
        us = check_ticks(result(), CALLS)
        assert us / 1e6 == pytest.approx(time.monotonic() - began, rel=0.1, abs=1)
        line = machine.wait_for(r"monitor> (\w{%u})\Z" % len(typed + BYTES), 20, start)[1]
        assert "".join(c for c in line if c in KEYS) == typed
        assert "".join(c for c in line if c in BYTES) == BYTES
        machine.key("ret")
        machine.wait_for(f"no command {line};", 20, start)
        assert len(typed) > 20
        check_alive(machine)
        check_sectors(machine, image.path, 5)


@pytest.mark.quick
def test_what_com1_receives():
    """Bytes that come during a call wait in the port."""
    with Qemu(*disk_arguments(DISK, "ahci")) as machine:
        machine.wait_ready(60)
        start, result = call_often(machine, 2000)
        typed = "".join(KEYS[number % 26] for number in range(60))
        machine.send(typed)
        result()
        machine.wait_for(r"monitor> " + typed + r"\Z", 20, start)


LINES, LINE_BYTES = 300, 60


def test_what_com1_receives_while_programs_swap(tmp_path):
    """Some 18,000 bytes, as fast as the port takes them: each arrives."""
    disk = SwapDisk(tmp_path)
    with Qemu("-m", "16", *disk_arguments(disk.path, "ahci", snapshot=False)) as machine:
        machine.wait_shell(60)
        machine.send("swap-check passes 32 60 > /dev/null &\n")
        machine.wait_for(r"^\[1\]", 20)
        machine.send("cat > /tmp/lines\n")
        lines = [("%04d " % number).ljust(LINE_BYTES - 1, "x") for number in range(LINES)]
        machine.send_at_once("".join(line + "\n" for line in lines))
        machine.wait_for(rf"^{lines[-1]}$", 300)
        start = len(machine.serial)
        machine.send("\x04")
        machine.wait_for("^/ # ", 60, start)
        assert machine.shell("cat /tmp/lines", 60).split("\n") == lines


# A BIOS made worse.

WORSE = {"no-edd", "edd-claims-and-fails", "reset-fails", "at-most-16-sectors", "at-most-1-sector",
         "at-most-1-sector-no-edd", "packet-by-the-book", "packet-changed", "status-though-it-worked",
         "int13-changes-all", "all-change-all", "42h-changes-segments", "segments-changed",
         "upper-halves-changed", "esp-upper-half", "df-set-on-return", "if-clear-on-return",
         "if-set-on-return", "nt-and-iopl-set-on-return", "gdt-of-the-bios", "idt-of-64k",
         "fpu-switched-by-each-call", "a-kilobyte-of-stack", "a20-off-after-each-call",
         "a20-off-after-each-call-and-2401-lies", "flaky-fat", "geometry-fails"}
FROM_INSIDE = {"fpu-used-by-each-call", "fpu-switched-by-each-call", "all-change-all", "gdt-of-the-bios",
               "idt-of-64k", "a20-off-after-each-call", "at-most-1-sector-no-edd"}
WORSE_QUICK = {"int13-changes-all"}


@pytest.mark.parametrize("mode", [
    pytest.param(mode, id=mode["name"], marks=[pytest.mark.quick] if mode["name"] in WORSE_QUICK else [])
    for mode in MODES if mode["name"] in WORSE])
def test_worse_bios(mode, image, tmp_path):
    row = {"args": ["-option-rom", build(mode, tmp_path)], "memory": mode.get("memory", MEMORY)}
    path = image.cmdline("disk=bios").path
    with rows.start(row, path) as machine:
        machine.wait_ready(60)
        check_sectors(machine, path)
        check_partition(machine, path)
        _, result = call_often(machine, 300)
        check_ticks(result(), 300)
        check_alive(machine)


@pytest.mark.parametrize("mode", [
    pytest.param(mode, id=mode["name"], marks=[pytest.mark.quick] if mode["name"].startswith("fpu-u") else [])
    for mode in MODES if mode["name"] in FROM_INSIDE])
@pytest.mark.parametrize("cpu", ["max", "pentium"])
def test_worse_bios_from_inside(mode, cpu, image, tmp_path):
    """The kernel's own tests: registers, x87, interrupt table, many sectors as one by one."""
    path = image.cmdline("disk=bios selftest=bios").path
    with Qemu(*DEBUG_EXIT, "-cpu", cpu, "-m", "128", "-option-rom", build(mode, tmp_path),
              *disk_arguments(path)) as machine:
        status = machine.wait_exit(60)
        machine.wait_for(r"\Z")
        assert status == PASSED, machine.serial[-3000:]


def test_every_mode_is_there():
    assert WORSE | FROM_INSIDE <= {mode["name"] for mode in MODES}


def test_a_stick_that_is_pulled_out(tmp_path):
    """Each call to it would wait for seconds: it is given up, and the machine goes on without it."""
    disk = SwapDisk(tmp_path)
    stick = ["-device", "qemu-xhci", "-device", "usb-storage,drive=d,id=stick"]
    with Qemu("-m", "16", "-drive", f"file={disk.path},format=raw,if=none,id=d", *stick) as machine:
        machine.wait_shell()
        machine.send("swap-check passes 32 &\n")
        machine.wait_for(r"^\[1\]", 10)
        time.sleep(3)
        machine.hmp("device_del stick")
        machine.wait_for("error: bios80 does not answer: not used any more$", 120)
        machine.wait_for(r"swap-check \(pid \d+\): (out of memory|a page on the disk cannot be read)", 60)
    disk.changed_in_swap()
