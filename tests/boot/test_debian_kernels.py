"""Kernels of Debian's packages, from our disk: Xen by Multiboot, Linux and memtest86+ by the 32-bit boot
protocol, iPXE by the 16-bit one. On IDE, AHCI, USB, and in Bochs."""

import os
import subprocess

import debian_kernels
import pytest
from bochs import Bochs
from image import REPOSITORY
from qemu import Qemu
from rows import disk_arguments

DISKS = ["ide", "ahci", "usb-xhci"]

FLOPPY = """bits 16
org 7C00h
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ax, 0201h
        mov bx, text
        mov cx, 2
        mov dx, 0               ; floppy A
        int 13h
        mov si, text
        mov dx, 3F8h
.next:  lodsb
        out dx, al
        cmp al, '!'
        jne .next
        cli
        hlt
        times 510 - ($ - $$) db 0
        dw 0AA55h
text:   db "from the floppy!"
        times 1024 - ($ - $$) db 0
"""


def put(image, name, kernel, *lines):
    image.write_file("BOOT/" + name, kernel)
    image.config("\n".join([f"kernel = BOOT/{name}", *lines, ""]))
    return image.path


def qemu(path, disk, *arguments):
    return Qemu("-m", "512", *arguments, *disk_arguments(path, disk), program="qemu-system-x86_64")


# ---- Multiboot: Xen ----------------------------------------------------------------------------

def xen(image):
    return put(image, "XEN", debian_kernels.fetch("xen"),
               "cmdline = com1=115200,8n1 console=com1 noreboot", "module = BOOT/BOOT.CFG one two")


def xen_speaks(machine, timeout):
    """It goes on when it has a module, and later finds that this one is no Linux."""
    machine.wait_for(r"^\(XEN\) Xen version 4", timeout)
    machine.wait_for(r"^\(XEN\) Bootloader: Ascent$", timeout)
    machine.wait_for(r"^\(XEN\) Command line: com1=115200,8n1 console=com1 noreboot$", timeout)
    machine.wait_for(r"^\(XEN\) System RAM: ", timeout)
    assert machine.steps()[-2:] == [26, 27]


@pytest.mark.parametrize("disk", DISKS)
def test_xen(image, disk):
    with qemu(xen(image), disk) as machine:
        xen_speaks(machine, 60)


def test_xen_bochs(image):
    with Bochs(xen(image), cpu="core2_penryn_t9600", megs=256) as machine:
        xen_speaks(machine, 240)


# ---- Linux's format ----------------------------------------------------------------------------

def memtest(image):
    return put(image, "MEMTEST", debian_kernels.fetch("memtest"), "cmdline = console=ttyS0,115200")


@pytest.mark.parametrize("disk", DISKS)
def test_memtest(image, disk):
    with qemu(memtest(image), disk) as machine:
        machine.wait_screen("Memtest86+", 90)
        machine.wait_for("Memtest86", 60, machine.serial.index("@STEP 30"))
        assert machine.steps()[-3:] == [28, 29, 30]


def test_memtest_bochs(image):
    with Bochs(memtest(image), cpu="core2_penryn_t9600", megs=32) as machine:
        machine.wait_for("@STEP 30", 60)
        machine.wait_for("Memtest86", 300, machine.serial.index("@STEP 30"))


def ipxe_speaks(machine):
    """It runs the command line as its script."""
    machine.wait_screen("iPXE initialising devices", 60)
    machine.wait_screen("words of our own", 60)
    assert machine.steps()[-2:] == [6, 31]


@pytest.mark.parametrize("disk", DISKS)
def test_ipxe(image, disk):
    path = put(image, "IPXE", debian_kernels.fetch("ipxe"), "cmdline = echo words of our own && shell")
    with qemu(path, disk) as machine:
        ipxe_speaks(machine)


def floppy_in_memory(image):
    """memdisk, and for its floppy a boot sector that reads the sector behind it by INT 13h, and sends it."""
    source = os.path.join(image.folder, "floppy.asm")
    with open(source, "w", encoding="ascii") as file:
        file.write(FLOPPY)
    subprocess.run(["nasm", "-f", "bin", "-o", source + ".bin", source], check=True)
    with open(source + ".bin", "rb") as file:
        image.write_file("BOOT/FLOPPY.IMG", file.read().ljust(1440 * 1024, b"\0"))
    return put(image, "MEMDISK", debian_kernels.fetch("memdisk"), "initrd = BOOT/FLOPPY.IMG")


@pytest.mark.parametrize("disk", DISKS)
def test_memdisk(image, disk):
    with qemu(floppy_in_memory(image), disk) as machine:
        machine.wait_for("from the floppy!", 60)
        assert machine.steps()[-2:] == [6, 31]


@pytest.mark.quick
def test_one_that_was_fetched(image):
    """A kernel of somebody else's in every `make test`, where test-full has fetched it."""
    kernel = debian_kernels.find("ipxe")
    if not kernel:
        pytest.skip("scripts/debian-i386 ipxe fetches it")
    with qemu(put(image, "IPXE", kernel, "cmdline = echo words of our own && shell"), "ide") as machine:
        ipxe_speaks(machine)


def linux(image, words):
    subprocess.run(["make", "-s", debian_kernels.INITRD.removeprefix(REPOSITORY + "/")], cwd=REPOSITORY,
                   check=True)
    with open(debian_kernels.INITRD, "rb") as file:
        image.write_file("BOOT/INITRD.CPI", file.read())
    return put(image, "VMLINUZ", debian_kernels.fetch("linux"), "initrd = BOOT/INITRD.CPI",
               f"cmdline = console=ttyS0 panic=-1 mitigations=off rdinit=/bin/sh {words}")


@pytest.mark.parametrize("disk", DISKS)
def test_linux(image, disk):
    """To the shell of its initramfs."""
    with qemu(linux(image, "quiet"), disk) as machine:
        machine.wait_for(r"^/ # ", 240)
        machine.send("mount -t proc proc /proc; cat /proc/cmdline; uname -m\n")
        machine.wait_for("^console=ttyS0 .*rdinit=/bin/sh quiet$", 60)
        machine.wait_for("^i686$", 60)
        assert machine.steps()[-3:] == [28, 29, 30]


def test_linux_bochs(image):
    """Bochs is too slow for the way to the shell: as far as to what the loader has told it."""
    with Bochs(linux(image, "ignore_loglevel"), cpu="core2_penryn_t9600", megs=128) as machine:
        for line in (r"Linux version 6\.", r"BIOS-e820: \[mem 0x0*100000-0x0*7f\w+\] usable",
                     r"RAMDISK: \[mem 0x0\w+-0x0\w+\]", r"Kernel command line: console=ttyS0 panic=-1 "):
            machine.wait_for(r"^\[ +\d+\.\d+\] " + line, 300)
