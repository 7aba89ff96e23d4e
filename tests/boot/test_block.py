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
from image import DISK, SECTOR, Image, copy_disk
from qemu import Qemu
from slow_disk import SlowDisk

WAYS = {"dma": "", "pio": "ata=pio"}
PLACES = {"hda": ("ide.0", 0), "hdb": ("ide.0", 1), "hdc": ("ide.1", 0), "hdd": ("ide.1", 1)}
TABLE, SIGNATURE = 0x1BE, 0x1FE
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
