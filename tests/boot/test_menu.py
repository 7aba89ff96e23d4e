"""The list of choices that BOOT.CFG gives: how it is shown, what keys do, and what comes of an error."""

import os
import re
import struct
import time

import gdb
import other_kernels
import pytest
import worse_bios
from bochs import Bochs
from image import EXIT_CODE, REPOSITORY, elf
from qemu import Qemu
from rows import disk_arguments
from v86 import V86

EXITS = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
EXITED = 33  # as EXIT_CODE does there
HALT = bytes([0xFA, 0xF4, 0xEB, 0xFC])  # cli; hlt; jmp
CHOICES = """# one for each end
cmdline = init=none
{front}
[monitor]
kernel = BOOT/KERNEL.ELF
initrd = BOOT/INITRD.CPI
[missing]
kernel = BOOT/NOTHING.ELF
[damaged]
kernel = BOOT/DAMAGED.ELF
[no initrd]
kernel = BOOT/KERNEL.ELF
initrd = BOOT/NOTHING.CPI
[exits]
kernel = BOOT/EXITS.ELF
cmdline = other words
"""
MISSING = "^E14 fat: file not found \\(BOOT/NOTHING.ELF"
DAMAGED = "^E29 kernel: not built for i386 \\(BOOT/DAMAGED.ELF, machine 3E\\)"
WAIT = r"^@WAIT (\d\d)$"
M = (0x32, ord("m"))
LIST = "^  1  monitor\n  2  missing\n  3  damaged\n  4  no initrd\n  5  exits\n"


def choices(image, front=""):
    image.write_file("BOOT/DAMAGED.ELF", elf(machine=62))
    image.write_file("BOOT/EXITS.ELF", elf([(0x100000, EXIT_CODE, {})]))
    return image.config(CHOICES.format(front=front))


def held(machine, scan_code, character):
    """As if a key was held while the machine starts: it is in the BIOS's buffer (0040:001A to 003D)."""
    gdb.at(machine, "keys_drain", f"set {{short}}0x41e = {scan_code << 8 | character}",
           "set {int}0x41a = 0x20001e")


def ask_on_com1(machine, first="1 monitor"):
    """M until the list is there; returns where the machine then is in what it sends."""
    while "start: " not in machine.serial:
        machine.send("m")
        time.sleep(0.02)
    machine.wait_for(f"{LIST}.*\nstart: {first} +")
    return len(machine.serial)


def fail_and_choose_again(machine, press):
    """From the list: a file that is missing, one that is no kernel, an initrd that is missing, and one
    that boots. `press` takes a name of QEMU's for a key."""
    at = len(machine.serial)
    press("2")
    press("ret")
    at = machine.wait_for(MISSING, start=at).end()
    machine.wait_for(LIST + ".*\nstart: 2 missing ", start=at)
    press("down")
    machine.wait_for("start: 3 damaged ", start=at)
    press("ret")
    at = machine.wait_for(DAMAGED, start=at).end()
    machine.wait_for("start: 3 damaged ", start=at)
    machine.wait_screen("E29 kernel: not built for i386 (BOOT/DAMAGED.ELF, machine 3E)")
    machine.wait_screen("start: 3 damaged")
    press("4")
    press("ret")
    at = machine.wait_for("^E14 fat: file not found \\(BOOT/NOTHING.CPI", start=at).end()
    machine.wait_for("start: 4 no initrd", start=at)
    for wanted in "3 damaged", "2 missing", "1 monitor", "5 exits":
        press("up")
        machine.wait_for("start: " + wanted, start=at)
    press("ret")
    assert machine.wait_exit() == EXITED


ON_COM1 = {"ret": "\r", "up": "\x1b[A", "down": "\x1b[B"}
DISKS = [pytest.param("ide", marks=pytest.mark.quick), "ahci", "usb-xhci", "usb-uhci"]


@pytest.mark.parametrize("disk", DISKS)
def test_com1(image, disk):
    choices(image)
    with Qemu(*EXITS, *disk_arguments(image.path, disk)) as machine:
        ask_on_com1(machine)
        fail_and_choose_again(machine, lambda name: machine.send(ON_COM1.get(name, name)))


@pytest.mark.parametrize("start", [lambda path: Bochs(path), V86], ids=["bochs", "v86"])
def test_other_emulators(image, start):
    choices(image)
    with start(image.path) as machine:
        ask_on_com1(machine)
        at = len(machine.serial)
        machine.send("2\r")
        at = machine.wait_for(MISSING, 60, at).end()
        machine.wait_for("start: 2 missing ", 60, at)
        machine.send("\x1b[A")
        machine.wait_for("start: 1 monitor ", 60, at)
        machine.send("\r")
        machine.wait_ready(120)


def test_firmware_with_its_console_on_com1(image):
    """It reads COM1 too, so an arrow may reach each of us in part; digits do not."""
    choices(image)
    with Qemu("-M", "pc,graphics=off", *EXITS, *disk_arguments(image.path)) as machine:
        ask_on_com1(machine)
        machine.send("5")
        machine.wait_for("start: 5 exits")
        machine.send("\r")
        assert machine.wait_exit() == EXITED
        assert "COM1 by BIOS" in machine.serial


@pytest.mark.parametrize("disk, arguments", [("ide", []), ("usb-xhci", []),
                                             ("usb-xhci", ["-device", "usb-kbd"])])
def test_keyboard(image, disk, arguments):
    choices(image)
    with Qemu(*EXITS, *disk_arguments(image.path, disk), *arguments, paused=True) as machine:
        held(machine, *M)
        machine.wait_for("start: 1 monitor")
        fail_and_choose_again(machine, machine.key)


@pytest.mark.parametrize("key", [M, (0x0F, ord("\t")), (0x48, 0), (0x50, 0), (0x48, 0xE0)],
                         ids=["M", "Tab", "up", "down", "grey up"])
def test_keys_that_show_the_list(image, key):
    choices(image)
    with Qemu(*disk_arguments(image.path), paused=True) as machine:
        held(machine, *key)
        machine.wait_for("start: 1 monitor")


@pytest.mark.parametrize("key", [(0x1A, 0x81), (0x2E, 0x80)], ids=["u umlaut", "C cedilla"])
def test_letters_that_are_no_arrows(image, key):
    """Keyboards of other languages have them (code page 437), and UTF-8 on COM1 has such bytes."""
    choices(image, "default = exits\ntimeout = 60")
    with Qemu(*EXITS, *disk_arguments(image.path), paused=True) as machine:
        held(machine, *key)
        machine.wait_for("start: 5 exits in ")
        machine.send("\u00c0\u00c1")
        machine.wait_for("start: 5 exits +$")
        machine.send("\r")
        assert machine.wait_exit() == EXITED
        assert set(re.findall("start: ([1-5]) ", machine.serial)) == {"5"}


def boot_info(image, *presses):
    """What a kernel gets that was chosen so: the fields from kernel_phys to initrd_bytes; how many sectors
    a call reads; and what was worked around."""
    with Qemu(*disk_arguments(image.path), paused=True) as machine:
        held(machine, *M)
        for press in presses:
            machine.wait_for("start: .* $")
            at = len(machine.serial)
            machine.send(press + "\r")
            machine.wait_for("^E45 |^@STEP 14 ", start=at)
        machine.wait_halted()
        fields = struct.unpack("<43I", machine.read_physical(gdb.address_of("boot_info"), 172))
        return fields[9:18], fields[23], fields[40]


def test_what_a_failed_choice_had_loaded_is_given_up(image):
    """A kernel without symbols and initrd has none, after one with both, whose initrd was wrong; and it is
    read no more slowly, for the disk was right."""
    image.write_file("BOOT/HALTS.ELF", elf([(0x100000, HALT, {})]))
    image.config("kernel = BOOT/KERNEL.ELF\n[a]\ninitrd = BOOT/INITRD.CPI\ninitrd_crc32 = 1\n"
                 "[b]\nkernel = BOOT/HALTS.ELF\n")
    alone = boot_info(image, "2")
    assert boot_info(image, "1", "1", "2") == alone
    assert alone[0][:2] == (0x100000, 0x100000 + len(HALT)) and alone[0][3:] == (0,) * 6
    assert alone[1:] == (127, 0)


KINDS = """cmdline = init=none
[multiboot, no module]
kernel = BOOT/MULTI.ELF
module = BOOT/NOTHING.BIN
[linux, no initrd]
kernel = BOOT/LINUX
initrd = BOOT/NOTHING.CPI
[real linux, no initrd]
kernel = BOOT/REAL
initrd = BOOT/NOTHING.CPI
[ours, wrong initrd]
kernel = BOOT/KERNEL.ELF
initrd = BOOT/INITRD.CPI
initrd_crc32 = 1
[multiboot]
kernel = BOOT/MULTI.ELF
module = BOOT/INITRD.CPI
[linux]
kernel = BOOT/LINUX
initrd = BOOT/INITRD.CPI
[real linux]
kernel = BOOT/REAL
[ours]
kernel = BOOT/KERNEL.ELF
initrd = BOOT/INITRD.CPI
"""


@pytest.mark.parametrize("cpu", ["qemu32", "486,-pse"])
@pytest.mark.parametrize("good", [5, 6, 7, 8])
def test_each_kind_after_the_failure_of_each(image, good, cpu):
    image.write_file("BOOT/MULTI.ELF", other_kernels.multiboot())
    image.write_file("BOOT/LINUX", other_kernels.linux())
    image.write_file("BOOT/REAL", other_kernels.linux(real=True))
    image.config(KINDS)
    with Qemu("-cpu", cpu, *disk_arguments(image.path), paused=True) as machine:
        held(machine, *M)
        for bad in 1, 2, 3, 4:
            machine.wait_for(f"start: {max(1, bad - 1)} .* $")
            at = len(machine.serial)
            machine.send(f"{bad}\r")
            machine.wait_for("^E(14|45) ", start=at)
            machine.wait_for(f"start: {bad} .* $", start=at)
        at = len(machine.serial)
        machine.send(f"{good}\r")
        machine.wait_for("^@READY$" if good == 8 else "^!$", 30, at)


@pytest.mark.quick
def test_the_default_starts_with_no_list(image):
    choices(image, "default = exits")
    with Qemu(*EXITS, *disk_arguments(image.path)) as machine:
        assert machine.wait_exit() == EXITED
        assert "start: " not in machine.serial


def test_timeout(image):
    choices(image, "default = exits\ntimeout = 3")
    with Qemu(*EXITS, *disk_arguments(image.path)) as machine:
        machine.wait_for(LIST + ".*\nstart: 5 exits in 3 s ")
        began = time.monotonic()
        assert machine.wait_exit() == EXITED
        assert 2 < time.monotonic() - began < 20
        seconds = re.findall("start: 5 exits(?: in (\\d+) s)? ", machine.serial)
        assert seconds == ["3", "2", "1", ""]


def no_ticks(define, folder):
    """The arguments of a machine on which the BIOS's clock stands: by an option ROM, or without a timer."""
    if not define:
        return ["-M", "pc,pit=off"]
    return ["-option-rom", worse_bios.build({"define": [define]}, folder)]


@pytest.mark.parametrize("define", ["TIMER_DEAD", "IRQS_MASKED", "TIMER_STOPPED", None])
def test_no_interrupt_of_the_timer(image, tmp_path, define):
    """The time passes all the same, and keys are taken: with the BIOS's clock neither would end a HLT."""
    arguments = ["-m", "128", *no_ticks(define, tmp_path), *EXITS, *disk_arguments(image.path)]
    choices(image, "default = monitor\ntimeout = 3")
    with Qemu(*arguments) as machine:
        machine.wait_for("start: 1 monitor in 2 s ")
        began = time.monotonic()
        machine.wait_for("start: 1 monitor in 1 s ")
        assert 0.5 < time.monotonic() - began < 10
        machine.wait_ready()
    with Qemu(*arguments) as machine:
        machine.wait_for("start: 1 monitor in 2 s ")
        machine.send("5")
        machine.wait_for("start: 5 exits +$")
        machine.send("\r")
        assert machine.wait_exit() == EXITED


@pytest.mark.parametrize("define", ["IRQS_MASKED", "TIMER_STOPPED", None])
def test_an_error_hears_com1_without_the_timer(image, tmp_path, define):
    image.config("kernel = BOOT/NOTHING.ELF\n")
    with Qemu(*no_ticks(define, tmp_path), *disk_arguments(image.path)) as machine:
        at = machine.wait_for("^Press a key to boot something else").end()
        time.sleep(0.5)
        machine.send("x")
        if define:  # its INT 19h has one disk, again and again
            machine.wait_for("^Ascent$", start=at)
        else:
            machine.wait_screen("No bootable device")


# F1 to F4, Delete, F5, F12, Shift and right, of a VT100, xterm and the Linux console.
NO_ARROWS = ["\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[3~", "\x1b[15~", "\x1b[24~", "\x1b[1;2C",
             "\x1b[[C"]


def test_other_keys_of_a_terminal(image):
    """They stop the time, and choose and start nothing, though they end in an S, or have digits."""
    choices(image, "default = exits\ntimeout = 60")
    with Qemu(*EXITS, *disk_arguments(image.path)) as machine:
        machine.wait_for("start: 5 exits in ")
        for key in NO_ARROWS:
            machine.send(key)
            time.sleep(0.1)
        machine.send("\x1bOA")
        machine.wait_for("start: [1-5] .*start: 4 no initrd +$")
        seen = re.findall("start: ([1-5]) ", machine.serial)
        assert seen == sorted(seen, reverse=True) and set(seen) == {"5", "4"}
        at = len(machine.serial)
        machine.send("\x1b[")  # a key of the keyboard comes in between
        time.sleep(0.1)
        machine.key("up")
        machine.wait_for("start: 3 damaged +$", start=at)
        machine.send("A")
        machine.wait_for("start: 2 missing +$", start=at)
        machine.send("\x1b5\r")  # the key Esc, and then others
        assert machine.wait_exit() == EXITED
        assert "@WAIT" not in machine.serial


def test_a_key_stops_the_time(image):
    choices(image, "default = exits\ntimeout = 2")
    with Qemu(*EXITS, *disk_arguments(image.path)) as machine:
        machine.wait_for("start: 5 exits in 2 s ")
        machine.send("x")
        machine.wait_for("start: 5 exits +$")
        time.sleep(4)
        assert machine.running()
        machine.send("\r")
        assert machine.wait_exit() == EXITED


def test_steps_of_a_choice(image):
    """S in the list; S at the start is for the default, without a list; `step` is of one choice."""
    choices(image)
    with Qemu(*disk_arguments(image.path)) as machine:
        ask_on_com1(machine)
        machine.send("5s")
        assert machine.wait_for(WAIT)[1] == "01"
    with Qemu(*disk_arguments(image.path), paused=True) as machine:
        held(machine, 0x1F, ord("s"))
        assert machine.wait_for(WAIT)[1] == "01"
        assert "start: " not in machine.serial
    image.config("kernel = BOOT/EXITS.ELF\n[a]\nstep = 1\n[b]\n")
    with Qemu(*EXITS, *disk_arguments(image.path), paused=True) as machine:
        held(machine, *M)
        machine.wait_for("start: 1 a")
        machine.send("2\r")
        assert machine.wait_exit() == EXITED
        assert "@WAIT" not in machine.serial


def test_a_file_without_choices_has_no_list(image):
    """Its errors stop, as ever."""
    image.config("kernel = BOOT/NOTHING.ELF\n")
    with Qemu(*disk_arguments(image.path), paused=True) as machine:
        held(machine, *M)
        machine.wait_for(MISSING)
        machine.wait_for("^Press a key to boot something else")
        assert "start: " not in machine.serial


def test_the_example_of_the_reference(image):
    """The file and the list that docs/reference/boot-cfg.md shows."""
    with open(os.path.join(REPOSITORY, "docs/reference/boot-cfg.md"), encoding="utf-8") as file:
        blocks = file.read().split("```\n")[1::2]
    example, shown = (next(block for block in blocks if word in block) for word in ("[ascent]", "start: "))
    image.config(example)
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("start: 1 ascent in 4 s ")
        seen = re.sub(" +start:.*| +$", "", machine.serial + "\n", flags=re.M)
        assert re.sub(" +$", "", shown, flags=re.M) in seen


def instructions_to_load(image):
    """Up to the step kernel-loaded; a nanosecond each."""
    with Qemu("-icount", "shift=0,sleep=off", *disk_arguments(image.path, "ahci")) as machine:
        return int(machine.wait_for(r"^@STEP 06 .*tsc=([0-9a-f]{16})$", 60)[1], 16)


def test_no_timeout_does_not_wait(image):
    """The shortest wait, one tick of the BIOS, would be 55 million of about 21."""
    times = []
    for text in "", "[one]\n[two]\n", "timeout = 0\n[one]\n":
        image.config("kernel = BOOT/KERNEL.ELF\n" + text)
        times.append(instructions_to_load(image))
    assert max(times) < 1.2 * min(times), times
