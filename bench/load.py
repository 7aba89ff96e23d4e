#!/usr/bin/python3
"""load.py: how long a kernel of 1, 8 and 32 MB takes to load, on five buses: by Ascent, by SYSLINUX, by GRUB,
and by a boot sector that only reads as many bytes as the file has, 127 sectors at a time (reader.asm).

All images lie on the same emulated disk in turn, round by round. Whole-process wall time from the start of
QEMU to the kernel's first act (isa-debug-exit), so the ratio counts the firmware on both sides. The median
of the rounds; ratios are what to compare, machines are noisy. The kernel's bytes are those of our own,
again and again: LZ4 looks back 64 KB and so finds nothing twice that is not twice in it.

    bench/load.py [--docs] [--rounds N] [--sizes 1,8,32] [--disks ide,ahci,...]

--docs: the table and the figure go to docs/. ROUNDS of the environment is the number of rounds, too.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))

import peers  # noqa: E402
from image import EXIT_CODE, KERNEL, elf, lz4  # noqa: E402
from rows import disk_arguments  # noqa: E402

DOCS = os.path.join(REPOSITORY, "docs/performance.md")
MB = 1024 * 1024
SIZES = [1, 8, 32]
DISKS = {"ide": "IDE", "ahci": "AHCI", "virtio-blk": "virtio", "usb-xhci": "USB, xHCI", "nvme": "NVMe"}
ROUNDS = 11
PASSED = 33
FAT_SECTORS = 192 * 1024
CALL = 127 * 512

FIRMWARE, BARE = "firmware only", "bare reader"
PLAIN, CHECKED, PACKED = "Ascent, no checksum", "Ascent, checksum", "Ascent, LZ4, checksums"
SYSLINUX, GRUB = "SYSLINUX, no checksum", "GRUB, no checksum"


# ---- the images --------------------------------------------------------------------------------

def kernel_bytes(megabytes):
    """Code that ends QEMU, a Multiboot header, and what a kernel is made of."""
    with open(KERNEL, "rb") as file:
        ours = file.read()
    head = EXIT_CODE.ljust(16, b"\0") + peers.MULTIBOOT.ljust(16, b"\0")
    return (head + ours * (megabytes * MB // len(ours) + 1))[:megabytes * MB]


def reader(path, reads):
    subprocess.run(["nasm", "-f", "bin", f"-DREADS={reads}", "-DFIRST=2400", "-o", path + ".bin",
                    os.path.join(REPOSITORY, "bench/reader.asm")], check=True)
    with open(path + ".bin", "rb") as file:
        peers.patch(path, 0, file.read()[:440])


def make_image(folder, name, kernel, checksum=False):
    """A disk of ours with this kernel. The initrd is there, but BOOT.CFG does not name it."""
    files = {"BOOT.CFG": b"kernel = BOOT/KERNEL.ELF\n"
             + (f"kernel_crc32 = {zlib.crc32(kernel):08x}\n".encode() if checksum else b""),
             "KERNEL.ELF": kernel, "INITRD.CPI": b""}
    home = os.path.join(folder, re.sub(r"\W+", "-", name))
    os.mkdir(home)
    for file, data in files.items():
        with open(os.path.join(home, file), "wb") as out:
            out.write(data)
    path = os.path.join(home, "disk.img")
    stages = [os.path.join(REPOSITORY, "build", stage) for stage in ("stage1.bin", "stage2.bin")]
    subprocess.run([os.path.join(REPOSITORY, "scripts/make-image"), path, *stages, str(FAT_SECTORS), "0",
                    *(os.path.join(home, file) for file in files)], check=True)
    for file in files:
        os.remove(os.path.join(home, file))
    return path


def make_images(folder, megabytes, with_peers):
    data = kernel_bytes(megabytes)
    ours = elf([(0x100000, data, {})])
    physical = elf([(0x100000, data, {"vaddr": 0x100000})], entry=0x100000)
    packed = lz4(ours, "-12", "--content-size")
    images = {name: make_image(folder, name, kernel, checksum) for name, kernel, checksum in
              [(FIRMWARE, ours, False), (BARE, ours, False), (PLAIN, ours, False), (CHECKED, ours, True),
               (PACKED, packed, True)]}
    reader(images[FIRMWARE], 0)
    reader(images[BARE], -(-len(ours) // CALL))
    if with_peers:
        for name, install in ((SYSLINUX, peers.syslinux), (GRUB, peers.grub)):
            images[name] = make_image(folder, name, physical)
            install(images[name])
    return images, len(packed) / len(ours)


# ---- the measurement ---------------------------------------------------------------------------

def seconds(image, disk):
    start = time.monotonic()
    status = subprocess.run(
        ["timeout", "120", "qemu-system-i386", "-display", "none", "-net", "none", "-no-reboot",
         "-m", "256", "-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
         *disk_arguments(image, disk)], stdin=subprocess.DEVNULL, check=False).returncode
    if status != PASSED:
        sys.exit(f"{image} on {disk}: QEMU ended with {status}")
    return time.monotonic() - start


def measure(images, disk, rounds):
    """{name: the median}"""
    times = {name: [] for name in images}
    for _ in range(rounds):
        for name, image in images.items():
            times[name].append(seconds(image, disk))
    return {name: statistics.median(values) for name, values in times.items()}


def measure_all(sizes, disks, rounds):
    """{(disk, megabytes): {name: median}}, and how long the packed kernels are, as a part of the plain."""
    with_peers = peers.fetch()
    found, parts, start = {}, {}, time.monotonic()
    for megabytes in sizes:
        with tempfile.TemporaryDirectory(dir=os.path.join(REPOSITORY, "build")) as folder:
            images, parts[megabytes] = make_images(folder, megabytes, with_peers)
            for disk in disks:
                medians = measure(images, disk, rounds)
                found[disk, megabytes] = medians
                print(f"{DISKS[disk]}, {megabytes} MB, {rounds} rounds; "
                      f"{time.monotonic() - start:.0f} s so far")
                for name, median in medians.items():
                    print(f"  {name:24} {median * 1000:6.0f} ms  {median / medians[BARE]:5.2f}", flush=True)
    return found, parts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", ROUNDS)))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--disks", default=",".join(DISKS))
    options = parser.parse_args()
    found, parts = measure_all([int(size) for size in options.sizes.split(",")],
                               options.disks.split(","), options.rounds)


if __name__ == "__main__":
    main()
