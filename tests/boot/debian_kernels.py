"""Kernels that nobody here wrote, from Debian's packages: fetched into build/, never part of the sources."""

import glob
import gzip
import os
import subprocess

from image import REPOSITORY

# name: (package, its architecture, its file under boot/)
KERNELS = {"xen": ("xen-hypervisor-[0-9.]+-amd64", "amd64", "xen-*.gz"),
           "memtest": (r"memtest86\+", "i386", "memtest86+ia32.bin"),
           "ipxe": ("ipxe", "i386", "ipxe.lkrn"),
           "memdisk": ("syslinux-common", "i386", "../usr/lib/syslinux/memdisk"),
           "linux": ("linux-image-[0-9.]+-[0-9]+-686-unsigned", "i386", "vmlinuz-*[0-9]-686")}
INITRD = os.path.join(REPOSITORY, "build/initrd-busybox.cpi")


def find(name):
    """The bytes of the kernel file, or None if its package was not fetched."""
    _, arch, pattern = KERNELS[name]
    folder = "debian" if arch == "i386" else "debian-" + arch
    found = glob.glob(os.path.join(REPOSITORY, "build", folder, "root/boot", pattern))
    if not found:
        return None
    with open(sorted(found)[-1], "rb") as file:
        data = file.read()
    return gzip.decompress(data) if pattern.endswith(".gz") else data


def fetch(name):
    """The same, fetched if it is not there."""
    package, arch, _ = KERNELS[name]
    subprocess.run(["scripts/debian-i386", package], cwd=REPOSITORY, check=True,
                   env=dict(os.environ, ARCH=arch))
    return find(name)
