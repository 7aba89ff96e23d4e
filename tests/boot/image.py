"""Variants of disk.img: another configuration, another kernel, damaged bytes."""

import os
import struct
import subprocess
import tempfile
import zlib

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHELL_DISK = os.path.join(REPOSITORY, "disk.img")  # boots into a shell
DISK = os.path.join(REPOSITORY, "build/monitor.img")  # the same, but for MONITOR in its command line
MONITOR = "init=none"
KERNEL = os.path.join(REPOSITORY, "build/KERNEL.ELF")
INITRD = os.path.join(REPOSITORY, "build/INITRD.CPI")
SECTOR = 512
PARTITION = 2048 * SECTOR
STAGE2_SECTORS, STAGE2_CRC, STAGE2_SUM = 6, 8, 12  # in the header of stage 2


def copy_disk(disk, path):
    """Holes stay holes: the swap partition is one, and larger than all the rest."""
    subprocess.run(["cp", "--sparse=always", disk, path], check=True)


class Image:
    """A copy of DISK, or another, in `folder`, to be changed at will."""

    def __init__(self, folder, disk=DISK):
        self.folder = str(folder)
        self.path = os.path.join(self.folder, "disk.img")
        copy_disk(disk, self.path)

    # Bytes.

    def read(self, offset, length):
        with open(self.path, "rb") as file:
            file.seek(offset)
            return file.read(length)

    def patch(self, offset, data):
        with open(self.path, "r+b") as file:
            file.seek(offset)
            file.write(data)
        return self

    def patch_first_sector(self, offset, data):
        """Changes the first sector of stage 2 so that its words still add up to 0."""
        sector = bytearray(self.read(SECTOR, SECTOR))
        sector[offset:offset + len(data)] = data
        sector[STAGE2_SUM:STAGE2_SUM + 4] = bytes(4)
        total = sum(struct.unpack("<128I", sector))
        sector[STAGE2_SUM:STAGE2_SUM + 4] = struct.pack("<I", -total & 0xFFFFFFFF)
        return self.patch(SECTOR, sector)

    # Files on the FAT partition, through mtools.

    def mtools(self, command, *arguments):
        subprocess.run([command, "-i", f"{self.path}@@{PARTITION}", *arguments], check=True,
                       env=dict(os.environ, MTOOLS_SKIP_CHECK="1"), stdin=subprocess.DEVNULL)

    def write_file(self, path, data):
        source = os.path.join(self.folder, "file")
        with open(source, "wb") as file:
            file.write(data)
        self.mtools("mcopy", "-o", source, "::/" + path)
        return self

    def config(self, text):
        return self.write_file("BOOT/BOOT.CFG", text.encode("ascii"))

    def cmdline(self, cmdline):
        """Boots to the monitor, with more words in the command line."""
        return self.shell(f"{MONITOR} {cmdline}")

    def shell(self, cmdline=""):
        """Boots to what is in the initrd, with this command line."""
        with open(KERNEL, "rb") as file:
            crc = zlib.crc32(file.read())
        return self.config(f"kernel = BOOT/KERNEL.ELF\nkernel_crc32 = {crc:08x}\n"
                           f"initrd = BOOT/INITRD.CPI\ncmdline = {cmdline}\n")

    def kernel(self, data, cmdline=""):
        """Another kernel, without a checksum."""
        self.write_file("BOOT/KERNEL.ELF", data)
        return self.config(f"kernel = BOOT/KERNEL.ELF\ncmdline = {cmdline}\n")

    def initrd(self, path, cmdline=""):
        """Another initrd: a file of build/."""
        self.mtools("mcopy", "-o", os.path.join(REPOSITORY, path), "::/BOOT/INITRD.CPI")
        return self.shell(cmdline)

    FLOPPY_BYTES = 2880 * 1024

    def floppy(self):
        """The same as a floppy of 2.88 MB."""
        files = [os.path.join(REPOSITORY, "build", name)
                 for name in ("BOOT.CFG", "KERNEL.ELF", "INITRD.CPI")]
        stages = [os.path.join(REPOSITORY, "build", name) for name in ("stage1.bin", "stage2.bin")]
        fat_sectors = self.FLOPPY_BYTES // SECTOR // 1008 * 1008 - PARTITION // SECTOR
        subprocess.run([os.path.join(REPOSITORY, "scripts/make-image"), self.path, *stages,
                        str(fat_sectors), "0", *files], check=True)
        os.truncate(self.path, self.FLOPPY_BYTES)
        return self

    # The FAT16 file system, for those who damage it.

    def fat(self):
        boot = self.read(PARTITION, SECTOR)
        per_cluster, reserved, fats, root_entries = struct.unpack_from("<BHBH", boot, 13)
        (fat_sectors,) = struct.unpack_from("<H", boot, 22)
        fat = PARTITION + reserved * SECTOR
        root = fat + fats * fat_sectors * SECTOR
        return {"fat": fat, "root": root, "data": root + root_entries * 32,
                "cluster": per_cluster * SECTOR}

    def find(self, name):
        """The directory entry in BOOT of an 8.3 name in 11 characters: its offset on the disk."""
        layout = self.fat()
        root = self.read(layout["root"], 512)
        at = next(i for i in range(0, 512, 32) if root[i:i + 11] == b"BOOT       ")
        (cluster,) = struct.unpack_from("<H", root, at + 26)
        base = layout["data"] + (cluster - 2) * layout["cluster"]
        folder = self.read(base, layout["cluster"])
        return base + next(i for i in range(0, len(folder), 32)
                           if folder[i:i + 11] == name.encode())

    def first_cluster(self, name):
        return struct.unpack("<H", self.read(self.find(name) + 26, 2))[0]

    def set_fat(self, cluster, value):
        return self.patch(self.fat()["fat"] + 2 * cluster, struct.pack("<H", value))


def make_monitor_disk():
    """DISK from SHELL_DISK, where that is newer. Tests run side by side: it appears at once."""
    if not os.path.exists(SHELL_DISK) or os.path.exists(DISK) and \
            os.path.getmtime(DISK) >= os.path.getmtime(SHELL_DISK):
        return
    with open(os.path.join(REPOSITORY, "build/BOOT.CFG"), encoding="ascii") as file:
        config = file.read().replace("\ncmdline = \n", f"\ncmdline = {MONITOR}\n")
    with tempfile.TemporaryDirectory(dir=os.path.dirname(DISK)) as folder:
        os.replace(Image(folder, SHELL_DISK).config(config).path, DISK)


make_monitor_disk()


# ELF files, made to measure.

EHDR = struct.Struct("<16sHHIIIIIHHHHHH")
PHDR = struct.Struct("<IIIIIIII")
HIGHER_HALF = 0xC0000000
EXIT_CODE = bytes([0xB0, 0x10, 0xE6, 0xF4, 0xFA, 0xF4, 0xEB, 0xFD])  # out F4h, 10h; hlt


def elf(segments=None, entry=0xC0100000, **fields):
    """An ELF kernel. A segment is (paddr, data, changes to its program header)."""
    if segments is None:
        segments = [(0x100000, EXIT_CODE, {})]
    header = dict(ident=b"\x7fELF\1\1\1" + bytes(9), type=2, machine=3, version=1, entry=entry,
                  phoff=52, shoff=0, flags=0, ehsize=52, phentsize=32, phnum=len(segments),
                  shentsize=40, shnum=0, shstrndx=0)
    header.update(fields)
    offset, headers, body = PAGE_BYTES, b"", b""
    for paddr, data, changes in segments:
        values = dict(type=1, offset=offset + len(body), vaddr=(paddr + HIGHER_HALF) % 2**32,
                      paddr=paddr, filesz=len(data), memsz=len(data), flags=7, align=PAGE_BYTES)
        values.update(changes)
        headers += PHDR.pack(*values.values())
        body += data + bytes(-len(data) % PAGE_BYTES)
    front = EHDR.pack(*header.values()) + headers
    return front + bytes(PAGE_BYTES - len(front)) + body


PAGE_BYTES = 4096


def lz4(data, *options):
    """What the tool makes of it. With `--content-size` it has to see a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "wb") as file:
            file.write(data)
        subprocess.run(["lz4", "-q", *options, path, path + ".lz4"], check=True, stdin=subprocess.DEVNULL)
        with open(path + ".lz4", "rb") as file:
            return file.read()
