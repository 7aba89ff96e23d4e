"""Programs of ring 3: the suite and busybox say what they say on Linux, and what QEMU sees of their
address spaces is right.

What Linux says is kept in tests/linux/expected/; `make test-full` asks a real one again.
"""

import os
import re
import subprocess
import sys
import time

import pytest
from bochs import Bochs
from image import REPOSITORY, Image
from qemu import Qemu
from rows import disk_arguments

sys.path.insert(0, os.path.join(REPOSITORY, "tests/linux"))

import linux  # noqa: E402

PAGE_OFFSET = 0xC0000000
MODES = {"classic": [], "pae": ["-cpu", "max"]}
OWN, SHARED = 0x20000000, 0x20001000  # user/programs/twins.c
PROMPT = r"/\S* # (\x1b\[6n)?\Z"  # busybox asks the terminal where the cursor is

# Linux 6.1 for i386 with PAE forgets the NX bit of programs' pages: arch/x86/mm/pgprot.c keeps a
# 64-bit value in an unsigned long. Here memory without PROT_EXEC is not executed.
LINUX_PAE_FAILS = {"mmap_not_executable", "mprotect_execute", "execute_data", "execute_stack"}


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


def boot(tmp_path, mode, initrd, *arguments, cmdline=""):
    image = Image(tmp_path).initrd(initrd, f"paging={mode} {cmdline}")
    return Qemu(*MODES[mode], *arguments, *disk_arguments(image.path))


def results(text):
    """{case: "ok", "not ok" or "SKIP"} of KTAP lines."""
    found = re.findall(r"^(ok|not ok) \d+ (\w+)(?: # (SKIP))?", text, re.M)
    return {name: skip or verdict for verdict, name, skip in found}


# ---- the same as Linux ----

@pytest.mark.quick
def test_suite(tmp_path, mode):
    """Line by line what Linux says; what can be tried only with NX is tried under PAE."""
    with boot(tmp_path, mode, "build/initrd-tests.cpi") as machine:
        said = results(linux.between(machine, linux.SUITE, timeout=300))
    wanted = results(linux.expected("suite"))
    if mode == "pae":
        wanted = {name: "ok" for name in wanted}
    assert {name: (said.get(name), want) for name, want in wanted.items() if said.get(name) != want} == {}
    assert len(said) == len(wanted) >= 150


def initrd_with_suite(folder):
    """The usual programs, and the suite as one of them."""
    initrd = os.path.join(folder, "initrd.cpi")
    subprocess.run(["scripts/make-initrd", initrd, "user/initrd.list", "-"], cwd=REPOSITORY, check=True,
                   input=b"file /bin/tests build/user/tests 755\n")
    return initrd


def test_fpu_without_fxsr(tmp_path):
    """Bochs reports a pending error of the x87 to FRSTOR, as a processor does; QEMU does not."""
    image = Image(tmp_path).initrd(initrd_with_suite(tmp_path), "paging=classic")
    with Bochs(image.path, cpu="pentium") as machine:
        at_shell(machine, 120)
        said = run(machine, "tests fpu_", 120)
    assert "# 0 of 5 failed" in said


@pytest.mark.parametrize("script", ["busybox", "dash"])
def test_script_of_commands(tmp_path, mode, script):
    with boot(tmp_path, mode, f"build/initrd-{script}-script.cpi", "-m", "256") as machine:
        said = linux.between(machine, linux.SCRIPT, timeout=300)
    assert said.split("--- ") == linux.expected(script).split("--- ")


def test_suite_on_linux(mode):
    said, kept = results(linux.suite(mode)), results(linux.expected("suite"))
    if mode == "pae":
        assert {name for name, verdict in said.items() if verdict != "ok"} == LINUX_PAE_FAILS
    else:
        assert said == kept


@pytest.mark.parametrize("script", ["busybox", "dash"])
def test_script_on_linux(script):
    assert linux.script(script) == linux.expected(script)


# ---- as seen from outside ----

def at_shell(machine, timeout=60):
    machine.wait_for(PROMPT, timeout)
    return machine


def run(machine, line, timeout=60):
    """What a command at the shell's prompt prints, without what the kernel's log says of it."""
    start = len(machine.serial)
    machine.send(line + "\n")
    end = machine.wait_for(PROMPT, timeout, start)
    said = machine.serial[start:end.start()].split("\n", 1)[1]
    return re.sub(r"^\S+ \(pid \d+\): .*\n", "", said, flags=re.M)


def tables(machine):
    """{virtual: (physical, flags)} of all pages that the tables in CR3 map, and CR3."""
    cr3 = int(re.search(r"CR3=([0-9a-f]+)", machine.hmp("info registers")).group(1), 16)
    rows = re.findall(r"^([0-9a-f]+): ([0-9a-f]+) ([-A-Z]{9})$", machine.hmp("info tlb"), re.M)
    return cr3, {int(virtual, 16): (int(physical, 16), flags) for virtual, physical, flags in rows}


def two_spaces(machine):
    """Stops the machine now and then, until both twins were seen, each behind its store to OWN."""
    seen = {}
    for _ in range(200):
        machine.qmp("stop")
        cr3, pages = tables(machine)
        if OWN in pages and pages[OWN][1][8] == "W":
            seen[cr3] = pages
        machine.qmp("cont")
        if len(seen) == 2:
            return list(seen.values())
    raise AssertionError(f"{len(seen)} spaces seen")


def kernel_half(pages):
    """{virtual: physical}"""
    return {address: physical for address, (physical, _) in pages.items() if address >= PAGE_OFFSET}


@pytest.mark.quick
def test_two_address_spaces(tmp_path, mode):
    with boot(tmp_path, mode, "build/initrd-user.cpi") as machine:
        at_shell(machine)
        machine.send("twins\n")
        machine.wait_for(r"^twins: \d+ and \d+", 30)
        one, two = two_spaces(machine)
        start = len(machine.serial)
        machine.send("\x03")
        machine.wait_for(PROMPT, 20, start)
    for pages in (one, two):
        for address, (_, flags) in pages.items():
            assert (flags[7] == "U") == (address < PAGE_OFFSET), f"{address:08x} {flags}"
            if mode == "pae":
                assert not (flags[8] == "W" and flags[0] != "X"), f"{address:08x} {flags}"
    assert kernel_half(one) == kernel_half(two)
    assert one[OWN][0] != two[OWN][0], "each has written: a frame for each"
    assert one[SHARED][0] == two[SHARED][0], "never written since fork(): one frame"
    assert one[SHARED][1][8] == two[SHARED][1][8] == "-", "and neither may write to it"


LESSONS = ["maps", "cow", "grow", "overflow", "faults", "race", "fork-bomb 50", "hello"]


@pytest.mark.quick
def test_frames_come_back(tmp_path, mode):
    """As many frames of each kind are in use before and after programs have run."""
    with boot(tmp_path, mode, "build/initrd-user.cpi") as machine:
        at_shell(machine)
        for lesson in LESSONS:
            run(machine, lesson)  # the first time, caches grow
        before = memory(machine)
        for lesson in LESSONS:
            run(machine, lesson)
        assert memory(machine) == before


def monitor(machine, command):
    """What a command of the monitor says, which Ctrl+] calls."""
    start = len(machine.serial)
    machine.send("\x1d")
    machine.wait_for(r"monitor> \Z", 20, start)
    said = machine.command(command)
    start = len(machine.serial)
    machine.send("continue\r")
    machine.send("\n")
    machine.wait_for(PROMPT, 20, start)
    return said


def memory(machine):
    """The uses of frames: (frames, name)."""
    return re.findall(r"^ +(\d+) +\d+  (.+)$", monitor(machine, "mem"), re.M)


def objects(machine):
    """The frames that are not of slab caches, and the objects in use of those: empty slabs stay."""
    frames = [row for row in memory(machine) if row[1] not in ("free", "slab caches")]
    caches = re.findall(r"^(\S+)(?: +\d+){6} +(\d+) +\d+ +\d+$", monitor(machine, "slab"), re.M)
    assert frames and caches
    return frames, caches


@pytest.mark.parametrize("seed", range(1, 11))
def test_random_calls(tmp_path, mode, seed):
    """A million calls with hostile arguments in ten seeds: the kernel answers, and nothing of its memory
    comes out."""
    with boot(tmp_path, mode, "build/initrd-user.cpi") as machine:
        at_shell(machine)
        run(machine, f"random-calls {seed} 1000")  # the first time, caches are made
        before = objects(machine)
        said = run(machine, f"random-calls {seed} 100000", 600)
        assert " leaks=0" in said and " calls=100000 " in said, said
        assert objects(machine) == before
        assert "hello from" in run(machine, "hello")
        assert "Kernel panic" not in machine.serial


@pytest.mark.quick
def test_table_of_cases():
    """user/tests/README.md lists what cases.def has."""
    subprocess.run([os.path.join(REPOSITORY, "user/tests/make-table"), "--check"], check=True)


# ---- little memory, and none ----

@pytest.mark.quick
def test_4_mb(tmp_path):
    """The shell and a static program."""
    with boot(tmp_path, "classic", "build/initrd-user.cpi", "-m", "4") as machine:
        at_shell(machine)
        assert "hello from hello" in run(machine, "hello")


# The whole stack of 8 MB, and four processes with an array each: there is not as much.
TOO_LARGE = {"stack_overflow_kills", "stack_overflow_caught_on_other_stack",
             "stack_overflow_handler_without_stack_kills", "page_parallel"}


def test_8_mb_suite(tmp_path, mode):
    with boot(tmp_path, mode, "build/initrd-tests.cpi", "-m", "8") as machine:
        said = results(linux.between(machine, linux.SUITE, timeout=300))
    assert {name for name, verdict in said.items() if verdict == "not ok"} <= TOO_LARGE
    assert said.keys() == results(linux.expected("suite")).keys()


def test_8_mb_busybox(tmp_path):
    with boot(tmp_path, "classic", "build/initrd-busybox.cpi", "-m", "8") as machine:
        at_shell(machine)
        assert "1000\n999\n" in run(machine, "seq 1000 | sort -rn | head -2")
        assert "Swap:" in run(machine, "free")


# user/programs/exhaust.c: everything twice, each with its error, and all of it back.
EXHAUSTED = ["descriptors: EMFILE", "pipes: EMFILE", "full pipes: 40", "file size: EFBIG",
             "processes: EAGAIN, all have ended", "areas: ENOMEM", "addresses: ENOMEM",
             "heap: the end stays where it is", "locks: ENOLCK", "memory: signal 9 (killed)",
             "memory by read: signal 9 (killed)", "the largest: signal 9 (killed)"]


def test_exhaustion(tmp_path, mode):
    with boot(tmp_path, mode, "build/initrd-user.cpi", "-m", "64") as machine:
        at_shell(machine)
        run(machine, "swapoff /dev/boot2")  # memory is to end
        run(machine, "hello")
        assert run(machine, "exhaust", 300).splitlines() == 2 * EXHAUSTED + ["@EXHAUST end"]
        before = objects(machine)
        run(machine, "exhaust", 300)
        assert objects(machine) == before
        assert "hello from hello" in run(machine, "hello")


# ---- a terminal ----

@pytest.mark.quick
def test_line_of_a_fault_is_its_own(tmp_path):
    """Also when the program was in the middle of one."""
    with boot(tmp_path, "classic", initrd_with_suite(tmp_path)) as machine:
        at_shell(machine)
        start = len(machine.serial)
        run(machine, "tests --role half-line")
        assert re.search(r"^half a line\ntests \(pid \d+\): null pointer: ", machine.serial[start:], re.M)


def test_vi_on_com1(tmp_path):
    """Typed as a person would: the file has it afterwards."""
    with boot(tmp_path, "pae", "build/initrd-busybox.cpi") as machine:
        at_shell(machine)
        run(machine, "printf 'first\\nsecond\\nthird\\n' > /tmp/v")
        start = len(machine.serial)
        machine.send("vi /tmp/v\n")
        machine.wait_for(r"/tmp/v", 20, start)
        time.sleep(0.5)
        machine.send("jdd")                 # the second line goes
        machine.send("ofourth")             # a new one behind the third
        machine.send("\x1b")
        time.sleep(0.5)                     # ESC alone, not the start of a key
        machine.send(":wq\r")
        machine.wait_for(PROMPT, 20, start)
        assert run(machine, "cat /tmp/v").startswith("first\nthird\nfourth\n")


def test_vi_on_the_screen(tmp_path):
    """The same with the keyboard; the screen shows what vi draws."""
    with boot(tmp_path, "pae", "build/initrd-busybox.cpi") as machine:
        at_shell(machine)
        machine.keys("seq 1 40 ")
        machine.key("shift-dot")
        machine.keys(" /tmp/v\r")
        machine.keys("vi /tmp/v\r")
        machine.wait_screen("/tmp/v")
        machine.keys("G")
        machine.wait_screen("\n40")
        lines = machine.screen().splitlines()
        assert lines[:24] == [str(n) for n in range(28, 41)] + 11 * ["~"]  # half a screen
        assert lines[24].startswith("- /tmp/v 40/40 100%")
        machine.keys("dd:wq\r")
        start = len(machine.serial)
        machine.keys("wc -l /tmp/v\r")
        machine.wait_for(r"39 /tmp/v", 20, start)


@pytest.mark.quick
def test_job_control(tmp_path):
    """Ctrl+C ends what runs in front, Ctrl+Z stops it, fg goes on with it."""
    with boot(tmp_path, "classic", "build/initrd-user.cpi") as machine:
        at_shell(machine)
        run_and(machine, "cat", "\x03")
        run_and(machine, "cat", "\x1a")
        assert "stopped  cat" in run(machine, "jobs")
        run_and(machine, "fg", "\x04")
        run_and(machine, "fork-bomb 3; cat", "\x03")
        assert "still here" in run(machine, "echo still here")


def run_and(machine, line, key):
    """Starts something that reads, and presses a key."""
    machine.send(line + "\n")
    time.sleep(0.5)
    start = len(machine.serial)
    machine.send(key)
    machine.wait_for(PROMPT, 20, start)
