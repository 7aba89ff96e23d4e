"""Every error of include/ascent/errors.def, provoked, and seen on the screen and on COM1.

The tests are made from the table itself: an error without an entry in PROVOKE fails. What cannot be
had by damaging the image is done by GDB, which plays the machine that is at fault.
"""

import os
import re
import struct

import gdb
import other_kernels as other
import pytest
from image import DISK, EXIT_CODE, PARTITION, REPOSITORY, SECTOR, STAGE2_SECTORS, elf, lz4
from qemu import Qemu
from rows import disk_arguments

STAGE2 = SECTOR
RETURN_FALSE = bytes([0x66, 0x31, 0xC0, 0x66, 0xC3])  # 16-bit code: xor eax, eax; o32 ret
INT15_FAILS = bytes([0xF9, 0xCA, 0x02, 0x00])  # stc; retf 2


def load_table():
    with open(os.path.join(REPOSITORY, "include/ascent/errors.def"), encoding="ascii") as file:
        found = re.findall(r'^ERROR\( *(\d+), (\w+), +"([^"]*)", "([^"]*)"\)', file.read(), re.M)
    return [(int(number), name, message, remedy) for number, name, message, remedy in found]


def bad_sector(image, sector):
    """The disk of an image with one sector that cannot be read."""
    return ["-blockdev",
            '{"driver":"raw","node-name":"d0","file":{"driver":"blkdebug",'
            '"inject-error":[{"event":"none","iotype":"read","errno":5,"sector":%d,'
            '"once":false}],"image":{"driver":"file","filename":"%s"}}}' % (sector, image.path),
            "-device", "ahci,id=ahci0", "-device", "ide-hd,drive=d0,bus=ahci0.0,rerror=report"]


def with_gdb(symbol, *commands):
    """GDB does something when stage 2 reaches `symbol`."""
    def act(machine):
        gdb.at(machine, symbol, *commands)
    return act


def patched(symbol, function):
    """When stage 2 reaches `symbol`, `function` is made to return false."""
    return lambda image: ([], with_gdb(symbol, gdb.bytes_at(gdb.address_of(function),
                                                            RETURN_FALSE)))


def kernel(*segments, **fields):
    return lambda image: image.kernel(elf(list(segments) or None, **fields)) and []


def config(text):
    return lambda image: image.config(text) and []


def patch(offset, data):
    return lambda image: image.patch(offset, data) and []


def chain(position, value):
    """The FAT entry of a cluster of the kernel gets another value; 0: the first, -1: the last."""
    def change(image):
        cluster = image.first_cluster("KERNEL  ELF")
        (size,) = struct.unpack("<I", image.read(image.find("KERNEL  ELF") + 28, 4))
        clusters = -(-size // image.fat()["cluster"])
        image.set_fat(cluster + position % clusters, cluster if value is None else value)
        return []
    return change


def note(*words):
    return struct.pack(f"<III8s{len(words)}I", 7, 4 * len(words), 1, b"Ascent\0\0", *words)


def large_symbols(image):
    """A kernel that asks for symbols which do not fit."""
    data = elf([(0x100000, EXIT_CODE, {}), (0x101000, note(1), {"type": 4})],
               shoff=0x3000 + 3 * 2**20, shnum=2)
    symbols = struct.pack("<10I", 0, 2, 0, 0, 0x3000, 3 * 2**20, 1, 0, 4, 16)
    strings = struct.pack("<10I", 0, 3, 0, 0, 0x3000, 1, 0, 0, 1, 0)
    image.kernel(data.ljust(0x3000, b"\0") + bytes(3 * 2**20) + symbols + strings)
    return ["-m", "4"]


def large_initrd(image):
    image.write_file("BOOT/INITRD.CPI", bytes(8 * 2**20))
    image.config("kernel = BOOT/KERNEL.ELF\ninitrd = BOOT/INITRD.CPI\n")
    return ["-m", "8"]


def kernel_fills_memory(image):
    image.kernel(elf([(0x100000, EXIT_CODE, {"memsz": 0x7E0000 - 0x100000})]))
    return ["-m", "8", "-cpu", "486,-pse"]


def damaged_stage2(image):
    """One bit in the last of the error texts, which nobody reads before the check."""
    text = load_table()[-1][3].encode()
    return image.patch(STAGE2 + image.read(STAGE2, 144 * SECTOR).index(text), b"\0") and []


def multiboot(flags=3, rest=b"", **changes):
    return lambda image: image.kernel(other.multiboot(
        other.multiboot_header(flags, rest=rest, checksum=changes.pop("checksum", None)),
        **changes)) and []


def multiboot_cut_off(image):
    """A header that wants a video mode, the last of the 8192 bytes."""
    code = bytes(4096 - 12) + other.multiboot_header(7)
    image.kernel(other.multiboot(segments=[(0x100000, code, {})], entry=0x100000))
    return []


def linux(**fields):
    return lambda image: image.kernel(other.linux(**fields)) and []


def module_for_linux(image):
    image.write_file("BOOT/OTHER", other.linux())
    return image.config("kernel = BOOT/OTHER\nmodule = BOOT/OTHER\n") and []


def packed(at, value, *options):
    """A kernel in LZ4's frame format, with a byte of its own at `at`."""
    def change(image):
        data = bytearray(lz4(elf(), *(options or ["--content-size"])))
        if value is not None:
            data[at] = value
        return image.kernel(data) and []
    return change


def packed_and_large(image):
    """8 MB that become 30 KB: they fit on the disk, but not into memory."""
    image.kernel(lz4(elf([(0x100000, bytes(8 * 2**20), {})]), "--content-size"))
    return ["-m", "8"]


CODE = EXIT_CODE
PROVOKE = {
    "STAGE1_READ": lambda image: bad_sector(image, 10),
    "STAGE1_MAGIC": patch(STAGE2, b"XXXX"),
    "STAGE1_LENGTH": lambda image: image.patch_first_sector(STAGE2_SECTORS, b"\0\0") and [],
    "STAGE2_CRC": damaged_stage2,
    "CPU_TOO_OLD": patched("cpu_check", "flag_changes"),
    "A20": patched("a20_enable", "a20_works_within"),
    "KERNEL_NOT_ELF": lambda image: image.kernel(b"#!/bin/sh\necho not a kernel\n") and [],
    "NO_MEMORY_MAP": lambda image: ([], with_gdb(
        "memory_detect", gdb.bytes_at(0x500, INT15_FAILS), "set {unsigned}0x54 = 0x500")),
    "NO_CONVENTIONAL": lambda image: ([], with_gdb(
        "memory_detect", "set {unsigned short}0x413 = 100")),
    "DISK_READ": lambda image: bad_sector(image, 2048),
    "NO_PARTITION": patch(446, b"\0"),
    "NOT_FAT": patch(PARTITION, bytes(SECTOR)),
    "FAT_BPB": patch(PARTITION + 13, b"\3"),
    "FILE_NOT_FOUND": config("kernel = BOOT/NOTHING.ELF\n"),
    "FAT_CHAIN_LONG": chain(-1, None),
    "FAT_CHAIN_RANGE": chain(1, 0xFFF0),
    "FAT_CHAIN_SHORT": chain(1, 0xFFFF),
    "NOT_A_FILE": config("kernel = BOOT\n"),
    "NOT_A_DIRECTORY": config("kernel = BOOT/BOOT.CFG/KERNEL.ELF\n"),
    "CONFIG_TOO_LONG": config("# long\n" * 300),
    "CONFIG_SYNTAX": config("kernel BOOT/KERNEL.ELF\n"),
    "CONFIG_VALUE": config("kernel = BOOT/KERNEL.ELF\nstep = maybe\n"),
    "CONFIG_NO_KERNEL": config("cmdline = nothing to boot\n"),
    "KERNEL_TRUNCATED": lambda image: image.kernel(elf()[:40]) and [],
    "KERNEL_CLASS": kernel(ident=b"\x7fELF\2\1\1" + bytes(9)),
    "KERNEL_ENDIAN": kernel(ident=b"\x7fELF\1\2\1" + bytes(9)),
    "KERNEL_VERSION": kernel(version=2),
    "KERNEL_TYPE": kernel(type=1),
    "KERNEL_MACHINE": kernel(machine=62),
    "KERNEL_PHENTSIZE": kernel(phentsize=56),
    "KERNEL_PHNUM": kernel(phnum=0),
    "KERNEL_PHOFF": kernel(phoff=0x80000000),
    "KERNEL_NO_LOAD": kernel((0x100000, CODE, {"type": 6})),
    "SEGMENT_FILE": kernel((0x100000, CODE, {"filesz": 0x100000, "memsz": 0x100000})),
    "SEGMENT_FILESZ": kernel((0x100000, CODE, {"memsz": 4})),
    "SEGMENT_WRAP": kernel((0x100000, CODE, {"paddr": 0xFFFFF000, "memsz": 0x2000})),
    "SEGMENT_RAM": kernel((0x30000000, CODE, {})),
    "SEGMENT_LOADER": kernel((0x8000, CODE, {})),
    "SEGMENT_OVERLAP": kernel((0x100000, CODE, {"memsz": 0x3000}), (0x102000, CODE, {})),
    "SEGMENT_VADDR": kernel((0x100000, CODE, {"vaddr": 0xC0200000})),
    "ENTRY": kernel((0x100000, CODE, {"flags": 6})),
    "KERNEL_CRC": config("kernel = BOOT/KERNEL.ELF\nkernel_crc32 = 12345678\n"),
    "NO_ROOM_SYMBOLS": large_symbols,
    "NO_ROOM_INITRD": large_initrd,
    "INITRD_CRC": config("kernel = BOOT/KERNEL.ELF\ninitrd = BOOT/INITRD.CPI\n"
                         "initrd_crc32 = 12345678\n"),
    "CONFIG_KEY": config("kernel = BOOT/KERNEL.ELF\nkernel_crc33 = 12345678\n"),
    "CONFIG_CONTROL": config("kernel = BOOT/KERNEL.ELF\ninitrd\0= BOOT/INITRD.CPI\n"),
    "CONFIG_TWICE": config("kernel = BOOT/KERNEL.ELF\nstep = 0\nkernel = BOOT/OTHER.ELF\n"),
    "NOTE_FLAGS": kernel((0x100000, CODE, {}), (0x101000, note(0x80000000), {"type": 4})),
    "NOTE_VERSION": kernel((0x100000, CODE, {}), (0x101000, note(4, 1000, 0), {"type": 4})),
    "NOTE_FEATURES": kernel((0x100000, CODE, {}), (0x101000, note(4, 1, 0x80000003), {"type": 4})),
    "KERNEL_NO_CRC": kernel((0x100000, CODE, {}), (0x101000, note(2), {"type": 4})),
    "CONFIG_NAME": config("kernel = BOOT/KERNEL.ELF\n[]\n"),
    "CONFIG_NAME_TWICE": config("kernel = BOOT/KERNEL.ELF\n[one]\n[two]\n[one]\n"),
    "CONFIG_CHOICES": config("kernel = K\n" + "".join(f"[{i}]\n" for i in range(10))),
    "CONFIG_DEFAULT_NAME": config("kernel = BOOT/KERNEL.ELF\ndefault = two\n[one]\n"),
    "CONFIG_PLACE": config("kernel = BOOT/KERNEL.ELF\n[one]\ntimeout = 5\n"),
    "CONFIG_MODULES": config("kernel = BOOT/KERNEL.ELF\n" + "module = BOOT/INITRD.CPI\n" * 5),
    "PARTITIONS_ACTIVE": patch(446 + 16, b"\x80\0\0\0\x06"),
    "DISK_UNSTABLE": lambda image: ([], with_gdb(
        "disk_init", gdb.bytes_at(gdb.address_of("pm_compare"), b"\xC3"))),  # never the same
    "MULTIBOOT_CHECKSUM": multiboot(checksum=5),
    "MULTIBOOT_FLAGS": multiboot(0x8003),
    "MULTIBOOT_AOUT": multiboot(0x10003),
    "MULTIBOOT_VIDEO": multiboot(7, struct.pack("<5I4I", 0, 0, 0, 0, 0, 0, 800, 600, 32)),
    "MULTIBOOT_SHORT": multiboot_cut_off,
    "MULTIBOOT_ENTRY": multiboot(entry=0x300000),
    "MODULE_KIND": module_for_linux,
    "LINUX_SHORT": lambda image: image.kernel(other.linux()[:0x220]) and [],
    "LINUX_BOOT_FLAG": linux(boot_flag=0xAA54),
    "LINUX_VERSION": linux(version=0x0201),
    "LINUX_LOW": linux(loadflags=0),
    "LINUX_TRUNCATED": linux(syssize=0x101),
    "NO_ROOM_KERNEL": linux(init_size=0x20000000),
    "LINUX_CMDLINE": lambda image: image.kernel(other.linux(cmdline_size=3), "four") and [],
    "LINUX_NO_LOW_ROOM": lambda image: image.kernel(other.linux(real=True)) and ([], with_gdb(
        "memory_detect", "set {unsigned short}0x413 = 200")),
    "LINUX_64_BIT": linux(xloadflags=1),
    "LINUX_ALIGNMENT": linux(relocatable=1, kernel_alignment=0x3000),
    "LINUX_SETUP": linux(real=True, setup_sects=64, payload=bytes(65536), syssize=1),
    "NO_ROOM_TABLES": kernel_fills_memory,
    "PAGE_WALK": lambda image: ([], with_gdb(
        "page_tables_check",
        f"set {{unsigned}}(*(unsigned *){gdb.address_of('handover_cr3')} + 768 * 4) = 0")),
    "LZ4_LEGACY": packed(0, None, "-l"),
    "LZ4_SKIPPABLE": lambda image: image.kernel(b"\x50\x2a\x4d\x18" + bytes(100)) and [],
    "LZ4_VERSION": packed(4, 0xE8),
    "LZ4_DICTIONARY": packed(4, 0x6D),
    "LZ4_NO_SIZE": packed(0, None, "-9"),
    "LZ4_HEADER": packed(14, 0),
    "LZ4_DATA": packed(15 + 3, 0x7F),
    "LZ4_CHECKSUM": packed(-1, 0),
    "LZ4_ROOM": packed_and_large,
}

QUICK = {"STAGE1_MAGIC", "STAGE2_CRC", "KERNEL_NOT_ELF", "KERNEL_CRC", "FAT_CHAIN_LONG", "PAGE_WALK"}


def parameters():
    for number, name, message, _ in load_table():
        yield pytest.param(number, name, message, id=f"E{number:02d}-{name}",
                           marks=[pytest.mark.quick] if name in QUICK else [])


@pytest.mark.parametrize("number, name, message", parameters())
def test_error(number, name, message, image):
    assert name in PROVOKE, "a new error needs a way to provoke it"
    arguments, act = PROVOKE[name](image), None
    if isinstance(arguments, tuple):
        arguments, act = arguments
    if "-blockdev" not in arguments:
        arguments += disk_arguments(image.path)
    with Qemu(*arguments, paused=act is not None) as machine:
        if act:
            act(machine)
        text = f"E{number:02d} {message}"
        machine.wait_for("^" + re.escape(text))
        machine.wait_screen(text)
        assert 15 not in machine.steps() and "@READY" not in machine.serial
        if name == "PAGE_WALK":  # no interrupt can wake the processor there: it looks for a key
            machine.wait_for("^Press a key to restart.$")
        else:
            machine.wait_halted()


@pytest.mark.quick
def test_numbers_are_unique():
    numbers = [number for number, *_ in load_table()]
    assert numbers == sorted(set(numbers))
    assert set(PROVOKE) == {name for _, name, *_ in load_table()}


@pytest.mark.parametrize("drive", ["00", "81"])
def test_wrong_drive_number(drive):
    """The BIOS names a drive that we are not on: stage 1 tries 80h."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at_address(machine, 0x7C00, f"set $dl = 0x{drive}")
        machine.wait_ready()
