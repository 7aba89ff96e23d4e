#!/usr/bin/python3
"""How long an 8 MB kernel takes to load, beside a boot sector that only reads the same bytes.

Three images on the same emulated disk, in turn: the bare reader (reader.asm), Ascent with its
checksums, Ascent without. Whole-process wall time from the start of QEMU to the guest's first act
(isa-debug-exit), so the ratio counts the firmware on both sides. The median of the rounds; ratios
are what to compare, machines are noisy.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))

from image import EXIT_CODE, Image, elf  # noqa: E402
from rows import disk_arguments  # noqa: E402

KERNEL_BYTES = 8 * 1024 * 1024
READS = -(-KERNEL_BYTES // (127 * 512))
ROUNDS = int(os.environ.get("ROUNDS", "21"))
PASSED = 33
TARGET = 1.3


def reader(folder, name, reads):
    image = Image(make_folder(folder, name))
    sector = os.path.join(image.folder, "reader.bin")
    subprocess.run(["nasm", "-f", "bin", f"-DREADS={reads}", "-DFIRST=2400", "-o", sector,
                    os.path.join(REPOSITORY, "bench/reader.asm")], check=True)
    with open(sector, "rb") as file:
        return image.patch(0, file.read()[:440]).path


def ascent(folder, name, checksum):
    image = Image(make_folder(folder, name))
    kernel = elf([(0x100000, EXIT_CODE + os.urandom(KERNEL_BYTES - len(EXIT_CODE)), {})])
    image.kernel(kernel)
    if checksum:
        image.config(f"kernel = BOOT/KERNEL.ELF\nkernel_crc32 = {zlib.crc32(kernel):08x}\n")
    return image.path


def make_folder(folder, name):
    path = os.path.join(folder, name)
    os.mkdir(path)
    return path


def seconds(image, disk):
    start = time.monotonic()
    status = subprocess.run(
        ["timeout", "60", "qemu-system-i386", "-display", "none", "-net", "none", "-no-reboot",
         "-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
         *disk_arguments(image, disk)], stdin=subprocess.DEVNULL, check=False).returncode
    if status != PASSED:
        sys.exit(f"{image} on {disk}: QEMU ended with {status}")
    return time.monotonic() - start


def main():
    worst = {name: 0 for name in ("Ascent, no checksum", "Ascent, checksum")}
    with tempfile.TemporaryDirectory() as folder:
        images = {"firmware only": reader(folder, "firmware", 0),
                  "bare reader": reader(folder, "reader", READS),
                  "Ascent, no checksum": ascent(folder, "plain", False),
                  "Ascent, checksum": ascent(folder, "checked", True)}
        print(f"8 MB kernel, {ROUNDS} rounds, median in ms, and the ratio to the bare reader")
        for disk in ("ahci", "usb-xhci"):
            times = {name: [] for name in images}
            for _ in range(ROUNDS):
                for name, image in images.items():
                    times[name].append(seconds(image, disk))
            bare = statistics.median(times["bare reader"])
            for name in images:
                median = statistics.median(times[name])
                print(f"  {disk:10} {name:20} {median * 1000:6.0f}  {median / bare:5.2f}")
                if name in worst:
                    worst[name] = max(worst[name], median / bare)
    for name, ratio in worst.items():
        print(f"{name}: worst ratio {ratio:.2f}, target {TARGET}: "
              + ("met" if ratio <= TARGET else "NOT met"))


main()
