"""An error of the loader fits one screen: code, remedy, and what machine this is; then a key boots
something else. The kernel's monitor shows the same report."""

import re
import time

import gdb
import pytest
import rows
from bochs import Bochs
from image import DISK
from qemu import Qemu
from rows import disk_arguments
from test_errors import RETURN_FALSE
from worse_bios import MAPS, build

LABELS = ["machine", "bios", "cpu", "memory", "a20", "workarounds", "disk"]
KEY = "Press a key to boot something else; Ctrl+Alt+Del restarts."


def report(text):
    """The rows under "Report", as a dictionary; they are all there, in order, and not too wide."""
    rows_of, label = {}, ""
    for line in text[re.search("^Report$", text, re.M).end() + 1:].splitlines():
        assert len(line) < 80
        label = line[:13].strip() or label
        rows_of[label] = "\n".join([rows_of[label], line[13:]] if label in rows_of else [line[13:]])
        if label == LABELS[-1]:
            break
    assert list(rows_of) == LABELS
    return rows_of


def ranges(memory):
    """The BIOS's map in the row "memory": [(base, end, letter of the type)]."""
    return [(int(base, 16), int(last, 16) + 1, kind)
            for kind, base, last in re.findall(r"([?urAnb]) ([0-9A-F]+)-([0-9A-F]+)",
                                               memory.partition("\n")[2])]


@pytest.fixture
def broken(image):
    return image.config("kernel = BOOT/NOTHING.ELF\n")


@pytest.mark.quick
@pytest.mark.parametrize("arguments", [[], ["-M", "q35", "-cpu", "max"], ["-M", "pc,graphics=off"]],
                         ids=" ".join)
def test_same_from_both(arguments, broken):
    with Qemu(*arguments, *disk_arguments(broken.path)) as machine:
        machine.wait_for("^" + re.escape(KEY))
        loader = report(machine.serial)
    with Qemu(*arguments, *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        kernel = report(machine.command("report"))
        raw = rows.raw_map(machine)
    assert loader == kernel
    assert ranges(kernel["memory"]) == [(base, end, "?urAnb"[kind]) for base, end, kind in raw]
    assert "QEMU Standard PC" in kernel["machine"]
    assert re.match("06/23/99, model FC; SeaBIOS 1", kernel["bios"])
    assert re.match("(GenuineIntel|AuthenticAMD), signature [0-9A-F]+: fpu pse tsc pae cx8", kernel["cpu"])
    assert re.match("INT 15h E820, [0-9]+ ranges, sanitised [0-9]+, usable KB 1305[0-9]+\n",
                    kernel["memory"])
    assert kernel["a20"] == "on from the start; COM1 at 3F8"
    assert kernel["disk"] == "80h by EDD, 127 sectors a call; partition 1 at LBA 2048"
    assert kernel["workarounds"] == ("COM1 by BIOS" if "off" in str(arguments) else "none")


@pytest.mark.quick
def test_one_screen(broken):
    with Qemu(*disk_arguments(broken.path)) as machine:
        machine.wait_for("^" + re.escape(KEY))
        machine.wait_screen(KEY)
        lines = machine.screen().rstrip().splitlines()
        start = lines.index("E14 fat: file not found (BOOT/NOTHING.ELF)")
        assert lines[start + 1].startswith("Copy the file back") and lines[start + 2] == "Report"
        report("\n".join(lines[start:]))
        assert lines[-1] == KEY


def test_a_map_of_200_ranges(broken, tmp_path):
    """More than a screen has room for: as many as fit, and how many more."""
    rom = build({"map": "200-ranges"}, tmp_path)
    with Qemu("-option-rom", rom, *disk_arguments(broken.path)) as machine:
        machine.wait_for("^" + re.escape(KEY))
        machine.wait_screen(KEY)
        shown = machine.screen()
        assert "E14 fat: file not found" in shown
        memory = report(shown)["memory"]
        assert [first for first, _, _ in ranges(memory)] == [base for base, _, _ in MAPS["200-ranges"][:30]]
        assert memory.endswith("\nand 98 more")


@pytest.mark.parametrize("name", ["empty-ranges", "past-the-end"])
def test_odd_ranges(name, broken, tmp_path):
    """A range of no bytes has no last one, and none ends behind the last address there is."""
    rom = build({"map": name}, tmp_path)
    with Qemu("-option-rom", rom, *disk_arguments(broken.path)) as machine:
        machine.wait_for("^" + re.escape(KEY))
        memory = report(machine.serial)["memory"] + " "
    for base, length, kind in MAPS[name]:
        last = f"{min(base + length, 2**64) - 1:X}" if length else "empty"
        assert f"{'?urAnb'[kind]} {base:X}-{last} " in memory


def test_a20_that_stays_off():
    """With E06 nothing is said to have switched it on, and nothing above 1 MB is looked at."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "a20_enable",
               gdb.bytes_at(gdb.address_of("a20_works_within"), RETURN_FALSE))
        machine.wait_for("^" + re.escape(KEY))
        assert "\nE06 " in machine.serial
        assert report(machine.serial)["a20"].startswith("off, or not asked yet")


def test_bochs():
    with Bochs(DISK) as machine:
        machine.wait_ready(60)
        shown = report(machine.command("report"))
        assert shown["memory"].startswith("INT 15h E820") and shown["disk"].startswith("80h by EDD")


def test_old_machine():
    """No SMBIOS, no CPUID, 64 KB of it gone: nothing is said that is not known."""
    with rows.start({"machine": "isapc", "cpu": "486", "memory": 16}, DISK) as machine:
        machine.wait_ready(60)
        assert "pse" in report(machine.command("report"))["cpu"]


# ---- the key ------------------------------------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("how", ["keyboard", "COM1"])
def test_key(how, broken):
    """INT 18h: SeaBIOS tries what else there is, and says that there is nothing."""
    with Qemu(*disk_arguments(broken.path)) as machine:
        machine.wait_for("^" + re.escape(KEY))
        machine.wait_halted()
        time.sleep(0.5)
        assert "No bootable device" not in machine.screen()
        machine.keys("x") if how == "keyboard" else machine.send("x")
        machine.wait_screen("No bootable device")


@pytest.mark.quick
def test_ctrl_alt_del(broken):
    with Qemu(*disk_arguments(broken.path)) as machine:
        machine.wait_for("^" + re.escape(KEY))
        machine.hmp("sendkey ctrl-alt-delete")
        assert machine.wait_exit() == 0  # -no-reboot turns a reset into an exit


@pytest.mark.quick
def test_a_key_from_before_does_not_count(broken):
    """What was typed while it loaded is not the answer to what it says then."""
    with Qemu(*disk_arguments(broken.path), paused=True) as machine:
        gdb.at(machine, "boot_fail", "set {short}0x41e = 0x1f53", "set {int}0x41a = 0x20001e")
        machine.wait_for("^" + re.escape(KEY))
        machine.wait_halted()
        time.sleep(0.5)
        assert "No bootable device" not in machine.screen()


@pytest.mark.quick
@pytest.mark.parametrize("how", ["keyboard", "COM1"])
def test_key_without_a_bios(how):
    """E47 comes after the last BIOS call: a key restarts the machine."""
    with Qemu(*disk_arguments(DISK), paused=True) as machine:
        gdb.at(machine, "page_tables_check",
               f"set {{unsigned}}(*(unsigned *){gdb.address_of('handover_cr3')} + 768 * 4) = 0")
        machine.wait_for("^Press a key to restart.$")
        machine.wait_screen("Press a key to restart.")
        report(machine.serial)
        deadline = time.monotonic() + 20
        while machine.running() and time.monotonic() < deadline:  # not at once: what is held does not count
            machine.keys("x") if how == "keyboard" else machine.send("x")
            time.sleep(0.3)
        assert machine.wait_exit() == 0
