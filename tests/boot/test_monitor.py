"""The monitor: every command answers, lines can be edited, bad input gets a clear answer."""

import re

import pytest
import rows
from gdb import address_of
from gdbstub import Stub
from image import DISK
from qemu import Qemu

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"


@pytest.mark.quick
def test_every_command_answers(ready):
    names = re.findall(r"^  ([a-z0-9]+) ", ready.command("help"), re.M)
    assert {"regs", "gdt", "idt", "cr", "pt", "va2pa", "mem", "e820", "x", "steps", "cpuid",
            "reboot", "poweroff", "fault", "segment", "buddy"} <= set(names)
    arguments = {"pt": " c0100000", "va2pa": " 8:c0100000", "x": " c0100000",
                 "segment": " c0100000", "vm": " 1", "where": " 1", "sector": " 0"}
    for name in set(names) - {"reboot", "poweroff", "help"}:
        answer = ready.command(name + arguments.get(name, ""))
        assert answer.strip() and "usage" not in answer, name


@pytest.mark.quick
@pytest.mark.parametrize("line", [
    "pt", "pt nothing", "pt 100000000", "pt c0100000 x", "va2pa 8:", "va2pa :8", "va2pa zz:1",
    "x c0100000 -1", "x c0100000 q", "fault nonsense", "idt 300", "help me", "nonsense",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z", "x", "\t", "x " + "f" * 200,
])
def test_bad_input(ready, line):
    answer = ready.command(line)
    assert "@STEP" not in answer and "halted" not in answer
    assert ready.command("va2pa c0100000").startswith("linear   c0100000")


@pytest.mark.quick
@pytest.mark.parametrize("line", ["@READY", "@STEP 01", "x @READY", "pt @READY", "fault @READY",
                                  "lesson @READY", "idt @READY", "segment @READY", "va2pa @READY"])
def test_input_is_no_line_of_the_kernel(ready, line):
    """What is typed is answered, but never at the start of a line, where programs read."""
    answer = ready.command(line)
    assert answer.strip() and not re.search(r"^@", answer, re.M)


def test_unmapped_addresses_do_not_fault(ready):
    for address in ("0", "1000", "bffffff0", "c0116000", "fffffff8", "ffffffff"):
        assert "halted" not in ready.command("x " + address)
        assert "halted" not in ready.command("pt " + address)
    assert ready.command("va2pa 0").strip()


@pytest.mark.quick
def test_line_editing(ready):
    want = ready.command("va2pa c0100000")
    assert ready.command("va2pa c0200000" + LEFT * 5 + "\b1") == want
    assert ready.command("pa c0100000\x01va2\x05") == want
    assert ready.command("garbage\x15va2pa c0100000") == want
    assert ready.command(UP) == want
    ready.command("regs")
    assert ready.command(UP + UP) == want
    assert ready.command(UP + UP + DOWN + "\x1b[H\x1b[F") == want
    assert ready.command("va2pa c010000099" + LEFT * 2 + "\x1b[3~\x1b[3~") == want


@pytest.mark.quick
@pytest.mark.parametrize("sequence", ["\x1b[1;5C", "\x1b[15~", "\x1b[2~", "\x1b"])
def test_keys_without_a_meaning(ready, sequence):
    """Ctrl and Right, F5, Insert, Esc: what is typed after them arrives."""
    want = ready.command("va2pa c0100000")
    assert ready.command(sequence + "va2pa c0100000") == want


def test_number_pad(ready):
    ready.keys("va2pa c0")
    for name in ("kp_1", "kp_0", "kp_0", "kp_0", "kp_0", "kp_0", "kp_enter"):
        ready.key(name)
    ready.wait_for(r"^physical 00100000")


def test_keyboard_editing(ready):
    ready.keys("va2pa c020000")
    for _ in range(4):
        ready.key("left")
    ready.keys("\b1")
    ready.key("end")
    ready.keys("0\r")
    ready.wait_for(r"^physical 00100000")
    ready.key("up")
    start = len(ready.serial)
    ready.keys("\r")
    ready.wait_for(r"^physical 00100000", 10, start)


@pytest.mark.quick
def test_keyboard_beside_a_mouse_that_is_on():
    """Its first byte would lie in the controller for ever, and all keys behind it."""
    with Qemu(*rows.disk_arguments(DISK), paused=True) as machine:
        stub, init = Stub(machine.gdb_socket), address_of("keyboard_init", "kernel")
        stub.break_at(init)
        stub.go()
        for port, value in ((0x64, 0xD4), (0x60, 0xF4)):  # to the mouse: report
            machine.hmp(f"o/b {port:#x} {value:#x}")
        stub.unbreak(init)
        stub.leave()
        machine.wait_ready()
        machine.hmp("mouse_move 20 20")
        machine.keys("va2pa c0100000\r")
        machine.wait_for(r"^physical 00100000")


def test_logical_addresses(ready):
    assert "0010" in ready.command("va2pa 10:c0100000")
    assert "physical 00100000" in ready.command("va2pa 8:c0100000")
    assert "physical" not in ready.command("va2pa 0:c0100000")
    assert "physical" not in ready.command("va2pa f8:c0100000")


@pytest.mark.quick
def test_gates_fit_the_screen(ready):
    """All vectors have a gate; those that somebody handles are listed."""
    answer = ready.command("idt")
    assert answer.splitlines()[-1] == \
        "256 gates present of 256; 207 of them are of vectors that nobody handles"
    assert len(re.findall(r"\b[0-9a-f]{2} (?:int|task) ", answer)) == 49
    assert len(answer.splitlines()) < 24


def test_reboot(ready):
    ready.send("reboot\r")
    assert ready.wait_exit() == 0  # -no-reboot turns a reset into an exit


@pytest.mark.quick
@pytest.mark.parametrize("row", [
    {"machine": "pc"}, {"machine": "q35"}, {"machine": "q35", "cpu": "486", "memory": 8},
    {"machine": "pc", "memory": 3072}], ids=["pc", "q35", "q35-486", "pc-3G"])
def test_poweroff(row):
    with rows.start(row, DISK) as machine:
        machine.wait_ready()
        machine.send("poweroff\r")
        assert machine.wait_exit() == 0
        machine.wait_for(r"^poweroff: by ACPI: port 604, type 0$")
        assert "by the ports" not in machine.serial


def test_poweroff_on_bochs():
    row = {"emulator": "bochs", "bios": "/usr/share/bochs/BIOS-bochs-latest",
           "cpu": "p4_prescott_celeron_336", "memory": 64}
    with rows.start(row, DISK) as machine:
        machine.wait_ready(60)
        machine.send("poweroff\r")
        machine.wait_for("^poweroff: by ACPI: port b004, type 0$")
        machine.process.wait(20)


def test_poweroff_without_acpi():
    with rows.start({"machine": "isapc", "cpu": "486"}, DISK) as machine:
        machine.wait_ready()
        machine.send("poweroff\r")
        machine.wait_for("^poweroff: ACPI has no RSDP\npoweroff: by the ports of QEMU and Bochs\n"
                         r"It is now safe to turn off the computer\.$")
