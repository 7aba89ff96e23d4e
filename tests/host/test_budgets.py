"""How large each part may become. A budget is raised with a reason, not because it is passed."""

import os
import re
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(REPOSITORY, "build")
KB = 1024
pytestmark = pytest.mark.quick

STAGE1_SPARE = 16           # bytes of the 440 in front of the disk signature
STAGE2_SPARE = 4 * KB       # bytes below 64 KB, which is all that a real-mode segment reaches
KERNEL_FILE = 752 * KB      # what the BIOS has to read: half is symbols and source lines
KERNEL_MEMORY = 864 * KB    # with .bss: what a machine of 4 MB has to give


def constant(name):
    return int(subprocess.run([os.path.join(REPOSITORY, "scripts/constant"), name], check=True,
                              capture_output=True, text=True).stdout, 0)


def symbol(elf, name):
    listing = subprocess.run(["nm", os.path.join(BUILD, elf)], check=True, capture_output=True,
                             text=True).stdout
    return int(re.search(rf"^([0-9a-f]+) . {name}$", listing, re.M).group(1), 16)


def within(what, bytes_used, budget):
    assert bytes_used <= budget, f"{what}: {bytes_used - budget} bytes more than its {budget}"


def test_stage1():
    within("stage 1", os.path.getsize(os.path.join(BUILD, "stage1.bin")),
           constant("STAGE1_MAX_BYTES") - STAGE1_SPARE)


def test_stage2_real_mode():
    within("stage 2, what runs in real mode", symbol("stage2.elf", "stage2_real_end"),
           64 * KB - STAGE2_SPARE)


def test_kernel():
    within("the kernel's file", os.path.getsize(os.path.join(BUILD, "KERNEL.ELF")), KERNEL_FILE)
    within("the kernel in memory", symbol("kernel.elf", "__kernel_end")
           - symbol("kernel.elf", "__text_start"), KERNEL_MEMORY)
