"""What chapters say was seen, on the emulator that they name."""

import glob
import os
import re
import subprocess

import gdb
import pytest
import rows
from gdb import address_of
from image import DISK, REPOSITORY
from qemu import Qemu
from rows import disk_arguments
from step import registers

BOCHS = {"emulator": "bochs", "bios": "/usr/share/bochs/BIOS-bochs-latest", "memory": 64,
         "cpu": "corei7_skylake_x"}
EMULATORS = {"qemu": {}, "bochs": BOCHS, "v86": {"emulator": "v86", "memory": 64}}
QUICK = [pytest.param("qemu", marks=[pytest.mark.quick]), "bochs", "v86"]


def answer(emulator, command):
    with rows.start(EMULATORS[emulator], DISK) as machine:
        machine.wait_ready(60)
        return machine.command(command)


# ---- Chapter 01, 03, 11: damaged copies of the image ---------------------------------------------

def damages():
    """(name, shell commands that make build/broken.img, what the text then promises)"""
    for path in sorted(glob.glob(os.path.join(REPOSITORY, "docs/[0-9][0-9]-*.md"))):
        with open(path, encoding="utf-8") as file:
            found = re.findall(r"\n\n((?:    .*\n)*    scripts/run build/broken\.img\n)\n((?:[^\n]+\n)+)",
                               file.read())
        for number, (commands, after) in enumerate(found):
            promised = re.search(r"`(E\d\d [^`(]*)", after)
            yield pytest.param(commands.replace("scripts/run", "# scripts/run"),
                               promised[1].strip() if promised else "No bootable device",
                               id=f"{os.path.basename(path)[:2]}-{number}")


@pytest.mark.quick
@pytest.mark.xdist_group("broken.img")
@pytest.mark.parametrize("commands, promised", damages())
def test_break_it(commands, promised):
    broken = os.path.join(REPOSITORY, "build/broken.img")
    try:
        subprocess.run(["sh", "-e", "-c", commands], cwd=REPOSITORY, check=True,
                       capture_output=True)
        with Qemu(*disk_arguments(broken)) as machine:
            machine.wait_screen(promised)
    finally:
        os.remove(broken)


def test_there_are_damages():
    assert len(list(damages())) >= 4


# ---- Chapter 01 ----------------------------------------------------------------------------------

ENTRY = {"cs": 4, "ds": 4, "ss": 4, "esp": 8, "eip": 8, "eflags": 8, "cr0": 8}
OTHERS = {"ds": 0x0040, "es": 0x9000, "eflags": 0x0C47}  # DF, OF, ZF, CF; IF off


@pytest.mark.quick
@pytest.mark.parametrize("changes", [{}, OTHERS], ids=["as the BIOS left them", "others"])
def test_the_registers_at_7c00(changes):
    """What step 1 says, against what the processor has in front of the first instruction."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        script = ["set confirm off", "target remote " + machine.gdb_socket, "hbreak *0x7c00",
                  "continue", *(f"set ${name} = {value}" for name, value in changes.items()),
                  "info registers", "delete", "detach"]
        done = subprocess.run(["gdb", "-nx", "-batch"] + [w for line in script for w in ("-ex", line)],
                              check=True, timeout=60, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        real = {name: int(value, 16) for name, value
                in re.findall(r"^(\w+) +(0x[0-9a-f]+)", done.stdout, re.M)}
        assert real["eip"] == 0x7C00 and changes.items() <= real.items()
        line = machine.wait_for(r"^@STEP 01 mbr .*\n").group()
        said = registers(line)
        assert {name: said[name] for name in ENTRY} == {
            name: f"{real[name]:0{digits}x}" for name, digits in ENTRY.items()}
        machine.wait_ready()


# ---- Chapter 02 ----------------------------------------------------------------------------------

@pytest.mark.quick
def test_another_name_for_the_entry():
    """CS = 07C0 at the first instruction: it boots, and `steps` tells."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at_address(machine, 0x7C00, "set $cs = 0x07c0", "set $eip = 0")
        machine.wait_ready()
        assert re.search(r"^01 mbr +\S+ 07c0", machine.command("steps"), re.M)


def test_a_wrong_data_segment():
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "stage2_main", "set $ds = 0x1000")
        with pytest.raises(AssertionError):
            machine.wait_for("^@READY$", 5)


# ---- Chapter 05 ----------------------------------------------------------------------------------

@pytest.mark.quick
def test_the_wrap_of_a20():
    """What the exercise types, and what its answer promises."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        script = ["set confirm off", "target remote " + machine.gdb_socket,
                  f"hbreak *{address_of('a20_enable'):#x}", "continue", "monitor o /b 0x92 0",
                  "set {int}0x500 = 0x12345678", "x/1xw 0x100500", "delete", "detach"]
        done = subprocess.run(["gdb", "-nx", "-batch"] + [w for line in script for w in ("-ex", line)],
                              check=True, timeout=60, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        assert re.search(r"^0x100500:\s+0x12345678$", done.stdout, re.M)
        machine.wait_ready()
        assert "a20: switched on by the BIOS" in machine.serial


# ---- Chapter 10, 13, 16 --------------------------------------------------------------------------

@pytest.mark.parametrize("emulator", QUICK)
def test_the_base_is_added(emulator):
    """The same bytes under two names."""
    said = answer(emulator, "segment c00b8000")
    through_fs, through_ds = re.findall(r"linear c00b8000  ((?:[0-9a-f]{2} ?){8})$", said, re.M)
    assert through_fs == through_ds


@pytest.mark.parametrize("emulator", QUICK)
def test_a_root_entry_of_pae(emulator):
    """Bit 5 of it is QEMU's: the kernel writes P and the address, and others leave it so."""
    said = answer(emulator, "pt c0100000")
    entry = re.search(r"^  pgd at \S+ \[003\] = ([0-9a-f]{16})  P -> table$", said, re.M)[1]
    assert entry.endswith("021" if emulator == "qemu" else "001")


@pytest.mark.parametrize("emulator", QUICK[:2])
def test_a_stale_translation(emulator):
    said = answer(emulator, "lesson stale")
    assert re.search(r"read without INVLPG: 11111111, the old frame", said), said
    assert re.search(r"read after INVLPG:   22222222$", said, re.M), said
