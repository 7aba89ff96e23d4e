"""From a row of machines.toml to a running machine."""

import os
import tomllib

from bochs import Bochs
from image import REPOSITORY
from qemu import Qemu
from v86 import V86

MB = 1024 * 1024
PAGE = 4096
HOLE = (0xA0000, 0x100000)  # video memory and ROMs: never usable

# The arguments that attach the disk `d`; "ide" is what -hda is.
DISKS = {
    "ahci": ["-device", "ahci,id=ahci0", "-device", "ide-hd,drive=d,bus=ahci0.0"],
    "usb-uhci": ["-device", "piix3-usb-uhci", "-device", "usb-storage,drive=d"],
    "usb-ohci": ["-device", "pci-ohci", "-device", "usb-storage,drive=d"],
    "usb-ehci": ["-device", "usb-ehci", "-device", "usb-storage,drive=d"],
    "usb-xhci": ["-device", "qemu-xhci", "-device", "usb-storage,drive=d"],
    "usb-hub": ["-device", "qemu-xhci", "-device", "usb-hub,port=1",
                "-device", "usb-storage,drive=d,port=1.2"],
    "usb-uas": ["-device", "usb-ehci", "-device", "usb-uas,id=u", "-device", "scsi-hd,drive=d,bus=u.0"],
    "virtio-blk": ["-device", "virtio-blk-pci,drive=d"],
    "virtio-scsi": ["-device", "virtio-scsi-pci", "-device", "scsi-hd,drive=d"],
    "lsi": ["-device", "lsi53c895a", "-device", "scsi-hd,drive=d"],
    "megasas": ["-device", "megasas", "-device", "scsi-hd,drive=d"],
    "megasas-gen2": ["-device", "megasas-gen2", "-device", "scsi-hd,drive=d"],
    "am53c974": ["-device", "am53c974", "-device", "scsi-hd,drive=d"],
    "dc390": ["-device", "dc390", "-device", "scsi-hd,drive=d"],
    "mptsas": ["-device", "mptsas1068", "-device", "scsi-hd,drive=d"],
    "pvscsi": ["-device", "pvscsi", "-device", "scsi-hd,drive=d"],
    "second": ["-drive", "driver=null-co,size=1G,read-zeroes=on,if=none,id=other",
               "-device", "ide-hd,drive=other,bus=ide.0",
               "-device", "ide-hd,drive=d,bus=ide.1,bootindex=1"],
    "floppy": ["-device", "floppy,drive=d,drive-type=288"],
    "nvme": ["-device", "nvme,drive=d,serial=1"],
}


def load():
    with open(os.path.join(REPOSITORY, "tests/boot/machines.toml"), "rb") as file:
        return tomllib.load(file)["rows"]


def disk_arguments(image, disk="ide", snapshot=True):
    """`snapshot`: what the machine writes is forgotten."""
    drive = f"file={image},format=raw,snapshot={'on' if snapshot else 'off'},if="
    if disk == "ide":
        return ["-drive", drive + "ide"]
    return ["-drive", drive + "none,id=d"] + DISKS[disk]


def start(row, image, **options):
    """Starts the machine of a row with this image; the caller closes it."""
    memory = row.get("memory", 128)
    if "serial" in row:
        options["serial"] = row["serial"]
    if row.get("emulator") == "bochs":
        return Bochs(image, cpu=row["cpu"], megs=memory, bios=row["bios"], pci=row.get("pci", 1))
    if row.get("emulator") == "v86":
        return V86(image, memory)
    arguments = ["-M", row.get("machine", "pc"), "-m", str(memory)]
    if "cpu" in row:
        arguments += ["-cpu", row["cpu"]]
    arguments += row.get("args", [])
    arguments += disk_arguments(image, row.get("disk", "ide"))
    return Qemu(*arguments, program=row.get("program", "qemu-system-i386"), **options)


def ram_of(row, machine):
    """Where the machine has RAM: asked of QEMU, and what was configured for the others."""
    if isinstance(machine, Qemu):
        return machine.ram()
    return [(0, HOLE[0]), (HOLE[1], row["memory"] * MB)]


def raw_map(machine):
    """The BIOS's own memory map, as the monitor prints it: [(base, end, type)]."""
    ranges = []
    for line in machine.command("e820").splitlines():
        words = line.split()
        if words[:1] == ["raw"]:
            base, length = int(words[1], 16), int(words[2], 16)
            ranges.append((base, base + length, int(words[3])))
    return ranges


def subtract(ranges, first, end):
    result = []
    for start_, stop in ranges:
        result += [(a, b) for a, b in ((start_, min(stop, first)), (max(start_, end), stop))
                   if a < b]
    return result


def whole_frames(ranges):
    return sum(max(0, end // PAGE - -(-start_ // PAGE)) for start_, end in merge(ranges))


def merge(ranges):
    merged = []
    for start_, end in sorted(ranges):
        if merged and merged[-1][1] >= start_:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start_, end))
    return merged


def expected_kilobytes(ram, raw):
    """What the kernel may use of this RAM, when the map reserves what it reserves."""
    usable = subtract(subtract(ram, *HOLE), 0, PAGE)
    for base, end, kind in raw:
        if kind != 1:
            usable = subtract(usable, base, end)
    return whole_frames(usable) * PAGE // 1024
