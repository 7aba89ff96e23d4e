"""Structured damage: a field of the partition table, of stage 2, of the FAT file system, of
BOOT.CFG or of a file gets another value, and the checksums that a person would update are updated.

Stage 1's own code is left alone: nothing runs before it that could check it.
"""

import random
import struct
import zlib

from image import INITRD, KERNEL, PARTITION, SECTOR

BOOT_CFG, KERNEL_NAME, INITRD_NAME = "BOOT    CFG", "KERNEL  ELF", "INITRD  CPI"
EXTREMES = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def other_value(chosen, old, size):
    """Another value for a field of `size` bytes: an extreme, a neighbour, another bit, or any."""
    limit = 1 << 8 * size
    while True:
        new = chosen.choice([
            chosen.choice(EXTREMES), old + chosen.choice([-1, 1, -2, 2, 512, 4096]),
            old ^ 1 << chosen.randrange(8 * size), chosen.randrange(limit)]) % limit
        if new != old:
            return new


def field(chosen, name, offset, size):
    """Changes `size` bytes at `offset(image)` of the disk."""
    seed = chosen.random()

    def change(image):
        at = offset(image) if callable(offset) else offset
        old = int.from_bytes(image.read(at, size), "little")
        new = other_value(random.Random(seed), old, size)
        image.patch(at, new.to_bytes(size, "little"))
    return f"{name} {seed:.6f}", change, "all"


# The partition table and what looks like a BPB in front of stage 1.


def mbr(chosen):
    entry = chosen.randrange(4)
    name, offset, size = chosen.choice([
        ("status", 0, 1), ("first-chs", 1, 3), ("type", 4, 1), ("last-chs", 5, 3), ("first", 8, 4),
        ("sectors", 12, 4)])
    if chosen.random() < 0.2:
        return field(chosen, "mbr bpb", 3 + chosen.randrange(0x57), 1)
    return field(chosen, f"mbr entry {entry} {name}", 446 + 16 * entry + offset, size)


def stage2(chosen):
    if chosen.random() < 0.4:
        return field(chosen, "stage2 header", SECTOR + chosen.randrange(32), chosen.choice([1, 2, 4]))
    return field(chosen, "stage2 body", SECTOR + chosen.randrange(60 * SECTOR), chosen.choice([1, 4]))


# FAT.


def bpb(chosen):
    name, offset, size = chosen.choice([
        ("bytes per sector", 11, 2), ("sectors per cluster", 13, 1), ("reserved", 14, 2),
        ("fats", 16, 1), ("root entries", 17, 2), ("total 16", 19, 2), ("media", 21, 1),
        ("fat size 16", 22, 2), ("track", 24, 2), ("heads", 26, 2), ("hidden", 28, 4),
        ("total 32", 32, 4), ("fat32 size", 36, 4), ("fat32 flags", 40, 2), ("fat32 root", 44, 4),
        ("signature", 510, 2)])
    return field(chosen, "bpb " + name, PARTITION + offset, size)


def fat(chosen):
    name = chosen.choice([KERNEL_NAME, KERNEL_NAME, INITRD_NAME, BOOT_CFG])
    seed = chosen.random()

    def change(image):
        dice = random.Random(seed)
        cluster = image.first_cluster(name)
        (size,) = struct.unpack("<I", image.read(image.find(name) + 28, 4))
        clusters = max(1, -(-size // image.fat()["cluster"]))
        at = cluster + dice.randrange(clusters)
        image.set_fat(at, dice.choice([
            0, 1, 2, at, cluster, at + 2, at - 1, 0xFFEF, 0xFFF0, 0xFFF6, 0xFFF7, 0xFFF8, 0xFFFF,
            dice.randrange(0x10000)]) % 0x10000)
    return f"fat {name.split()[0]} {seed:.6f}", change, "all"


def directory(chosen):
    name = chosen.choice([KERNEL_NAME, INITRD_NAME, BOOT_CFG])
    part, offset, size = chosen.choice([
        ("name", chosen.randrange(11), 1), ("attributes", 11, 1), ("cluster high", 20, 2),
        ("cluster", 26, 2), ("size", 28, 4), ("size", 28, 4), ("whole", chosen.randrange(32), 1)])
    return field(chosen, f"entry {name.split()[0]} {part}", lambda image: image.find(name) + offset,
                 size)


# BOOT.CFG.


def config_text(text, dice):
    """One change of the text."""
    lines = text.splitlines()
    kind = dice.randrange(12)
    at = dice.randrange(len(text))
    line = dice.randrange(len(lines))
    if kind == 0:       # a bit
        return text[:at] + chr(ord(text[at]) ^ 1 << dice.randrange(7)) + text[at + 1:]
    if kind == 1:       # a byte
        return text[:at] + chr(dice.randrange(256)) + text[at + 1:]
    if kind == 2:
        return text[:at]
    if kind == 3:
        return "\xef\xbb\xbf" + text
    if kind == 4:
        return text.replace("\n", "\r\n")
    if kind == 5:
        lines[line] = lines[line].replace("=", " ")
    elif kind == 6:
        lines.insert(line, lines[dice.randrange(len(lines))])
    elif kind == 7:
        del lines[line]
    elif kind == 8:
        lines[line] += dice.choice([" ", "\0", "\t", "\x1b[2J", "\r@READY", "#", "=" * 40, "x" * 300])
    elif kind == 9:
        lines.insert(line, dice.choice(["cmdline = " + "y" * 600, "colour = blue", "= 1", "kernel =",
                                        "kernel_crc32 = 123456789", "kernel_crc32 = xyz",
                                        "step = 2", "initrd_crc32 = -1", "KERNEL = BOOT/KERNEL.ELF"]))
    elif kind == 10:
        lines[line] = lines[line].replace("/", dice.choice(["\\", "//", "/../", " / "]))
    else:
        lines[line] = lines[line].upper()
    return "\n".join(lines) + "\n"


def config(chosen):
    seed = chosen.random()

    def change(image):
        offset = image.find(BOOT_CFG)
        first = image.first_cluster(BOOT_CFG)
        layout = image.fat()
        base = layout["data"] + (first - 2) * layout["cluster"]
        (size,) = struct.unpack("<I", image.read(offset + 28, 4))
        text = image.read(base, size).decode("latin-1")
        new = config_text(text, random.Random(seed)).encode("latin-1")
        assert len(new) <= layout["cluster"]
        image.patch(base, new.ljust(layout["cluster"], b"\0"))
        image.patch(offset + 28, struct.pack("<I", len(new)))
    return f"config {seed:.6f}", change, "kernel"


# Files, with the checksums in BOOT.CFG updated or removed: somebody built it like that.


def with_file(name, make):
    """The image with build/`name` changed by `make`, and a configuration that fits it."""
    def change(image):
        files = {}
        for which in (KERNEL, INITRD):
            with open(which, "rb") as file:
                files[which] = file.read()
        files[name] = make(files[name])
        image.write_file("BOOT/KERNEL.ELF" if name == KERNEL else "BOOT/INITRD.CPI", files[name])
        image.config("kernel = BOOT/KERNEL.ELF\nkernel_crc32 = %x\ninitrd = BOOT/INITRD.CPI\n"
                     "initrd_crc32 = %x\n" % (zlib.crc32(files[KERNEL]), zlib.crc32(files[INITRD])))
    return change


def patched(data, offset, size, dice):
    old = int.from_bytes(data[offset:offset + size], "little")
    return data[:offset] + other_value(dice, old, size).to_bytes(size, "little") + data[offset + size:]


def elf(chosen):
    """A field of the ELF header, a program header, the note, a section header."""
    seed = chosen.random()
    part = chosen.choice(["ehdr", "phdr", "note", "shdr"])

    def make(data):
        dice = random.Random(seed)
        phoff, shoff = struct.unpack_from("<II", data, 28)
        phnum, _, shnum = struct.unpack_from("<HHH", data, 44)
        if part == "ehdr":
            # Not e_entry, nor what is loaded: a kernel that is entered elsewhere is another kernel.
            offset, size = dice.choice([(0, 4), (4, 1), (5, 1), (6, 1), (7, 1), (16, 2), (18, 2),
                                        (20, 4), (28, 4), (32, 4), (36, 4), (40, 2), (42, 2),
                                        (44, 2), (46, 2), (48, 2), (50, 2)])
            return patched(data, offset, size, dice)
        if part == "phdr":
            offset = phoff + 32 * dice.randrange(phnum) + 4 * dice.choice([0, 2, 3, 4, 5, 7])
            return patched(data, offset, 4, dice)
        if part == "note":
            notes = [struct.unpack_from("<I", data, phoff + 32 * i + 4)[0] for i in range(phnum)
                     if struct.unpack_from("<I", data, phoff + 32 * i)[0] == 4]
            return patched(data, notes[0] + 4 * dice.randrange(6), 4, dice)
        offset = shoff + 40 * dice.randrange(shnum) + 4 * dice.randrange(10)
        return patched(data, offset, 4, dice)
    same = part in ("ehdr", "shdr")  # the note is loaded with the rest
    return f"elf {part} {seed:.6f}", with_file(KERNEL, make), "kernel" if same else ""


def initrd(chosen):
    seed = chosen.random()

    def make(data):
        dice = random.Random(seed)
        kind = dice.randrange(4)
        if kind == 0:
            return data[:dice.randrange(len(data))]
        if kind == 1:
            return data + bytes(dice.randrange(5000))
        at = dice.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1:]
    return f"initrd {seed:.6f}", with_file(INITRD, make), "kernel"


TARGETS = [mbr, stage2, bpb, fat, directory, config, elf, initrd]


def choose(chosen):
    """(name, change of an image, what to compare: see cases.Case) of one mutation."""
    return chosen.choice(TARGETS)(chosen)
