"""Every fault that the monitor can provoke does what faults.toml says, on each emulator."""

import os
import re
import subprocess
import tomllib

import pytest
import rows
from gdb import address_of
from gdbstub import Stub
from image import DISK, REPOSITORY
from qemu import Qemu

with open(os.path.join(REPOSITORY, "tests/boot/faults.toml"), "rb") as file:
    DATA = tomllib.load(file)
FAULTS = DATA["faults"]
EMULATORS = DATA["emulators"]
PAGE_OFFSET = 0xC0000000


def provoke(machine, name):
    start = len(machine.serial)
    machine.send(f"fault {name}\r")
    machine.wait_for(r"^System halted\.$", 20, start)
    return machine.serial[start:]


def without_numbers(text):
    return re.sub(r"\b[0-9a-f]{8}\b|\+0x[0-9a-f]+|:\d+", "N", text)


def test_the_list_is_complete(ready):
    """A new fault in the kernel needs an entry."""
    assert re.findall(r"^  ([a-z-]+) ", ready.command("fault"), re.M) == list(FAULTS)


def check_report(name, headline, report):
    fault = FAULTS[name]
    assert re.search("^" + headline + ": ", report, re.M), report
    assert "Ascent" not in report, "the machine has reset"
    if name != "panic":
        assert re.search(r"^at c0[0-9a-f]{6} \S+\+0x|^at [0-9a-f]{8}$", report, re.M)
    assert re.search(r"^backtrace:\n  c0[0-9a-f]{6} \S+\+0x", report, re.M)
    if headline in (fault["exception"], fault["line"].split(":")[0]):
        assert without_numbers(fault["line"]) in without_numbers(report).splitlines()


def check_nothing(machine, name):
    output = machine.command(f"fault {name}")
    assert output.endswith(f"fault {name}: nothing happened on this machine"), output
    assert "backtrace:" not in output


def check_stops(machine, name):
    start = len(machine.serial)
    machine.send(f"fault {name}\r")
    machine.process.wait(20)
    assert "backtrace:" not in machine.serial[start:]


def parameters():
    for name in FAULTS:
        for emulator in EMULATORS:
            quick = (name, emulator) == ("stack-overflow", "qemu")
            yield pytest.param(name, emulator, id=f"{name}-{emulator}",
                               marks=[pytest.mark.quick] if quick else [])


@pytest.mark.parametrize("name, emulator", parameters())
def test_fault(name, emulator):
    expected = FAULTS[name][emulator]
    options = {"cpu_log": True} if emulator == "qemu" else {}
    with rows.start(EMULATORS[emulator], DISK, **options) as machine:
        machine.wait_ready(60)
        if expected == "stops":
            check_stops(machine, name)
            return
        resets = machine.cpu_log().count("CPU Reset") if options else 0
        if expected == "nothing":
            check_nothing(machine, name)
        else:
            check_report(name, expected, provoke(machine, name))
        assert machine.running(), "the machine has reset"
        if options:
            assert machine.cpu_log().count("CPU Reset") == resets
            assert "Triple fault" not in machine.cpu_log()


@pytest.mark.quick
def test_page_fault_report(ready):
    report = provoke(ready, "pf-null")
    assert re.search(r"^read at 000000\w\w: the page is not present \(a null pointer\)$", report,
                     re.M)
    assert re.search(r"^error code 0: P=0 W=0 U=0 RSVD=0 I=0$", report, re.M)


@pytest.mark.quick
def test_report_is_on_the_screen(ready):
    provoke(ready, "ud")
    assert "#UD: invalid opcode (vector 6)" in ready.screen()
    assert ready.screen().rstrip().endswith("System halted.")


@pytest.mark.quick
def test_stack_overflow_is_on_the_screen(ready):
    """However deep the recursion was, its name is not scrolled off."""
    provoke(ready, "stack-overflow")
    assert "kernel stack overflow" in ready.screen()
    assert re.search(r"recurse\S* provoke_page.c:\d+ \(\d+ times\)", ready.screen())


@pytest.mark.quick
def test_source_lines(ready):
    """The report names the line that faulted, and the line that called it."""
    report = provoke(ready, "ud")
    number = int(re.search(r"^at \S+ provoke_ud\S+ provoke_exception.c:(\d+)$", report,
                           re.M).group(1))
    with open(os.path.join(REPOSITORY, "kernel/monitor/provoke_exception.c"),
              encoding="utf-8") as file:
        assert "ud2" in file.read().splitlines()[number - 1]
    assert re.search(r"^  \S+ kmain\+\S+ main.c:\d+$", report, re.M)


@pytest.mark.quick
@pytest.mark.parametrize("name", ["wp", "pf-jump"])
@pytest.mark.parametrize("cpu", ["max", "pentium3", "486"])
def test_caller_of_what_has_no_frame(name, cpu):
    """The first is a function of two instructions, the second no function at all: both are called by
    command_fault. Without NX, a fetch is called one all the same."""
    with Qemu("-cpu", cpu, *rows.disk_arguments(DISK)) as machine:
        machine.wait_ready()
        report = provoke(machine, name)
    assert re.search(r"^backtrace:\n  \S+ command_fault\+\S+ fault.c:\d+\n(  \S+ run_line.*\n)?"
                     r"  \S+ monitor_main", report, re.M), report
    if name == "pf-jump":
        assert "instruction fetch at ffff0000: the page is not present" in report
        assert "\nat ffff0000\n" in report


def address(expression):
    """Of what GDB knows by this name in the kernel."""
    answer = subprocess.run(["gdb", "-nx", "-batch", "-ex", f"print/x (int)&{expression}",
                             "build/kernel.elf"], check=True, cwd=REPOSITORY, capture_output=True,
                            text=True, stdin=subprocess.DEVNULL).stdout
    return int(answer.split("=")[1], 16)


def report_with_damage(name, damaged):
    """The report of a fault where a pointer leads nowhere."""
    with Qemu(*rows.disk_arguments(DISK), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(address_of("monitor_main", "kernel"))
        stub.go()
        stub.write(address(damaged), bytes.fromhex("00f0ff3f"))
        stub.unbreak(address_of("monitor_main", "kernel"))
        stub.leave()
        machine.wait_ready()
        return provoke(machine, name)


@pytest.mark.quick
def test_fault_within_a_report():
    """What may be damaged is read last; when it is, one line has both places."""
    report = report_with_damage("vmalloc", "vmalloc_region.first")
    first = re.search(r"^eip=(\w+) ", report, re.M).group(1)
    assert re.search(r"^at c0\w+ vm_area\S+ .*\nbacktrace:\n(  c0\w+ \S+ \S+\n)+\n#PF: page fault "
                     r"\(vector 14\) at c0\w+, while reporting the fault at " + first +
                     r"\nSystem halted\.$", report, re.M), report


@pytest.mark.quick
def test_report_before_whose_task_it_is():
    """A pointer to the task that leads nowhere costs the line with its name, not the backtrace."""
    at = address_of("provoke_ud", "kernel")
    with Qemu(*rows.disk_arguments(DISK), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(at)
        stub.start()
        machine.wait_ready()
        start = len(machine.serial)
        machine.send("fault ud\r")
        stub.wait()
        stub.write(address_of("current", "kernel"), bytes.fromhex("00f0ff3f"))
        stub.unbreak(at)
        stub.set_register(9, stub.register(9) & ~0x200)  # EFLAGS.IF: the timer would look at it first
        stub.leave()
        machine.wait_for(r"^System halted\.$", 20, start)
        report = machine.serial[start:]
    assert re.search(r"^#UD: .*\n(.+\n)+backtrace:\n(  c0\w+ \S+ \S+\n)+\n#PF: page fault \(vector 14\) "
                     r"at c0\w+, while reporting the fault at " + f"{at:08x}" + r"\nSystem halted\.$",
                     report, re.M), report


USER_PAGE = 0x40000000  # of 4 MB, made for these tests: nobody is in ring 3 yet
USER_PAGE_PHYS = 0x02000000
PRESENT_WRITE_USER_LARGE = 0x87
WRITE = b"\xC7\x05%b\0\0\0\0"  # mov dword [ADDRESS], 0
JUMP = b"\xB8%b\xFF\xE0"  # mov eax, ADDRESS; jmp eax
TO_RING_3 = (b"\x6A\x23\x68\0\x10\0\x40\x6A\x02\x6A\x1B"  # push SS, ESP, EFLAGS, CS,
             b"\x68\0\0\0\x40\xCF")  # EIP: USER_PAGE; iretd


@pytest.mark.quick
@pytest.mark.parametrize("code, access", [(WRITE, "write"), (JUMP, "instruction fetch")],
                         ids=["write", "fetch"])
@pytest.mark.parametrize("from_ring", [0, 3])
def test_page_of_the_other_ring(from_ring, code, access, image):
    """Such a page may be written and executed, by the other ring. The code is put where UD2 was."""
    target = address_of("_start", "kernel") if from_ring else USER_PAGE
    code %= target.to_bytes(4, "little")
    with Qemu("-cpu", "max", *rows.disk_arguments(image.cmdline("paging=classic").path),
              paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(address_of("monitor_main", "kernel"))
        stub.go()
        cr3 = int(re.search(r"CR3=(\w+)", machine.hmp("info registers")).group(1), 16)
        stub.write(PAGE_OFFSET + cr3 + (USER_PAGE >> 22) * 4,
                   (USER_PAGE_PHYS | PRESENT_WRITE_USER_LARGE).to_bytes(4, "little"))
        stub.write(PAGE_OFFSET + USER_PAGE_PHYS, code)
        stub.write(address_of("provoke_ud", "kernel"), TO_RING_3 if from_ring else code)
        stub.unbreak(address_of("monitor_main", "kernel"))
        stub.leave()
        machine.wait_ready()
        report = provoke(machine, "ud")
    assert f"\n{access} at {target:08x}: the page belongs to the other ring\n" in report, report
    if report_at := re.search(rf"^at {address_of('_start', 'kernel'):08x} (.*)$", report, re.M):
        assert re.fullmatch(r"_start\+0x0 entry.asm:\d+", report_at.group(1))


@pytest.mark.quick
@pytest.mark.parametrize("cpu", ["max,-nx", "486"])
def test_instruction_across_the_end(cpu):
    """Its first byte is the last one in front of a guard page; there is no NX to tell that the rest was
    fetched, not read."""
    guard = address_of("kernel_stack_guard", "kernel")
    with Qemu("-cpu", cpu, *rows.disk_arguments(DISK), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(address_of("monitor_main", "kernel"))
        stub.go()
        stub.write(guard - 1, b"\xB8")  # mov eax, the next 4 bytes
        stub.write(address_of("provoke_ud", "kernel"), JUMP % (guard - 1).to_bytes(4, "little"))
        stub.unbreak(address_of("monitor_main", "kernel"))
        stub.leave()
        machine.wait_ready()
        report = provoke(machine, "ud")
    assert f"\ninstruction fetch at {guard:08x}: the page is not present\n" in report, report


@pytest.mark.quick
def test_double_fault_that_is_no_overflow():
    """CR2 may still hold the address of a page fault of long ago, in the guard page of a stack: #DF is
    an overflow only where ESP is."""
    with Qemu(*rows.disk_arguments(DISK), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(address_of("monitor_main", "kernel"))
        stub.go()
        idt = int(re.search(r"^IDT= +(\w+)", machine.hmp("info registers"), re.M).group(1), 16)
        for vector in (6, 11):  # #UD is #NP then, and so is #NP, which makes it #DF
            stub.write(idt + vector * 8 + 5, bytes([0x0E]))  # a gate that is not present
        stub.unbreak(address_of("monitor_main", "kernel"))
        stub.leave()
        machine.wait_ready()
        guard = address_of("kernel_stack_guard", "kernel")
        assert machine.command(f"x {guard:x} 1") == f"{guard:08x}  not mapped"
        report = provoke(machine, "ud")
        assert "\n#DF: double fault (vector 8)\n" in report, report
        assert "overflow" not in report
        assert f"cr2={guard:08x}" in report


@pytest.mark.quick
def test_report_without_symbols():
    report = report_with_damage("ud", "boot_info.symtab_phys")
    assert re.search(r"^at c0\w+ provoke_exception.c:\d+\nbacktrace:\n(  c0\w+ fault.c:\d+\n)?"
                     r"(  c0\w+ monitor.c:\d+\n)+  c0\w+ main.c:\d+\nSystem halted\.$", report,
                     re.M), report


@pytest.mark.quick
def test_vectors_that_nobody_uses(image):
    """They are named, with the place, and the kernel goes on."""
    with Qemu(*rows.disk_arguments(image.cmdline("selftest=traps").path)) as machine:
        machine.wait_for(r"^# selftest: (\d+) of \1 passed$")
        for vector in ("30", "80", "ff"):
            assert re.search(rf"^unexpected interrupt: vector {vector}, which nobody handles, at c0\w+ "
                             r"unused_vectors\+\S+ test_traps.c:\d+$", machine.serial, re.M)


@pytest.mark.quick
def test_counts_of_vectors(ready):
    def count(vector):
        return int(re.search(r", (\d+) times$", ready.command(f"idt {vector}")).group(1))

    assert count("6") == 0
    nmis = count("2")
    for _ in range(3):
        ready.qmp("inject-nmi")
    ready.command("help")
    assert nmis < count("2") <= nmis + 3
    assert count("20") > 0
