#!/usr/bin/python3
"""load.py: how long a kernel of 1, 8 and 32 MB takes to load, on five buses: by Ascent, by SYSLINUX, by GRUB,
and by a boot sector that only reads as many bytes as the file has, 127 sectors at a time (reader.asm).

All images lie on the same emulated disk in turn, round by round. Whole-process wall time from the start of
QEMU to the kernel's first act (isa-debug-exit), so the ratio counts the firmware on both sides. The median
of the rounds; ratios are what to compare, machines are noisy. The kernel's bytes are those of our own,
again and again: LZ4 looks back 64 KB and so finds nothing twice that is not twice in it.

    bench/load.py [--docs] [--rounds N] [--minutes M] [--sizes 1,8,32] [--disks ide,ahci,...]

A round of 32 MB on IDE takes minutes: what is not over after M minutes gets fewer rounds, one at least, and
the table says how many. --docs: the table and the figure go to docs/. ROUNDS of the environment is the number
of rounds, too.
"""

import argparse
import json
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

FIGURE = os.path.join(REPOSITORY, "docs/figures/load.json")
DOCS = os.path.join(REPOSITORY, "docs/performance.md")
MB = 1024 * 1024
SIZES = [1, 8, 32]
DISKS = {"ide": "IDE", "ahci": "AHCI", "virtio-blk": "virtio", "usb-xhci": "USB, xHCI", "nvme": "NVMe",
         "usb-ehci": "USB, EHCI"}
MEASURED = ["ide", "ahci", "virtio-blk", "usb-xhci", "nvme"]  # if no others are asked for
ROUNDS = 11
MINUTES = 11.0
WANTED = 1.15  # of the bare reader, with a checksum
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


def measure(images, disk, rounds, until):
    """{name: its times}, in turn: `rounds` of them, or as many as are over by `until`; one at least."""
    times = {name: [] for name in images}
    for done in range(rounds):
        lasts = sum(values[-1] for values in times.values()) if done else 0
        if done and time.monotonic() + lasts > until:
            break
        for name, image in images.items():
            times[name].append(seconds(image, disk))
    return times


def cells(sizes, disks):
    """What takes longest comes last, and so gets what time is left."""
    return sorted(((size, disk) for size in sizes for disk in disks),
                  key=lambda cell: (cell[1] == "ide" and cell[0] > 1, cell))


def measure_all(sizes, disks, rounds, minutes):
    """{"results": {disk: {megabytes: {name: median}}}, "rounds": ..., "packed": ...}"""
    with_peers = peers.fetch()
    start = time.monotonic()
    end = start + minutes * 60
    found = {"asked": rounds, "results": {disk: {} for disk in disks},
             "rounds": {disk: {} for disk in disks}, "packed": {},
             "peers": peers.versions() if with_peers else ""}
    left = cells(sizes, disks)
    with tempfile.TemporaryDirectory(dir=os.path.join(REPOSITORY, "build")) as folder:
        images = {}
        for size in sizes:
            home = os.path.join(folder, str(size))
            os.mkdir(home)
            images[size], found["packed"][size] = make_images(home, size, with_peers)
        while left:
            now = time.monotonic()
            size, disk = left[0]
            times = measure(images[size], disk, rounds, now + (end - now) / len(left))
            left.pop(0)
            medians = {name: statistics.median(values) for name, values in times.items()}
            found["results"][disk][size] = {name: round(median, 4) for name, median in medians.items()}
            found["rounds"][disk][size] = len(times[BARE])
            print(f"{DISKS[disk]}, {size} MB, {len(times[BARE])} rounds; {len(left)} more to measure, "
                  f"{time.monotonic() - start:.0f} s so far")
            for name, median in medians.items():
                print(f"  {name:24} {median * 1000:6.0f} ms  {median / medians[BARE]:5.2f}", flush=True)
    return found


# ---- the page ----------------------------------------------------------------------------------

def ratio(cell, name):
    return cell[name] / cell[BARE]


def table(found):
    sizes = list(found["packed"])
    rows = ["| disk | what is loaded | " + " | ".join(f"{size} MB, ms | ratio" for size in sizes) + " |",
            "|---|---|" + "--:|" * 2 * len(sizes)]
    for disk, results in found["results"].items():
        for name in results[sizes[0]]:
            figures = [f"{results[size][name] * 1000:.0f} | {ratio(results[size], name):.2f}"
                       for size in sizes]
            rows.append(f"| {DISKS[disk]} | {name} | " + " | ".join(figures) + " |")
    return "\n".join(rows)


def notes(found):
    """What is measured, how often, and where the line is met."""
    fewer = [f"{DISKS[disk]}, {size} MB: {rounds}" for disk, of in found["rounds"].items()
             for size, rounds in of.items() if rounds < found["asked"]]
    lines = [f"Medians of {found['asked']} rounds" + (f" ({'; '.join(fewer)})." if fewer else ".")]
    if found["peers"]:
        lines.append(f"{found['peers']}.")
    lines.append("The packed kernel has " + ", ".join(
        f"{part * 100:.0f} %" for part in found["packed"].values()) + " of the bytes of the plain one.")
    for name in (CHECKED, PACKED):
        over = [f"{DISKS[disk]}, {size} MB: {ratio(cell, name):.2f}" for disk, cells_of in
                found["results"].items() for size, cell in cells_of.items()
                if size >= 8 and ratio(cell, name) > WANTED]
        lines.append(f"{name}, at 8 and 32 MB: " + (f"at most {WANTED} everywhere." if not over else
                                                    f"above {WANTED} on {'; '.join(over)}."))
    return " ".join(lines)


def write_docs(found):
    with open(FIGURE, "w", encoding="ascii") as file:
        json.dump(found, file, indent=1)
        file.write("\n")
    with open(DOCS, encoding="utf-8") as file:
        page = file.read()
    generated = f"<!-- LOADING -->\n{notes(found)}\n\n{table(found)}\n<!-- /LOADING -->"
    page, count = re.subn(r"<!-- LOADING -->.*<!-- /LOADING -->", lambda _: generated, page, flags=re.S)
    if count != 1:
        sys.exit("docs/performance.md has lost its markers")
    with open(DOCS, "w", encoding="utf-8") as file:
        file.write(page)
    subprocess.run([os.path.join(REPOSITORY, "scripts/make-figures")], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", ROUNDS)))
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--disks", default=",".join(MEASURED))
    options = parser.parse_args()
    found = measure_all([int(size) for size in options.sizes.split(",")], options.disks.split(","),
                        options.rounds, options.minutes)
    print("\n" + notes(found))
    if options.docs:
        write_docs(found)


if __name__ == "__main__":
    main()
