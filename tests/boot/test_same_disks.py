"""Two disks hold the same: a copy of the one that we boot from hangs on the first IDE cable. /dev/boot is the
one that the BIOS has read, and only its swap partition is written to."""

import pytest
from qemu import Qemu
from swapping import SwapDisk

COPY = ["-device", "ide-hd,drive=copy,bus=ide.0,unit=0"]
BOOTS = {  # the disk, and what the kernel calls it
    "ide-slave": (["-device", "ide-hd,drive=d,bus=ide.0,unit=1,bootindex=1"], "hdb"),
    "ide-second-cable": (["-device", "ide-hd,drive=d,bus=ide.1,unit=0,bootindex=1"], "hdc"),
    "virtio": (["-device", "virtio-blk-pci,drive=d,bootindex=1"], "bios80"),
    "usb": (["-device", "qemu-xhci", "-device", "usb-storage,drive=d,bootindex=1"], "bios80"),
}


@pytest.mark.parametrize("which", [pytest.param("ide-slave", marks=pytest.mark.quick), "ide-second-cable",
                                   "virtio", "usb"])
def test_the_one_that_was_booted(tmp_path, which):
    disks = {}
    for name in ("d", "copy"):
        (tmp_path / name).mkdir()
        disks[name] = SwapDisk(tmp_path / name)
    drives = [word for name, disk in disks.items()
              for word in ("-drive", f"file={disk.path},format=raw,if=none,id={name}")]
    device, called = BOOTS[which]
    with Qemu("-m", "16", *drives, *COPY, *device) as machine:
        machine.wait_shell()
        assert machine.shell("ls /dev/boot").endswith(f"/dev/boot -> {called}")
        assert f"/dev/{called}" in machine.shell("cat /proc/swaps")
        assert "right" in machine.shell("swap-check passes 16", 120)
    assert not disks["copy"].changed()
    assert disks["d"].changed_in_swap() > 1000
