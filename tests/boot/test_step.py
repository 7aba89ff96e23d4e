"""Step mode: every step is shown, with the registers that the machine really has; any key, any
machine; and what B breaks ends as steps.def says."""

import os
import re
import struct
import subprocess
import time

import gdb
import other_kernels
import pytest
import rows
import worse_bios
from bochs import Bochs
from image import DISK, REPOSITORY, SHELL_DISK, Image, elf
from qemu import Qemu
from rows import disk_arguments
from step import LAST, NO_EFFECT_IN_V86, WAIT, Stepper, others, registers, step_image, table
from step_marks import Marks, rows_of
from v86 import V86
from x86 import CR4_PAE
from x86 import Machine as Outside

STEPS = table()
SCREEN_ROWS = 25
COMPARED = ("cr0", "cr3", "cr4", "cs", "ds", "ss", "gdtr", "idtr")


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Boots into the monitor, so the last step is irq-on."""
    return step_image(tmp_path_factory.mktemp("step"))


@pytest.fixture(scope="module")
def image_with_init(tmp_path_factory):
    return step_image(tmp_path_factory.mktemp("step-init"), "")


def qemu(image, *arguments, **options):
    return Qemu("-cpu", "max", *arguments, *disk_arguments(image), **options)


def processor(machine):
    """The registers as QEMU has them, under the names of the @STEP line."""
    text = machine.hmp("info registers")
    value = {name.lower(): word.lower() for name, word
             in re.findall(r"\b(CR[034])=(\w{8})", text)}
    for name in ("CS", "DS", "SS"):
        selector, flags = re.search(name + r" =(\w{4}) \w{8} \w{8} (\w{8})", text).groups()
        value[name.lower()] = selector
        if name == "CS":
            value["cs is 32-bit"] = bool(int(flags, 16) & 0x400000)
    for name in ("GDT", "IDT"):
        base, limit = re.search(name + r"= +(\w{8}) (\w{8})", text).groups()
        value[name.lower() + "r"] = f"{base}/{int(limit, 16):04x}"
    value["if"] = int(re.search(r"EFL=(\w{8})", text).group(1), 16) >> 9 & 1
    return value


def check_stop(step, stepper, other_kernel=False):
    """COM1 and, under QEMU, the screen show this step, and the registers that the machine has."""
    machine, number = stepper.machine, step["number"]
    line = re.search(rf"^@STEP {number:02d} {step['name']} .*$", stepper.screen, re.M).group()
    rows_ = stepper.screen[stepper.screen.index(line) + len(line) + 1:]
    assert len(rows_.splitlines()) == SCREEN_ROWS
    text = re.sub(r"\033\[[07]m", "", rows_)
    of = f" of {len(STEPS)}" if step in STEPS else ""
    assert f"Step {number}{of}: {step['name']}\n{step['happened']}\n" in text
    assert f"{step['file']}:{step['line']}    {step['code']}\n" in text
    assert "Without it: " + step["without"] in " ".join(text.split())
    can_break = step["breaks"] and not (step["name"] == "kernel-loaded" and other_kernel)
    assert ("B breaks it: " in text) == bool(can_break)
    assert not can_break or "B breaks it: " + step["breaks"] in text
    if not isinstance(machine, Qemu):
        return
    assert machine.screen().rstrip() == "\n".join(row.rstrip() for row in text.splitlines()).rstrip()
    if number == 1:
        return  # told from memory: by now stage 2 runs
    said = {name: value for name, value in registers(line).items() if name in COMPARED}
    said["if"] = int(registers(line)["eflags"], 16) >> 9 & 1
    said["cs is 32-bit"] = "its cache: base 00000000, 32-bit code" in text
    deadline = time.monotonic() + 20  # it may just be in the BIOS, or looking for a key in the kernel
    while (real := processor(machine)) != said:
        assert time.monotonic() < deadline, f"{step['name']}: {real} is not {said}"


def walk(machine, press=None):
    stepper = Stepper(machine, press)
    for step in STEPS[:LAST]:
        assert stepper.wait() == step["number"]
        check_stop(step, stepper)
        stepper.next()
    machine.wait_ready()
    assert machine.steps() == list(range(1, LAST + 1))


def walk_into_ring3(machine, press=None):
    """From irq-on on: the steps of the first program, and the shell's prompt."""
    stepper = Stepper(machine, press)
    for step in STEPS:
        assert stepper.wait() == step["number"]
        if step["number"] >= LAST:
            check_stop(step, stepper)
            yield step["name"], stepper
        stepper.next()
    machine.wait_shell()
    assert machine.steps() == list(range(1, len(STEPS) + 1))


OTHERS = {"multiboot": (other_kernels.multiboot(), [*range(1, 12), 26, 27]),
          "linux": (other_kernels.linux(), [*range(1, 12), 28, 29, 30]),
          "real": (other_kernels.linux(real=True), [*range(1, 7), 31])}


@pytest.mark.parametrize("key", ["COM1", "keyboard"])
@pytest.mark.parametrize("kind", OTHERS)
def test_other_kernels(tmp_path, kind, key):
    """The rows of a start of another kernel, each with its own screen; the last is in front of its jump."""
    kernel, numbers = OTHERS[kind]
    disk = Image(tmp_path).write_file("BOOT/OTHER", kernel)
    steps_ = {step["number"]: step for step in STEPS + others()}
    with qemu(disk.config("kernel = BOOT/OTHER\nstep = 1\n").path) as machine:
        stepper = Stepper(machine, machine.keys if key == "keyboard" else None)
        for number in numbers:
            assert stepper.wait() == number
            check_stop(steps_[number], stepper, other_kernel=True)
            stepper.next()
        machine.wait_for("^!$")


@pytest.mark.parametrize("kind, end", [("multiboot", "E37"), ("linux", "E77"), ("real", "E79")])
def test_no_map_for_other_kernels(tmp_path, kind, end):
    """What B says at memory-map is true of each kind."""
    disk = Image(tmp_path).write_file("BOOT/OTHER", OTHERS[kind][0])
    with qemu(disk.config("kernel = BOOT/OTHER\nstep = 1\n").path) as machine:
        stepper = Stepper(machine)
        stepper.go_to(5)
        stepper.break_it()
        assert end in stepper.screen
        stepper.press("r")
        machine.wait_for(f"^{end} ", 20, stepper.at)


@pytest.mark.quick
def test_serial(image):
    with qemu(image) as machine:
        walk(machine)


@pytest.mark.quick
def test_keyboard(image):
    with qemu(image) as machine:
        walk(machine, machine.keys)


@pytest.mark.parametrize("cpu", ["486,-pse", "pentium"])
def test_older_processors(image, cpu):
    with Qemu("-cpu", cpu, *disk_arguments(image)) as machine:
        walk(machine)


@pytest.mark.quick
def test_maps(image):
    """QEMU's own view of the tables: both maps when PG is set, the low one gone after zap-identity."""
    with qemu(image) as machine:
        stepper = Stepper(machine)
        for number, low, high in ((13, False, False), (14, True, True), (18, True, True),
                                  (19, False, True)):
            stepper.go_to(number)
            starts = [int(first, 16) for first in re.findall(r"^([0-9a-f]{8,16})-",
                                                             machine.hmp("info mem"), re.M)]
            assert (0 in starts, 0xC0000000 in starts) == (low, high), number
            stepper.next()


@pytest.mark.quick
def test_bochs(image):
    with Bochs(image) as machine:
        walk(machine)


@pytest.mark.quick
def test_v86(image):
    with V86(image) as machine:
        walk(machine)


# ---- the steps of the first program ---------------------------------------------------------------

FRAME = ("eip", "cs", "eflags", "esp", "ss")
USER_CS, USER_DS = 0x1B, 0x23
CPUS = {"pae": ["-cpu", "max"], "classic": ["-cpu", "pentium"], "no large pages": ["-cpu", "486,-pse"]}


def words(machine, command):
    """What QEMU's x or xp prints, as numbers."""
    return [int(word, 16) for word in re.findall(r"0x([0-9a-f]{8})\b", machine.hmp(command))]


def last_line(stepper, number):
    line = re.findall(rf"^@STEP {number:02d} .*$", stepper.machine.serial, re.M)[-1]
    return dict(field.split("=") for field in line.split()[3:])


def frame_of(fields, machine):
    """EIP, CS, EFLAGS, ESP and SS of ring 3: the line tells what QEMU finds on the kernel's stack."""
    said = [int(word, 16) for word in fields["frame"].split("/")]
    assert words(machine, f"x /5xw {int(fields['at'], 16):#x}") == said
    frame = dict(zip(FRAME, said))
    assert (frame["cs"], frame["ss"]) == (USER_CS, USER_DS)
    assert frame["eip"] < 0xC0000000 and frame["esp"] < 0xC0000000
    assert frame["eflags"] & 0x3200 == 0x200, "IF = 1, IOPL = 0"
    return frame


def check_esp0(fields, machine, cpu):
    """The TSS, as TR names it: the frame lies at the very top of that stack."""
    tss = cpu["TR"][1]
    esp0, ss0 = words(machine, f"x /2xw {tss + 4:#x}")
    assert (esp0, ss0) == (int(fields["esp0"], 16), 0x10)
    assert int(fields["at"], 16) + 20 == esp0


def check_cr3_switch(stepper, fields, cpu, outside):
    before, now = (int(word, 16) for word in fields["cr3"].split("->"))
    assert cpu["CR3"] == now != before
    assert outside.walk(0x08048000, cpu).physical is None, "nothing of the program is there yet"
    pae = cpu["CR4"] & CR4_PAE
    size, first, entries = (8, 3, 4) if pae else (4, 768, 1024)
    halves = [[word & ~0x60 for word in  # A and D come as they come
               struct.unpack(f"<{(entries - first) * size // 4}I",
                             stepper.machine.read_physical(root + first * size, (entries - first) * size))]
              for root in (before, now)]
    assert halves[0] == halves[1] and any(halves[0]), "the same kernel half"
    shown = re.search(r"are the kernel's: (\d+) of (\d+) as", stepper.screen)
    assert int(shown[1]) == int(shown[2]) == entries - first


def check_ring3(stepper, fields, cpu, outside):
    frame = frame_of(fields, stepper.machine)
    check_esp0(fields, stepper.machine, cpu)
    with open(os.path.join(REPOSITORY, "build/user/init"), "rb") as file:
        assert frame["eip"] == struct.unpack_from("<I", file.read(28), 24)[0], "e_entry"
    argc, argv = words(stepper.machine, f"x /2xw {frame['esp']:#x}")
    assert argc == 1 and bytes(struct.pack("<2I", *words(stepper.machine, f"x /2xw {argv:#x}"))
                               ).startswith(b"/init\0")
    for name, digits in zip(FRAME, (8, 4, 8, 8, 4)):
        assert re.search(rf"^  {name.upper()} +{frame[name]:0{digits}X} ", stepper.screen, re.M), name


def check_page_fault(stepper, fields, cpu, outside, error):
    """Answers the frames before and after; the entry is what QEMU finds on the way from CR3."""
    frame_of(fields, stepper.machine)
    address = int(fields["cr2"], 16)
    assert cpu["CR2"] == address
    assert int(fields["error"], 16) == error
    before, after = (int(word, 16) for word in fields["pte"].split("->"))
    walk = outside.walk(address, cpu)
    assert walk.steps[-1][0] == "pte" and walk.steps[-1][3] == after
    assert walk.writable and walk.user
    names = {1: "P", 2: "RW", 4: "US", 0x20: "A", 0x40: "D", 1 << 63: "NX"}
    number = next(step["number"] for step in STEPS if f" {step['name']} cr0=" in stepper.screen)
    for (row, marked), value in zip(rows_of(stepper.screen, number)[15:17], (before, after)):
        digits = 16 if cpu["CR4"] & CR4_PAE else 8
        assert row[16:16 + digits] == f"{value:0{digits}X}"
        if value:
            assert row[16 + digits:].split() == [name for bit, name in names.items() if value & bit]
        news = "".join(row[at] if at in marked else " " for at in range(16 + digits, len(row))).split()
        assert news == [name for bit, name in names.items() if value & ~before & bit]
        assert marked.isdisjoint(range(16, 16 + digits)) == (value == before)
    return (stepper.machine.read_physical(value & 0xFFFFFFFFFF000, 4096) for value in (before, after))


def check_demand_zero(stepper, fields, cpu, outside):
    _, now = check_page_fault(stepper, fields, cpu, outside, 0x06)  # W, U
    assert fields["pte"].startswith("0" * 16 + "->")
    assert now == bytes(4096), "the store has not been done again yet"


def check_syscall(stepper, fields, cpu, outside):
    frame = frame_of(fields, stepper.machine)
    check_esp0(fields, stepper.machine, cpu)
    assert words(stepper.machine, f"x /1xw {frame['eip'] - 2:#x}")[0] & 0xFFFF == 0x80CD, "INT 80h"
    assert int(fields["eax"], 16) == 221 and f"EAX {221:08X}: fcntl64()" in stepper.screen
    assert int(fields["esp"], 16) < int(fields["at"], 16), "ESP is below the frame, on the same stack"


def check_cow(stepper, fields, cpu, outside):
    before, now = check_page_fault(stepper, fields, cpu, outside, 0x07)  # P, W, U
    old, new = (int(word, 16) for word in fields["pte"].split("->"))
    assert old & 3 == 1 and new & 3 == 3 and (old ^ new) & 0xFFFFFFFFFF000
    assert before == now != bytes(4096), "a copy, in which nothing has been written yet"


CHECKS = {"cr3-switch": check_cr3_switch, "ring3": check_ring3, "demand-zero": check_demand_zero,
          "syscall": check_syscall, "cow": check_cow}


@pytest.mark.parametrize("cpu", [pytest.param("pae", marks=pytest.mark.quick), "classic", "no large pages"])
def test_into_ring3(cpu, image_with_init):
    """Each stop as QEMU's monitor has it: registers, page tables, the stack, the TSS."""
    with Qemu(*CPUS[cpu], *disk_arguments(image_with_init)) as machine:
        outside = Outside(machine.hmp)
        for name, stepper in walk_into_ring3(machine):
            registers_ = outside.registers()
            assert registers_["CPL"] == 0, "the stop is the kernel's"
            if name in CHECKS:
                number = next(step["number"] for step in STEPS if step["name"] == name)
                CHECKS[name](stepper, last_line(stepper, number), registers_, outside)


@pytest.mark.parametrize("cpu", [pytest.param("pae", marks=pytest.mark.quick), "classic", "no large pages"])
def test_marks(cpu, image_with_init):
    """What is marked as changed is what differs in QEMU's registers and memory from the stop before: EIP
    and ESP at jumps, rows of the GDT, the IDT and the page tables, and the bits A and D in them."""
    with Qemu(*CPUS[cpu], *disk_arguments(image_with_init)) as machine:
        stepper, marks = Stepper(machine), Marks(machine)
        for step in STEPS:
            assert stepper.wait() == step["number"]
            marks.check(step["number"], stepper)
            stepper.next()


@pytest.mark.quick
def test_into_ring3_by_keyboard(image_with_init):
    """With the terminal there already, the keys are the stop's and not the program's; afterwards the
    screen is the program's again."""
    with qemu(image_with_init) as machine:
        screens = {}
        for name, _ in walk_into_ring3(machine, machine.keys):
            screens[name] = machine.screen()
        machine.wait_screen("/ #")
        assert not any(line in machine.screen() for line in screens["cow"].splitlines() if line.strip())
        assert re.search(r"^initrd: \d+ files$", machine.screen(), re.M), "written before cr3-switch"
        assert "A shell in ring 3." in machine.screen(), "written between syscall and cow"
        machine.keys("echo keys\r")
        machine.wait_for("^keys$")


PROGRAM_AT = 0x08048000
WRITE_AND_FORK = bytes.fromhex(
    "B804000000 BB01000000 B925800408 BA04000000 CD80"  # write(1, "part", 4), from 08048025
    "B802000000 CD80 50 EBFE 9090909090") + b"part"  # fork(); push eax; for ever


def test_another_init(tmp_path):
    """Whichever program is the first makes the steps, and in its own order. This one has left a line
    unfinished when it makes the last: the @STEP line begins a new one."""
    program = {"vaddr": PROGRAM_AT, "flags": 5}
    (tmp_path / "init").write_bytes(elf([(PROGRAM_AT, WRITE_AND_FORK, program)], entry=PROGRAM_AT))
    files = f"dir /dev\ndir /proc\ndir /tmp\nfile /init {tmp_path / 'init'} 755\n"
    subprocess.run(["scripts/make-initrd", tmp_path / "initrd", "-"], input=files, text=True, cwd=REPOSITORY,
                   check=True)
    with qemu(Image(tmp_path).initrd(tmp_path / "initrd").path) as machine:
        machine.wait_for("^@STEP 25 cow .*\n")
        assert machine.steps() == [*range(1, 21), 21, 22, 24, 25]
        assert "\npart\n@STEP 25 cow " in machine.serial


@pytest.mark.quick
def test_without_step_mode():
    """The lines come all the same, each as a line of its own, and the shell is as fast there."""
    with qemu(SHELL_DISK) as machine:
        machine.wait_shell()
        assert machine.steps() == list(range(1, len(STEPS) + 1))
        machine.shell("hello")
        assert machine.steps() == list(range(1, len(STEPS) + 1)), "each is made once"


@pytest.mark.parametrize("emulator", ["bochs", "v86"])
def test_into_ring3_elsewhere(emulator, image_with_init):
    with EMULATORS[emulator](image_with_init) as machine:
        for _ in walk_into_ring3(machine):
            pass


# ---- how long it waits (minutes of it: tests/host/test_step_wait.c) -------------------------------

FIRST_WAIT, LATER_WAIT = 600, 30  # layout.h


def test_nobody_yet(image):
    """No COM1, no key: the first screen can be read in peace."""
    with qemu(image, "-serial", "none", serial=False) as machine:
        machine.wait_screen("Step 1 of 25")
        assert f"(without a key it runs after {FIRST_WAIT} s)" in machine.screen()
        time.sleep(LATER_WAIT + 10)
        assert "Step 1 of 25" in machine.screen()


@pytest.mark.quick
@pytest.mark.parametrize("arguments, port", [([], True), (["-serial", "none"], False),
                                             (["-M", "pc,graphics=off"], True)],
                         ids=["COM1", "keyboard", "COM1 by BIOS"])
def test_somebody_there(arguments, port, image):
    """Who has pressed a key is waited for, before irq-off and from there on: on COM1, or at a keyboard
    that is the keyboard controller's own, though its keys came by way of the BIOS."""
    with qemu(image, *arguments, serial=port) as machine:
        for number in range(1, 8):
            if "graphics=off" in str(arguments):
                machine.wait_for(f"^@WAIT {number:02d}$")
                limit = "without a key" in machine.serial[machine.serial.index(f"Step {number} of"):]
            else:
                machine.wait_screen(f"Step {number} of 25", 60)
                machine.wait_screen("run without stops")
                limit = "without a key" in machine.screen()
            assert limit == (number == 1)
            machine.send(" ") if port else machine.keys(" ")


def test_keyboard_of_the_bios_alone(image):
    """A USB keyboard: SeaBIOS knows it, and from irq-off on nobody does. It boots all the same."""
    usb = ["-device", "piix3-usb-uhci", "-device", "usb-kbd"]
    with qemu(image, *usb, "-serial", "none", serial=False) as machine:
        for number in range(1, 7):
            machine.wait_screen(f"Step {number} of 25", 60)
            machine.wait_screen("run without stops")
            assert ("without a key" in machine.screen()) == (number == 1)
            machine.key("spc")
        machine.wait_screen("Step 7 of 25", 60)
        machine.wait_screen(f"(without a key it runs after {LATER_WAIT} s)")
        started = time.monotonic()
        machine.wait_screen("monitor>", LATER_WAIT + 60)
        assert time.monotonic() - started > LATER_WAIT - 5


@pytest.mark.quick
def test_run(image):
    with qemu(image) as machine:
        stepper = Stepper(machine)
        stepper.go_to(3)
        stepper.press("R")
        machine.wait_ready()
        assert len(re.findall(WAIT, machine.serial, re.M)) == 3


@pytest.mark.quick
def test_other_keys_do_nothing(image):
    with qemu(image) as machine:
        stepper = Stepper(machine)
        stepper.go_to(3)  # offers no B
        stepper.press("xbq")
        time.sleep(0.5)
        assert machine.serial.rstrip().endswith("@WAIT 03")
        stepper.next()
        assert stepper.wait() == 4


@pytest.mark.quick
def test_s_on_com1():
    """The usual image stops when S waits on COM1 while it starts."""
    with qemu(DISK) as machine:
        while "@" not in machine.serial:
            machine.send("s")
        assert machine.wait_for(WAIT).group(1) == "01"


@pytest.mark.quick
def test_s_held():
    """A key that is held while the machine starts is in the BIOS's buffer (0040:001A to 003D). An
    emulator starts too fast to press one in time, so it is put there."""
    with qemu(DISK, paused=True) as machine:
        gdb.at(machine, "keys_drain", "set {short}0x41e = 0x1f53", "set {int}0x41a = 0x20001e")
        assert machine.wait_for(WAIT).group(1) == "01"


@pytest.mark.parametrize("mode", [mode for mode in worse_bios.MODES if "serial" not in mode],
                         ids=lambda mode: mode["name"])
def test_worse_bios(mode, image, tmp_path):
    """The BIOSes of the option-ROM rows, with stops: the same end as without."""
    row = {"args": ["-option-rom", worse_bios.build(mode, tmp_path)],
           "memory": mode.get("memory", worse_bios.MEMORY)}
    with rows.start(row, image) as machine:
        end = f"^(?:{mode['error']}) " if "error" in mode else "^@READY$"
        if "or_error" in mode:
            end += f"|^(?:{mode['or_error']}) "
        at = 0
        while True:
            stop = machine.wait_for(f"({end})|{WAIT}", 60, at)
            if stop.group(1):
                return
            at = stop.end()
            machine.send(" ")


# ---- B ------------------------------------------------------------------------------------------

# Here the damage shows one or more steps later.
GOES_ON_FIRST = ("memory-map", "kernel-loaded", "gdt-load", "page-tables")
EMULATORS = {"qemu": lambda image: qemu(image, cpu_log=True),
             "bochs": lambda image: Bochs(image, cpu="p4_prescott_celeron_336"), "v86": V86}


def gone(machine):
    """Waits for the end of the machine: QEMU leaves at a reset, Bochs panics, v86 throws."""
    deadline = time.monotonic() + 30
    while machine.running() and time.monotonic() < deadline:
        time.sleep(0.1)
    return not machine.running()


def break_cases():
    for emulator in EMULATORS:
        for step in STEPS:
            if step["end"]:
                quick = emulator == "qemu" and step["name"] in ("pe-set", "zap-identity")
                yield pytest.param(emulator, step, id=f"{emulator}-{step['name']}",
                                   marks=[pytest.mark.quick] if quick else [])


@pytest.mark.parametrize("emulator, step", break_cases())
def test_break(emulator, step, image, image_with_init):
    of_program = step["number"] > LAST
    with EMULATORS[emulator](image_with_init if of_program else image) as machine:
        stepper = Stepper(machine)
        stepper.go_to(step["number"])
        stepper.break_it()
        assert step["outcome"] in stepper.screen
        if emulator == "v86" and step["name"] in NO_EFFECT_IN_V86:
            assert stepper.wait() == step["number"] + 1
            return
        if step["name"] in GOES_ON_FIRST:
            stepper.press("r")
        if step["end"] == "reset":
            assert gone(machine)
            if emulator == "qemu":
                assert "Triple fault" in machine.cpu_log()
        else:
            report = rf"\w+ \(pid \d+\): .*\({step['end']}\)" if of_program else step["end"] + "[: ]"
            machine.wait_for("^" + report, 30, stepper.at)
            assert machine.running()
        if of_program:
            machine.wait_ready()  # the kernel has lost a program, and nothing else
        else:
            assert "@READY" not in machine.serial
