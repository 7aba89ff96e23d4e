"""peers.py: disks on which other loaders load the same kernel: SYSLINUX (with mboot.c32) and GRUB, as Debian
has them. Their packages are fetched with apt-get into build/peers and unpacked there; nothing of this
computer's own packages changes.

Both load an ELF file with a Multiboot header, from the same FAT partition, without a checksum. GRUB gets
no more than the modules that it needs, and its two lines are in its core: so it reads no other file.
"""

import glob
import os
import struct
import subprocess

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(REPOSITORY, "build/peers")
ROOT = os.path.join(FOLDER, "root")
PACKAGES = ["syslinux", "syslinux-common", "grub-pc-bin", "grub-common"]
MODULES = ["biosdisk", "part_msdos", "fat", "multiboot", "boot"]
PARTITION = 2048 * 512
MULTIBOOT = struct.pack("<III", 0x1BADB002, 0, -0x1BADB002 & 0xFFFFFFFF)


def run(*command, folder=None, **variables):
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE, env=dict(os.environ, MTOOLS_SKIP_CHECK="1", **variables))


def fetch():
    """Is everything there? Fetched once."""
    os.makedirs(FOLDER, exist_ok=True)
    for package in PACKAGES:
        if glob.glob(os.path.join(FOLDER, package + "_*.deb")):
            continue
        try:
            run("apt-get", "download", "-qq", package, folder=FOLDER)
            [archive] = glob.glob(os.path.join(FOLDER, package + "_*.deb"))
            run("dpkg-deb", "-x", archive, ROOT)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"no {package}, so it is not measured: {error}")
            return False
    return True


def versions():
    """"SYSLINUX 6.04, GRUB 2.06": of the packages."""
    found = []
    for package, name in (("syslinux", "SYSLINUX"), ("grub-pc-bin", "GRUB")):
        [archive] = glob.glob(os.path.join(FOLDER, package + "_*.deb"))
        version = subprocess.run(["dpkg-deb", "-f", archive, "Version"], check=True, capture_output=True,
                                 text=True).stdout.strip()
        found.append(f"{name} {version}")
    return ", ".join(found)


def patch(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def read(path):
    with open(os.path.join(ROOT, path), "rb") as file:
        return file.read()


def copy(image, *paths):
    run("mcopy", "-o", "-i", f"{image}@@{PARTITION}", *paths, "::/")


def syslinux(image):
    """Makes `image`, which has the kernel as BOOT/KERNEL.ELF, one of SYSLINUX."""
    modules = os.path.join(ROOT, "usr/lib/syslinux/modules/bios")
    config = image + ".cfg"
    with open(config, "w", encoding="ascii") as file:
        file.write("DEFAULT k\nLABEL k\nKERNEL mboot.c32\nAPPEND /BOOT/KERNEL.ELF\n")
    run(os.path.join(ROOT, "usr/bin/syslinux"), "-i", "-t", str(PARTITION), image)
    copy(image, *(os.path.join(modules, name) for name in ("ldlinux.c32", "libcom32.c32", "mboot.c32")))
    run("mcopy", "-o", "-i", f"{image}@@{PARTITION}", config, "::/SYSLINUX.CFG")
    patch(image, 0, read("usr/lib/syslinux/mbr/mbr.bin")[:440])


def grub(image):
    """The same for GRUB: its first sector reads the core from LBA 1 on, where grub-mkimage expects it."""
    config, core = image + ".cfg", image + ".core"
    with open(config, "w", encoding="ascii") as file:
        file.write("multiboot (hd0,msdos1)/BOOT/KERNEL.ELF\nboot\n")
    run(os.path.join(ROOT, "usr/bin/grub-mkimage"), "-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub",
        "-d", os.path.join(ROOT, "usr/lib/grub/i386-pc"), "-c", config, "-o", core, *MODULES)
    patch(image, 0, read("usr/lib/grub/i386-pc/boot.img")[:440])
    with open(core, "rb") as file:
        patch(image, 512, file.read())
