"""FAT file systems from outside: /boot, and disks that mkfs.fat and mtools made: names, sums read and
mapped, programs run from them, damage by name; and not a byte of them changes."""

import hashlib
import os
import re
import struct
import subprocess
import zlib

import pytest
from image import REPOSITORY, Image
from qemu import Qemu
from rows import disk_arguments
from test_processes import MODES, at_shell, run

BUSYBOX = "build/initrd-busybox.cpi"
FILESUM = os.path.join(REPOSITORY, "build/user/filesum")
MB = 1024 * 1024
LONG = "Ein längerer Name — mit €, dessen Länge über 13 Zeichen geht.text"


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def tool(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, MTOOLS_SKIP_CHECK="1", LC_ALL="C.UTF-8",
                            PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))


def pattern(size, seed):
    """Bytes in which no two pages are the same."""
    block = b"".join(hashlib.sha256(b"%d %d" % (seed, i)).digest() for i in range(2048))
    return b"".join(struct.pack("<II", seed, n) + block[8:] for n in range(size // len(block) + 1))[:size]


class Fat:
    """A disk that is one FAT file system, without a partition table."""

    def __init__(self, folder, bits, megabytes, cluster_sectors):
        self.path, self.folder = os.path.join(folder, f"fat{bits}.img"), str(folder)
        with open(self.path, "wb") as file:
            file.truncate(megabytes * MB)
        tool("mkfs.fat", "-F", str(bits), "-s", str(cluster_sectors), "-S", "512", self.path)

    def mtools(self, command, *arguments):
        tool(command, "-i", self.path, *arguments)

    def write(self, name, data):
        source = os.path.join(self.folder, "file")
        with open(source, "wb") as file:
            file.write(data)
        self.mtools("mcopy", "-o", source, f"::/{name}")
        return data


def full(folder, bits, megabytes, cluster_sectors, big):
    """A file system with a bit of everything: (Fat, {path: contents})."""
    fat, files = Fat(folder, bits, megabytes, cluster_sectors), {}
    many = os.path.join(folder, "many")
    os.makedirs(many, exist_ok=True)
    for i in range(1000):
        with open(os.path.join(many, f"file number {i}"), "w", encoding="ascii") as file:
            file.write(f"{i}\n")
    fat.mtools("mcopy", "-s", many, "::/")
    files["hello.txt"] = fat.write("hello.txt", b"hello\n")
    files["EMPTY"] = fat.write("EMPTY", b"")
    fat.write("gone", b"x" * 100000)
    fat.mtools("mmd", "::/DIR", "::/DIR/sub dir")
    files["DIR/sub dir/" + LONG] = fat.write("DIR/sub dir/" + LONG, b"deep\n")
    files["whole.bin"] = fat.write("whole.bin", pattern(big, 1))
    # Every other cluster is freed, so what comes next is in pieces.
    fat.mtools("mdel", "::/gone", *(f"::/many/file number {i}" for i in range(0, 1000, 2)))
    files["pieces.bin"] = fat.write("pieces.bin", pattern(500 * 512 * cluster_sectors // 2 + 777, 2))
    return fat, files


def boot(tmp_path, *arguments, mode="pae", disk=None, initrd=BUSYBOX, prepare=None, **options):
    """The usual image with busybox on IDE, and `disk` as hdb. What is written to them would be seen."""
    image = Image(tmp_path).initrd(initrd, f"paging={mode}")
    if prepare:
        prepare(image)
    drives = ["-drive", f"file={image.path},format=raw,if=ide"]
    if disk:
        drives += ["-drive", f"file={disk},format=raw,if=ide"]
    machine = Qemu(*MODES[mode], *arguments, *drives, **options)
    machine.image = image
    return machine


def sums(data):
    adler = zlib.adler32(data)
    return "".join(f"{how} {adler:08x}\n" for how in ("read", "private", "shared"))


def mounted(machine, directory="/tmp/m", kind="vfat"):
    at_shell(machine)
    assert run(machine, f"mkdir -p {directory}; mount -t {kind} -o ro /dev/hdb {directory}") == ""


def test_boot_partition(tmp_path):
    """/boot is the partition that the loader came from, mounted when somebody goes there; a program that was
    put there runs; nothing of the disk changes."""
    def prepare(image):
        image.mtools("mmd", "::/BIN")
        image.mtools("mcopy", FILESUM, "::/BIN/FILESUM")
        image.mtools("mcopy", os.path.join(REPOSITORY, "build/user/hello"), "::/BIN/HELLO")
        image.mtools("mcopy", os.path.join(REPOSITORY, "build/user/swap-check"), "::/BIN/STAYS")

    with boot(tmp_path, prepare=prepare) as machine:
        before = hashlib.sha256(bytes_of(machine.image.path)).hexdigest()
        at_shell(machine)
        assert "/boot" not in run(machine, "cat /proc/mounts")
        assert run(machine, "ls /boot /boot/boot") == \
            "/boot:\nBIN   BOOT\n\n/boot/boot:\nBOOT.CFG    INITRD.CPI  KERNEL.ELF\n"
        assert "/dev/hda1 /boot vfat ro,relatime 0 0\n" in run(machine, "cat /proc/mounts")
        kernel = bytes_of(os.path.join(REPOSITORY, "build/KERNEL.ELF"))
        assert run(machine, "md5sum < /boot/boot/kernel.elf").split()[0] == hashlib.md5(kernel).hexdigest()
        assert run(machine, "/boot/BIN/FILESUM /boot/BOOT/KERNEL.ELF") == sums(kernel)
        assert run(machine, "/boot/bin/hello").startswith("hello from /boot/bin/hello, process ")
        assert run(machine, "cd /tmp; cp /boot/bin/hello x; ./x; cd /").startswith("hello from ./x, process ")
        for change in ("touch /boot/x", "rm -f /boot/bin/hello", "mkdir /boot/d", "rmdir /boot/BIN",
                       "mv /boot/bin/hello /boot/x", "chmod 777 /boot/BIN", "echo > /boot/boot/boot.cfg",
                       "ln /boot/boot/kernel.elf /boot/x", "mount -o remount,rw /boot && touch /boot/x"):
            assert re.search("Read-only file system|write-protected|Permission denied",
                             run(machine, change)), change
        assert "busy" in run(machine, "cd /boot/bin; umount /boot; cd /")
        assert "busy" in run(machine, "/boot/bin/STAYS passes 1 1000000 & sleep 1; umount /boot; "
                                      "kill $!; wait")
        assert run(machine, "umount /boot; ls /boot; cat /proc/mounts | grep boot") == ""
        said = run(machine, "mount -t msdos -o ro /dev/boot1 /boot && /boot/BIN/HELLO")
        assert said.startswith("hello from /boot/BIN")
    assert hashlib.sha256(bytes_of(tmp_path / "disk.img")).hexdigest() == before


@pytest.mark.parametrize("bits, megabytes, cluster_sectors, big",
                         [(12, 15, 8, 4 * MB + 1), (16, 60, 4, 20 * MB + 4095), (32, 300, 8, 90 * MB + 512)])
def test_kinds(tmp_path, bits, megabytes, cluster_sectors, big):
    fat, files = full(str(tmp_path), bits, megabytes, cluster_sectors, big)
    before = hashlib.sha256(bytes_of(fat.path)).hexdigest()

    def prepare(image):
        image.mtools("mcopy", FILESUM, "::/FILESUM")

    with boot(tmp_path, "-m", "64", disk=fat.path, prepare=prepare) as machine:
        mounted(machine)
        # Busybox shows neither ls's nor what is typed as it is; the shell's own words are.
        assert run(machine, "echo /tmp/m/dir/sub*/* | md5sum").split()[0] == \
            hashlib.md5(f"/tmp/m/dir/sub dir/{LONG}\n".encode()).hexdigest()
        assert sorted(run(machine, "ls -1 /tmp/m").split()) == \
            sorted(["DIR", "EMPTY", "hello.txt", "many", "pieces.bin", "whole.bin"])
        assert run(machine, "ls /tmp/m/many | wc -l") == "500\n"
        assert run(machine, "ls -l /tmp/m/many | grep -c r-xr-xr-x") == "500\n"
        assert run(machine, "cat '/tmp/m/many/FILE NUMBER 501' '/tmp/m/many/file number 999'") == "501\n999\n"
        assert "No such file" in run(machine, "cat '/tmp/m/many/file number 500'")
        for path, data in files.items():
            name = "/tmp/m/" + path.replace(" ", "?").replace(LONG.replace(" ", "?"), "*")
            assert run(machine, f"/boot/filesum {name}", 120) == sums(data), path
            assert run(machine, f"stat -c '%s %A %U' {name}") == f"{len(data)} -r-xr-xr-x root\n"
        said = run(machine, "cp /tmp/m/pieces.bin /tmp/p && cmp /tmp/p /tmp/m/PIECES.BIN && echo same")
        assert said == "same\n"
        assert run(machine, "dd if=/tmp/m/whole.bin bs=777 skip=5000 count=3 2>&- | md5sum").split()[0] == \
            hashlib.md5(files["whole.bin"][5000 * 777:5003 * 777]).hexdigest()
        total = int(run(machine, "df /tmp/m | tail -1").split()[1])
        assert megabytes * 1024 * 0.9 < total <= megabytes * 1024
        assert run(machine, "cd /; umount /tmp/m; ls /tmp/m; cat /proc/mounts | grep hdb") == ""
    assert hashlib.sha256(bytes_of(fat.path)).hexdigest() == before


def test_16_mb(tmp_path):
    """A file of 40 MB on a machine of 16: its pages come and go, read and mapped, while programs run."""
    fat = Fat(str(tmp_path), 32, 80, 1)
    data = fat.write("large", pattern(40 * MB, 3))

    def prepare(image):
        image.mtools("mcopy", FILESUM, "::/FILESUM")

    with boot(tmp_path, "-m", "16", mode="classic", disk=fat.path, prepare=prepare) as machine:
        mounted(machine)
        said = run(machine, "/boot/filesum /tmp/m/large & /boot/filesum /tmp/m/large; wait", 300)
        found = re.findall(r"^(?:read|private|shared) .*\n", said, re.M)
        assert sorted(found) == sorted(2 * sums(data).splitlines(True))
        cached = int(run(machine, "grep ^Cached /proc/meminfo").split()[1])
        assert cached < 16 * 1024
        assert "out of memory" not in machine.serial
        assert run(machine, "umount /tmp/m") == ""
        assert int(run(machine, "grep ^Cached /proc/meminfo").split()[1]) < cached - 1000


def huge(path):
    """A FAT32 of 5 GB, mostly a hole, with one file of 4 GB - 1 byte: its chain is written here."""
    cluster = 64 * 512
    with open(path, "wb") as file:
        file.truncate(5 * 1024 * MB)
    tool("mkfs.fat", "-F", "32", "-s", "64", path)
    with open(path, "r+b") as file:
        boot_sector = file.read(512)
        reserved, = struct.unpack_from("<H", boot_sector, 14)
        fat_sectors, = struct.unpack_from("<I", boot_sector, 36)
        data = (reserved + 2 * fat_sectors) * 512
        count, first = 2 ** 32 // cluster, 3
        chain = struct.pack(f"<{count}I", *range(first + 1, first + count), 0x0FFFFFFF)
        for copy in range(2):
            file.seek((reserved + copy * fat_sectors) * 512 + 4 * first)
            file.write(chain)
        file.seek(data)
        file.write(struct.pack("<11sBBBHHHHHHHI", b"HUGE    BIN", 0x20, 0, 0, 0, 0x5821, 0x5821, 0, 0, 0x5821,
                               first, 2 ** 32 - 1))
        start = data + (first - 2) * cluster
        for at, text in ((0, b"the start"), (2 ** 31 - 4, b"the middle"), (2 ** 32 - 1 - 7, b"the end")):
            file.seek(start + at)
            file.write(text)


def test_4_gb(tmp_path):
    path = str(tmp_path / "huge.img")
    huge(path)

    def prepare(image):
        image.mtools("mcopy", FILESUM, "::/FILESUM")

    with boot(tmp_path, disk=path, prepare=prepare) as machine:
        mounted(machine)
        assert run(machine, "stat -c %s /tmp/m/huge.bin") == f"{2 ** 32 - 1}\n"
        assert run(machine, "/boot/filesum /tmp/m/huge.bin 0 9") == sums(b"the start")
        assert run(machine, f"/boot/filesum /tmp/m/huge.bin {2 ** 31 - 4} 10") == sums(b"the middle")
        assert run(machine, f"/boot/filesum /tmp/m/huge.bin {2 ** 32 - 8} 100") == sums(b"the end")
        assert run(machine, f"/boot/filesum /tmp/m/huge.bin {2 ** 32 - 3 * MB} {3 * MB}", 120) == \
            sums(bytes(3 * MB - 8) + b"the end")


MOST_RECORDS = 65536  # of a directory: 2 MB


def crowded(path):
    """A FAT16 with a directory in which each record is used, without one that marks the end."""
    cluster = 8 * 512
    with open(path, "wb") as file:
        file.truncate(60 * MB)
    tool("mkfs.fat", "-F", "16", "-s", "8", path)
    with open(path, "r+b") as file:
        boot_sector = file.read(512)
        reserved, copies, root_entries = struct.unpack_from("<HBH", boot_sector, 14)
        fat_sectors, = struct.unpack_from("<H", boot_sector, 22)
        root = (reserved + copies * fat_sectors) * 512

        def entry(name, kind, first, size=0):
            date = 0x5821
            return struct.pack("<11sBBBHHHHHHHI", name, kind, 0, 0, 0, date, date, 0, 0, date, first, size)

        count = MOST_RECORDS * 32 // cluster
        first, last = 2, 2 + count  # clusters: of the directory, of the one file that has contents
        chain = struct.pack(f"<{count + 1}H", *range(first + 1, first + count), 0xFFFF, 0xFFFF)
        for copy in range(copies):
            file.seek((reserved + copy * fat_sectors) * 512 + 2 * first)
            file.write(chain)
        file.seek(root)
        file.write(entry(b"CROWDED    ", 0x10, first))
        data = root + root_entries * 32
        file.seek(data)
        file.write(entry(b".          ", 0x10, first) + entry(b"..         ", 0x10, 0))
        file.write(b"".join(entry(b"F%07d   " % i, 0x20, 0) for i in range(2, MOST_RECORDS - 1)))
        file.write(entry(b"THE     END", 0x20, last, 5))
        assert file.tell() == data + MOST_RECORDS * 32
        file.write(b"last\n")


def test_a_directory_that_is_full(tmp_path):
    """As many entries as there can be: all are listed, the last one is found; one more is not."""
    path = str(tmp_path / "crowded.img")
    crowded(path)
    with boot(tmp_path, disk=path) as machine:
        mounted(machine)
        run(machine, "cd /tmp/m/crowded; for i in *; do echo $i; done > /tmp/names; cd /", 300)
        names = ["F%07d" % i for i in range(2, MOST_RECORDS - 1)] + ["THE.END"]
        said = run(machine, "tr A-Z a-z < /tmp/names | md5sum; wc -l < /tmp/names", 60)
        expected = hashlib.md5("".join(name.lower() + "\n" for name in names).encode()).hexdigest()
        assert said == f"{expected}  -\n{MOST_RECORDS - 2}\n"
        assert run(machine, "cat /tmp/m/crowded/the.end", 60) == "last\n"
        assert run(machine, "stat -c %s /tmp/m/crowded/f0065534", 60) == "0\n"
        assert "No such file" in run(machine, "cat /tmp/m/crowded/f0065535", 60)


def chain_entry(path, cluster, value):
    """Sets a FAT16 entry in both copies."""
    with open(path, "r+b") as file:
        boot_sector = file.read(512)
        reserved, = struct.unpack_from("<H", boot_sector, 14)
        sectors, = struct.unpack_from("<H", boot_sector, 22)
        for copy in range(boot_sector[16]):
            file.seek((reserved + copy * sectors) * 512 + 2 * cluster)
            file.write(struct.pack("<H", value))


def test_damage(tmp_path):
    """Read: EIO; mapped: SIGBUS, by name; what is not damaged is read; the log says what is wrong."""
    fat = Fat(str(tmp_path), 16, 20, 2)
    data = fat.write("file", pattern(100000, 5))
    good = fat.write("good", pattern(100000, 6))
    chain_entry(fat.path, 2 + 50, 2 + 10)  # the first file starts with cluster 2: it loops

    def prepare(image):
        image.mtools("mcopy", FILESUM, "::/FILESUM")

    with boot(tmp_path, disk=fat.path, prepare=prepare) as machine:
        mounted(machine)
        start = len(machine.serial)
        assert run(machine, "/boot/filesum /tmp/m/good") == sums(good)
        said = run(machine, "cat /tmp/m/file > /tmp/read; echo $?")
        assert "rror" in said and said.endswith("1\n")
        found = run(machine, "head -c 50000 /tmp/m/file | md5sum").split()[0]
        assert found == hashlib.md5(data[:50000]).hexdigest()
        assert "cluster chain loops" in machine.serial[start:] or "chain" in machine.serial[start:]
        assert run(machine, "umount /tmp/m") == ""
    with open(fat.path, "r+b") as file:
        file.seek(13)
        file.write(b"\3")  # sectors per cluster
    with boot(tmp_path, disk=fat.path) as machine:
        at_shell(machine)
        start = len(machine.serial)
        assert "Invalid argument" in run(machine, "mount -t vfat -o ro /dev/hdb /tmp")
        assert "hdb: fat: the BIOS parameter block is damaged" in machine.serial[start:]
        assert "Block device required" in run(machine, "mount -t vfat -o ro /dev/null /tmp")


def test_bad_sector(tmp_path):
    """A sector that cannot be read: EIO for those who read it, SIGBUS for those who have mapped it, and the
    rest of the disk is there."""
    fat = Fat(str(tmp_path), 16, 20, 8)
    fat.write("bad", pattern(80000, 5))
    good = fat.write("good", pattern(80000, 6))
    at = bytes_of(fat.path).index(pattern(80000, 5)[40000:40512]) // 512 * 512
    rules = tmp_path / "rules"
    rules.write_text(f'[inject-error]\nevent = "read_aio"\nerrno = "5"\nsector = "{at // 512}"\n')

    def prepare(image):
        image.mtools("mcopy", FILESUM, "::/FILESUM")

    disk = f"blkdebug:{rules}:{fat.path}"
    with boot(tmp_path, disk=disk, prepare=prepare) as machine:
        mounted(machine)
        start = len(machine.serial)
        said = run(machine, "/boot/filesum /tmp/m/bad", 120)
        assert "read: EIO" in said and "Bus error" in said, said
        assert re.search(r"^\S*filesum \(pid \d+\): .* cannot be read", machine.serial[start:], re.M)
        assert run(machine, "/boot/filesum /tmp/m/bad 0 30000", 120) == sums(pattern(80000, 5)[:30000])
        assert run(machine, "/boot/filesum /tmp/m/good", 120) == sums(good)
        assert run(machine, "cp /tmp/m/bad /tmp/x 2>&1; echo $?", 120).endswith("1\n")


def test_boot_by_the_bios(tmp_path):
    """On a controller that only the BIOS knows, /boot is there as well."""
    image = Image(tmp_path).initrd(BUSYBOX)
    image.mtools("mcopy", FILESUM, "::/FILESUM")
    with Qemu("-m", "64", *disk_arguments(image.path, "virtio-blk")) as machine:
        at_shell(machine)
        kernel = bytes_of(os.path.join(REPOSITORY, "build/KERNEL.ELF"))
        assert run(machine, "/boot/filesum /boot/boot/kernel.elf", 120) == sums(kernel)
        assert "bios" in run(machine, "grep boot /proc/mounts")


def test_a_boot_reads_nothing_of_it(tmp_path):
    """Who never goes to /boot does not pay for it: no sector is read but those that find the disk."""
    with boot(tmp_path) as machine:
        at_shell(machine)
        reads = int(run(machine, "grep hda1 /proc/diskstats").split()[3])
        assert reads == 0
        run(machine, "ls /boot")
        assert int(run(machine, "grep hda1 /proc/diskstats").split()[3]) > 0
