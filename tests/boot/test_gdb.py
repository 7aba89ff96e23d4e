"""`make debug`: GDB stops at 7C00, decodes 16-bit code as such, and knows all three parts by name."""

import os
import subprocess

import pytest
from image import DISK, REPOSITORY

COMMANDS = ["where16", "hbreak stage2_main", "continue", "x/2i $pc", "hbreak handover_after_pg",
            "continue", "x/2i $pc", "print/x $cr0", "hbreak kmain", "continue", "backtrace 1",
            "info symbol $pc", "kill"]


@pytest.mark.quick
def test_debug_session():
    command = [os.path.join(REPOSITORY, "scripts/debug"), DISK, "-batch"]
    for line in COMMANDS:
        command += ["-ex", line]
    output = subprocess.run(command, capture_output=True, text=True, timeout=90,
                            env={key: value for key, value in os.environ.items()
                                 if "DISPLAY" not in key}).stdout
    places = ["=> 0x7c00 <stage1_start>:\tjmp    0x7c5a <stage1_main>",
              "cs:ip 0000:7c00",
              "stage2_main (drive=128) at stage2/main.c:",
              "=> 0x", "push   ebx",
              "handover_after_pg () at stage2/handover.asm:",
              "mov    eax,0xe", "= 0x80000011",
              "kmain (magic=1413698369, info=0xc0001000) at kernel/boot/main.c:",
              "kmain in section .text of"]
    at = 0
    for place in places:
        assert place in output[at:], f"{place!r} is missing after:\n{output[:at]}\nin:\n{output}"
        at += output[at:].index(place)
