"""Disks: what the kernel reads is what the image holds, nothing but swap is written, QEMU has counted what
the kernel has; disks that fail, once or for ever, that stop answering, that are not there; partition
tables that cannot be right."""

import json
import os
import re
import struct
import time
import zlib

import pytest
from image import DISK, SECTOR, Image
from machine import CALL
from qemu import Qemu
from rows import disk_arguments
from slow_disk import SlowDisk
from test_processes import at_shell, run

WAYS = {"dma": "", "pio": "ata=pio"}
PLACES = {"hda": ("ide.0", 0), "hdb": ("ide.0", 1), "hdc": ("ide.1", 0), "hdd": ("ide.1", 1)}
TABLE = 0x1BE
PASSED = 33  # of isa-debug-exit
MB = 1 << 20


def data_disk(folder, name, size=MB):
    """A disk without a partition table: (path, CRC-32)."""
    path = os.path.join(str(folder), name)
    data = os.urandom(size - 2) + b"\0\0"
    with open(path, "wb") as file:
        file.write(data)
    return path, f"{zlib.crc32(data):08x}"


def on_ide(name, path, node=None):
    """The arguments for a disk at one of the four places; `node`: something else than a file."""
    bus, unit = PLACES[name]
    node = node or {"driver": "file", "filename": path}
    return ["-blockdev", json.dumps({"driver": "raw", "node-name": "node-" + name, "file": node}),
            "-device", f"ide-hd,drive=node-{name},bus={bus},unit={unit},id={name}"]


def start(image, *others, cmdline="", arguments=()):
    """A machine at the monitor's prompt: disk.img as hda, and others."""
    image.cmdline(cmdline)
    machine = Qemu(*arguments, *on_ide("hda", image.path), *(word for disk in others for word in disk))
    machine.wait_ready(60)
    return machine


def disks(machine):
    """{name: {column: value}} as the monitor prints them; "marks" is what stands behind the numbers."""
    columns = ["number", "type", "first", "sectors", "reads", "read", "writes", "written", "errors"]
    found, last = {}, None
    for line in machine.command("disks").splitlines():
        words = line.split()
        further = re.match(r" +(\d+) further tries, (\d+) resets", line)
        if further:
            last["retries"], last["resets"] = map(int, further.groups())
        elif len(words) >= 10 and words[0] != "name":
            last = dict(zip(columns, words[1:10]), marks=words[10:], retries=0, resets=0)
            last.update({name: int(last[name]) for name in columns[2:]})
            found[words[0]] = last
    return found


def crc_of(machine, name, timeout=120):
    """(what it says of sectors that cannot be read, CRC-32)"""
    said = machine.command("disks " + name, timeout)
    return said, re.search(r"CRC-32 (\w{8})", said)[1]


def image_crc(path, first=0, sectors=None):
    with open(path, "rb") as file:
        file.seek(first * SECTOR)
        return f"{zlib.crc32(file.read(sectors * SECTOR if sectors else -1)):08x}"


def stats(machine):
    """{device: statistics} of QEMU."""
    return {row["qdev"].split("/")[-1]: row["stats"] for row in machine.qmp("query-blockstats")
            if row.get("qdev")}


# ---- reading ----

@pytest.mark.parametrize("way", WAYS)
def test_reads_every_place(image, tmp_path, way):
    """All four disks, each with other bytes; QEMU has counted each sector that the kernel has."""
    made = {name: data_disk(tmp_path, name) for name in ("hdb", "hdc", "hdd")}
    with start(image, *(on_ide(name, path) for name, (path, _) in made.items()),
               cmdline=WAYS[way]) as machine:
        before, outside_before = disks(machine), stats(machine)
        for name, (_, crc) in made.items():
            said, found = crc_of(machine, name)
            assert found == crc and "cannot" not in said, name
        first = disks(machine)["hda1"]["first"]
        sectors = disks(machine)["hda1"]["sectors"]
        assert crc_of(machine, "hda1")[1] == image_crc(image.path, first, sectors)
        after, outside = disks(machine), stats(machine)
    for name in ("hda", *made):
        read = after[name]["read"] - before[name]["read"]
        assert read * SECTOR == outside[name]["rd_bytes"] - outside_before[name]["rd_bytes"], name
        assert outside[name]["wr_bytes"] == 0 and after[name]["errors"] == 0
        requests = after[name]["reads"] - before[name]["reads"]
        counted = outside[name]["rd_operations"] - outside_before[name]["rd_operations"]
        if way == "dma":  # one for one; by PIO, QEMU counts each interrupt
            assert counted == requests, name
        else:
            assert counted > requests, name


@pytest.mark.quick
def test_partitions(image):
    """As the image's table has them; and which disk we came from."""
    table = image.read(TABLE, 32)
    entries = [struct.unpack_from("<BxxxBxxxII", table, at) for at in (0, 16)]
    with start(image) as machine:
        found = disks(machine)
    assert list(found) == ["hda", "hda1", "hda2"]
    for number, (_, kind, first, sectors) in enumerate(entries, 1):
        row = found[f"hda{number}"]
        assert (int(row["type"], 16), row["first"], row["sectors"]) == (kind, first, sectors)
    assert found["hda"]["marks"] == ["boot"]


def test_interrupts_that_are_lost(image, tmp_path):
    """The second controller is masked from outside: the disk is looked at with each tick."""
    path, crc = data_disk(tmp_path, "hdb", MB // 4)
    with start(image, on_ide("hdb", path)) as machine:
        machine.hmp("o /b 0xa1 0xff")
        said, found = crc_of(machine, "hdb")
        assert found == crc and disks(machine)["hdb"]["retries"] == 0


@pytest.mark.parametrize("way", WAYS)
def test_frames_beyond_4_gb(image, way):
    """The kernel's own test, with memory that a bus master does not reach."""
    image.cmdline("selftest=block " + WAYS[way])
    with Qemu("-m", "6144", "-cpu", "max", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
              *disk_arguments(image.path), program="qemu-system-x86_64") as machine:
        assert machine.wait_exit(60) == PASSED, machine.serial[-3000:]
        machine.wait_for(r"\Z")
        assert "SKIP" not in machine.serial and "ok 2 block.beyond_4_gb" in machine.serial


# ---- who is not there ----

ABSENT = {
    "no controller": ["-M", "q35"],
    "channels without disks": ["-device", "ahci,id=ahci0"],
    "a drive for CDs": ["-drive", "media=cdrom,index=2"],
}


@pytest.mark.parametrize("what", ABSENT)
def test_no_disk(what):
    """Quick and quiet: the kernel says nothing of it, and takes no longer than without looking."""
    disk = disk_arguments(DISK, "usb-ehci")
    with Qemu(*ABSENT[what], *disk) as machine:
        machine.wait_ready(60)
        assert not re.search(r"^(warning|error)|hd[a-d]", machine.serial, re.M)
        assert not set(disks(machine)) & set(PLACES)


def test_a_slave_alone(tmp_path):
    path, crc = data_disk(tmp_path, "hdd")
    boot = disk_arguments(DISK, "usb-ehci")
    boot[-1] += ",bootindex=1"
    with Qemu(*boot, *on_ide("hdd", path)) as machine:
        machine.wait_ready(60)
        assert not re.search(r"^(warning|error)", machine.serial, re.M)
        assert set(disks(machine)) & set(PLACES) == {"hdd"}
        assert crc_of(machine, "hdd")[1] == crc


# ---- partition tables that cannot be right ----

SWAP, FAT = 0x82, 0x06
DISK_SECTORS = MB // SECTOR
REFUSED = {  # the second entry; the first one is FAT, from 100 on, 400 sectors
    "beyond": (SWAP, 1000, DISK_SECTORS - 999, "ends beyond the disk", ["hdb1"]),
    "far beyond": (SWAP, 0xFFFFFFFF, 0xFFFFFFFF, "ends beyond the disk", ["hdb1"]),
    "empty": (SWAP, 600, 0, "has no sectors", ["hdb1"]),
    "the table": (SWAP, 0, 50, "begins with the partition table itself", ["hdb1"]),
    "overlap": (SWAP, 499, 100, "overlaps another", []),
    "around": (SWAP, 1, DISK_SECTORS - 1, "overlaps another", []),
    "good": (SWAP, 500, DISK_SECTORS - 500, None, ["hdb1", "hdb2"]),
}


def set_table(path, kind, first, sectors):
    """FAT from 100 on, 400 sectors; and another partition."""
    with open(path, "r+b") as file:
        file.seek(TABLE)
        file.write(struct.pack("<BxxxBxxxII", 0x80, FAT, 100, 400)
                   + struct.pack("<BxxxBxxxII", 0, kind, first, sectors) + bytes(32) + b"\x55\xaa")


@pytest.mark.parametrize("case", REFUSED)
def test_partition_table(image, tmp_path, case):
    """What is refused is named, and is no device; the boot goes on."""
    kind, first, sectors, why, left = REFUSED[case]
    path, _ = data_disk(tmp_path, "hdb")
    set_table(path, kind, first, sectors)
    with start(image, on_ide("hdb", path)) as machine:
        said = re.findall(r"^warning: hdb: partition 2 \(.*\) (.*): not used$", machine.serial, re.M)
        assert [name for name in disks(machine) if name[:3] == "hdb"] == ["hdb", *left]
        assert said == ([why] if why else [])


# ---- from programs ----

def test_only_swap_is_written(tmp_path):
    """All sectors of the disk are as before but those that were written in the swap partition. That of the
    disk we came from has the kernel alone, since init has called swapon."""
    image = Image(tmp_path).initrd("build/initrd-busybox.cpi")
    path, _ = data_disk(tmp_path, "hdb")
    set_table(path, SWAP, 500, 1000)
    with open(path, "rb") as file:
        before = file.read()
    with Qemu(*on_ide("hda", image.path), *on_ide("hdb", path)) as machine:
        at_shell(machine)
        for device in ("hda", "hda1", "boot", "boot1", "hdb", "hdb1"):
            assert "not permitted" in run(machine, f"echo x > /dev/{device}"), device
        assert "busy" in run(machine, "echo x > /dev/hda2")
        assert "3+0 records out" in run(machine, "dd if=/dev/hdb of=/dev/hdb2 bs=1000 count=3 seek=50")
        run(machine, f"echo end | dd of=/dev/hdb2 bs=1 seek={1000 * SECTOR - 4}")
        assert "No space" in run(machine, f"echo more | dd of=/dev/hdb2 bs=1 seek={1000 * SECTOR}")
        assert "synced" in run(machine, "dd if=/dev/null of=/dev/hdb2 conv=notrunc,fsync && echo synced")
        assert stats(machine)["hdb"]["flush_operations"] == 1
    expected = bytearray(before)
    place = 500 * SECTOR + 50000
    expected[place:place + 3000] = before[:3000]
    expected[1500 * SECTOR - 4:1500 * SECTOR] = b"end\n"
    with open(path, "rb") as file:
        assert file.read() == expected


def test_programs_side_by_side(tmp_path):
    """Four disks read at the same time, each by a program of its own."""
    image = Image(tmp_path).initrd("build/initrd-busybox.cpi")
    made = {name: data_disk(tmp_path, name) for name in ("hdb", "hdc", "hdd")}
    with Qemu(*on_ide("hda", image.path),
              *(word for name, (path, _) in made.items() for word in on_ide(name, path))) as machine:
        at_shell(machine)
        run(machine, "for i in b c d b c d; do busybox crc32 /dev/hd$i > /tmp/$i & done; wait")
        said = run(machine, "cat /tmp/b /tmp/c /tmp/d")
        assert re.findall(r"\b\w{8}\b", said) == [crc for _, crc in made.values()]
        rows = re.findall(r"^ +\d+ +\d+ (\w+) (\d+) 0 (\d+) ", run(machine, "cat /proc/diskstats"), re.M)
        assert {name: sectors for name, _, sectors in rows}["hdc"] == str(2 * DISK_SECTORS + 1)


# ---- errors ----

def failing(path, sector, once, event="read_aio"):
    return {"driver": "blkdebug", "image": {"driver": "file", "filename": path},
            "inject-error": [{"event": event, "errno": 5, "sector": sector, "once": once}]}


@pytest.mark.parametrize("way", WAYS)
def test_a_sector_fails_once(image, tmp_path, way):
    path, crc = data_disk(tmp_path, "hdb")
    with start(image, on_ide("hdb", path, failing(path, 700, True)), cmdline=WAYS[way]) as machine:
        said, found = crc_of(machine, "hdb")
        row = disks(machine)["hdb"]
        assert found == crc and "cannot" not in said
        assert (row["retries"], row["errors"]) == (1, 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_sector_fails_for_ever(image, tmp_path, way):
    """Only the request that it lies in; the disk is not given up."""
    path, _ = data_disk(tmp_path, "hdb")
    with start(image, on_ide("hdb", path, failing(path, 700, False)), cmdline=WAYS[way]) as machine:
        said, _ = crc_of(machine, "hdb")
        row = disks(machine)["hdb"]
        assert re.findall(r"^sectors (\d+) to (\d+) cannot be read", said, re.M) == [("640", "703")]
        assert (row["retries"], row["errors"], row["resets"], row["marks"]) == (3, 1, 0, [])
        assert crc_of(machine, "hda1")[1] == image_crc(image.path, 2048, disks(machine)["hda1"]["sectors"])


@pytest.mark.parametrize("once", [True, False])
def test_a_write_fails(tmp_path, once):
    """Once: it is written after all. For ever: the program is told, and the next sector is written."""
    image = Image(tmp_path).initrd("build/initrd-busybox.cpi")
    path, _ = data_disk(tmp_path, "hdb")
    set_table(path, SWAP, 500, 1000)
    node = failing(path, 600, once, "write_aio")
    with Qemu(*on_ide("hda", image.path), *on_ide("hdb", path, node)) as machine:
        at_shell(machine)
        said = run(machine, "dd if=/dev/hdb1 of=/dev/hdb2 bs=512 seek=100 count=1")
        assert ("Input/output error" in said) == (not once)
        assert "1+0 records out" in run(machine, "dd if=/dev/hdb1 of=/dev/hdb2 bs=512 seek=101 count=1")
        machine.send(CALL)
        machine.wait_for("monitor> ")
        row = disks(machine)["hdb"]
        assert (row["retries"], row["errors"], row["marks"]) == ((1, 0, []) if once else (3, 1, []))
    with open(path, "rb") as file:
        data = file.read()
    first = data[100 * SECTOR:101 * SECTOR]
    assert (data[600 * SECTOR:601 * SECTOR] == first) == once
    assert data[601 * SECTOR:602 * SECTOR] == first


def test_dma_that_fails(image, tmp_path):
    """The bus master's ports are taken away: the disk goes on by PIO, and nothing is lost."""
    path, crc = data_disk(tmp_path, "hdb")
    with start(image, on_ide("hdb", path)) as machine:
        machine.hmp("o /w 0xcf8 0x80000920")  # the IDE function of the PIIX3, BAR 4
        machine.hmp("o /w 0xcfc 0xd001")
        said, found = crc_of(machine, "hdb")
        assert found == crc and "cannot" not in said
        assert said.count("warning: hdb: DMA fails: goes on without") == 1
        row = disks(machine)["hdb"]
        assert (row["retries"], row["resets"], row["errors"]) == (2, 2, 0)
        assert "warning" not in machine.command("disks hdb", 60)


@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_stops_answering(image, tmp_path, way):
    """From some time on it answers after 7 s, when the kernel has reset it already. It is given up in less
    than a minute, with one line, and refused at once afterwards; the disk beside it goes on."""
    slow = SlowDisk(tmp_path, os.urandom(MB - 2) + bytes(2))
    with start(image, on_ide("hdb", None, slow.node()), cmdline=WAYS[way]) as machine:
        assert crc_of(machine, "hdb")[1] == f"{zlib.crc32(slow.data):08x}"
        slow.delay = 7
        began = time.monotonic()
        said = machine.command("disks hdb", 90)
        assert 20 < time.monotonic() - began < 60
        assert said.count("hdb does not answer: not used any more") == 1
        row = disks(machine)["hdb"]
        assert row["marks"] == ["dead"] and row["retries"] == 3 and row["errors"] == 1
        began = time.monotonic()
        machine.command("disks hdb", 10)
        assert time.monotonic() - began < 3
        sectors = disks(machine)["hda1"]["sectors"]
        assert crc_of(machine, "hda1")[1] == image_crc(image.path, 2048, sectors)
        assert disks(machine)["hda"]["marks"] == ["boot"]


@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_answers_late_once(image, tmp_path, way):
    """It is reset, asked again, and all is well."""
    slow = SlowDisk(tmp_path, os.urandom(MB - 2) + bytes(2))
    with start(image, on_ide("hdb", None, slow.node()), cmdline=WAYS[way]) as machine:
        slow.delay = 7
        machine.send("disks hdb\r")
        time.sleep(2)
        slow.delay = 0
        machine.wait_for(r"^hdb: 2048 sectors, CRC-32 " + f"{zlib.crc32(slow.data):08x}", 60)
        row = disks(machine)["hdb"]
        assert (row["retries"], row["resets"], row["errors"], row["marks"]) == (1, 1, 0, [])
