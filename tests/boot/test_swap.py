"""Programs larger than memory: what they wrote comes back, and nothing of the disk but the swap
partition is ever written to. Judged by the bytes of the image, and by what QEMU counts."""

import re

import pytest
from swapping import (FREE, SwapDisk, accounts, boot, both_counters, check_accounts, disk_counters, make_swap,
                      power_off, swaps)

MEGABYTES, PASSES = 64, 3  # of the programs; the machine has 16
LESS = (24, 2)  # where a page takes milliseconds
SLOW = {"usb-uhci", "usb-ohci", "usb-hub", "usb-ehci", "usb-uas"}
CONTROLLERS = [name for name in FREE if name != "floppy"]  # which has no swap partition


@pytest.fixture
def disk(tmp_path):
    return SwapDisk(tmp_path)


def run(machine, line, timeout=600):
    """What swap-check says."""
    output = machine.shell(line, timeout)
    assert "@SWAP" in output and "WRONG" not in output and "ended" not in output, output
    return output


@pytest.mark.parametrize("controller", [pytest.param(name, marks=[pytest.mark.quick] if name == "ide" else [])
                                        for name in CONTROLLERS])
def test_four_times_memory(disk, controller):
    """Three passes over 64 MB in a machine of 16: sums, sectors, counters."""
    megabytes, passes = LESS if controller in SLOW else (MEGABYTES, PASSES)
    with boot(disk, controller) as machine:
        machine.wait_shell(120)
        (device, (size, _)), = swaps(machine).items()
        assert size == (disk.swap()[1] // 8 - 1) * 4
        name = re.sub(r"^/dev/", "", device)
        kernel, emulator = both_counters(machine)
        run(machine, f"swap-check passes {megabytes} {passes}", 1200)
        kernel_after, emulator_after = both_counters(machine)
        read, written = (now - then for now, then in zip(emulator_after, emulator))
        moved = [now - then for now, then in zip(kernel_after[name], kernel[name])]
        assert (moved[1], moved[3]) == (read, written)
        pages = (megabytes - 16) * 256
        assert written >= passes * pages * 8 and read >= (passes - 1) * pages * 8
        vmstat = machine.shell("cat /proc/vmstat")
        assert int(re.search(r"^pswpout (\d+)", vmstat, re.M).group(1)) * 8 == disk_counters(machine)[name][3]
        power_off(machine)
    assert disk.changed_in_swap() >= pages


@pytest.mark.parametrize("controller", [pytest.param("ide", marks=pytest.mark.quick)])
def test_everything_that_happens_to_pages(disk, controller):
    """fork, mprotect, munmap, exec, exit, mremap, madvise, mlock, system calls: with more pages out than in.
    Then swapoff brings all back, and not a frame or a slot is missing."""
    with boot(disk, controller) as machine:
        machine.wait_shell(60)
        (device, _), = swaps(machine).items()
        output = run(machine, f"swap-check all 24 {device}", 900)
        assert len(re.findall(r"^@SWAP \w+ right", output, re.M)) >= 13, output
        assert swaps(machine)[device][1] == 0
        power_off(machine)
    assert disk.changed_in_swap()


def test_eight_at_once(tmp_path):
    """Eight programs of 64 MB in a machine of 16: sums, sectors, frames and slots."""
    disk = SwapDisk(tmp_path, swap_sectors=600 * 2048)
    with boot(disk) as machine:
        machine.wait_shell(60)
        before, _ = accounts(machine)
        run(machine, f"swap-check many 8 {MEGABYTES} 3", 1800)
        assert "out of memory" not in machine.serial
        check_accounts(machine, before)
        power_off(machine)
    assert disk.changed_in_swap() > (8 * MEGABYTES - 16) * 2048 * 0.9


@pytest.mark.parametrize("case, megabytes", [("shared", 24), ("file", 40)])
def test_what_several_have(disk, case, megabytes):
    """Four processes with the same 24 MB, and a file of tmpfs of 40 MB, in a machine of 16: what is not in
    memory is on the disk, and nothing is left afterwards, of memory or of slots."""
    with boot(disk) as machine:
        machine.wait_shell(60)
        (device, _), = swaps(machine).items()
        run(machine, f"swap-check {case} {megabytes}")
        assert swaps(machine)[device][1] <= 100  # the shell's and init's own
        assert disk_counters(machine)[re.sub("^/dev/", "", device)][3] >= (megabytes - 16) * 2048
        assert machine.shell(f"swapoff {device}").endswith("not used any more")
        meminfo = machine.shell("cat /proc/meminfo")
        for what in ("Shmem", "SwapCached"):
            assert re.search(rf"^{what}: +0 kB$", meminfo, re.M)
        power_off(machine)
    assert disk.changed_in_swap()


def test_without_swap(tmp_path):
    disk = SwapDisk(tmp_path, swap_sectors=0)
    with boot(disk) as machine:
        machine.wait_shell(60)
        assert "init: no swap" not in machine.serial
        assert "there is no swap" in machine.shell("swapper", 60)
        run(machine, "swap-check passes 4 3")
        power_off(machine)
    assert not disk.changed()


def damaged(disk, change):
    """Writes a header that is wrong; `change` gets its module and the partition's bytes."""
    first, sectors = disk.swap()
    disk.patch(first * 512, change(make_swap(), sectors * 512))
    return disk.keep()


def flipped(page, at):
    return page[:at] + bytes([page[at] ^ 1]) + page[at + 1:]


HEADERS = {  # what is wrong: the page, and what the kernel says
    "no-magic": (lambda swap, size: bytes(4096), "no swap header"),
    "old-magic": (lambda swap, size: swap.header(size, magic=b"SWAP-SPACE"), "no swap header"),
    "version": (lambda swap, size: swap.header(size, version=2), "of another version"),
    "no-checksum": (lambda swap, size: swap.header(size, mark=0), "without a checksum"),
    "page-size": (lambda swap, size: swap.header(size, page_bytes=8192), "pages of another size"),
    "bad-pages": (lambda swap, size: swap.header(size, bad_pages=3), "bad pages"),
    "too-large": (lambda swap, size: swap.header(size, last_page=size // 4096), "more pages than there are"),
    "huge": (lambda swap, size: swap.header(size, last_page=0xFFFFFFFF), "more pages than there are"),
    "too-small": (lambda swap, size: swap.header(size, last_page=8), "too few pages"),
    "damaged-front": (lambda swap, size: flipped(swap.header(size), 17), "damaged: checksum"),
    "damaged-length": (lambda swap, size: flipped(swap.header(size), 1029), "damaged: checksum"),
    "damaged-end": (lambda swap, size: flipped(swap.header(size), 4000), "damaged: checksum"),
}


def refused(disk, controller, words):
    """Not used, by name, with not a byte written; the machine runs without."""
    with boot(disk, controller) as machine:
        machine.wait_shell(60)
        assert not swaps(machine)
        assert re.search(words, machine.serial), machine.serial
        assert machine.shell("swapon /dev/boot2").strip() != ""
        run(machine, "swap-check passes 4 2")
        power_off(machine)
    assert not disk.changed()


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.quick] if name in
                                               ("version", "too-large", "damaged-length") else [])
                                  for name in HEADERS])
def test_header(disk, name):
    change, words = HEADERS[name]
    refused(damaged(disk, change), "ide", rf"swap: \S+2: .*{words}")


def table_entry(disk, first=None, sectors=None, kind=None):
    """Changes the second entry of the partition table."""
    if kind is not None:
        disk.patch(462 + 4, bytes([kind]))
    if first is not None:
        disk.patch(462 + 8, first.to_bytes(4, "little"))
    if sectors is not None:
        disk.patch(462 + 12, sectors.to_bytes(4, "little"))
    return disk.keep()


def test_over_the_first_partition(disk):
    """With a header that would be right, in the middle of the files."""
    first, sectors = disk.swap()
    header = make_swap().header(sectors * 512)
    disk.patch((first - 1008) * 512, header)
    refused(table_entry(disk, first - 1008), "ide", "overlaps another")


def test_beyond_the_disk(disk):
    _, sectors = disk.swap()
    refused(table_entry(disk, sectors=sectors + 1008), "ide", "ends beyond the disk")


def test_of_another_type(disk):
    """A partition of another system is not written to, whatever its first page says."""
    refused(table_entry(disk, kind=0x83), "ide", "not to be written to|EPERM|EINVAL")
