"""Runs programs under QEMU and stops where a figure of chapters 20 to 25 is made: at a system call, a switch
of tasks, page faults. What is in registers, stacks and page tables goes into docs/figures/run.json."""

import bisect
import os
import re
import struct
import subprocess
import sys
import tempfile

from . import sources

sys.path.insert(0, os.path.join(sources.REPOSITORY, "tests/boot"))

from gdb import address_of  # noqa: E402
from gdbstub import Stub  # noqa: E402
from image import SHELL_DISK, Image  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402

REGISTERS = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "eflags", "cs", "ss"]
EAX, ECX, EDX, ESP = 0, 1, 2, 4
INT_80 = b"\xcd\x80"
NR_WRITE = 4
HELLO = b"hello from hello"
FAULT_READ, FAULT_WRITE = 0, 1
MAPS = range(0xB0000000, 0xBF000000)
# Virtual time: one nanosecond an instruction, the same at each run.
CLOCK = ["-icount", "shift=0,sleep=off", "-rtc", "base=2000-01-01,clock=vm"]
PRESENT, PAGE_BITS, LARGE = 1, 12, 0x80


def symbols(path):
    """[(address, name)] of an ELF file, sorted."""
    done = subprocess.run(["nm", os.path.join(sources.REPOSITORY, path)], check=True, capture_output=True,
                          text=True)
    return sorted((int(line.split()[0], 16), line.split()[-1]) for line in done.stdout.splitlines()
                  if line[0] != " ")


def hexadecimal(values):
    return [f"{value:08x}" for value in values]


class Watch:
    """A machine at the shell's prompt, with GDB's hand on it."""

    def __init__(self, machine):
        self.machine, self.stub = machine, Stub(machine.gdb_socket)
        self.offset = sources.defines(sources.LAYOUT)["PAGE_OFFSET"]
        self.stub.start()
        machine.wait_shell(60)

    def run(self, line, *addresses):
        """Types a command, with these breakpoints set."""
        self.machine.qmp("stop")
        assert self.stub.wait()
        for address in addresses:
            self.stub.break_at(address)
        self.stub.start()
        self.machine.send(line + "\n")

    def finish(self, *addresses):
        """The breakpoints go, and the program runs to its end."""
        at = len(self.machine.serial)
        for address in addresses:
            self.stub.unbreak(address)
        self.stub.start()
        self.machine.wait_for(r"/ # \Z", 60, max(0, at - 4))

    def registers(self):
        return {name: f"{self.stub.register(number):08x}" for number, name in enumerate(REGISTERS)}

    def words(self, address, count):
        return struct.unpack(f"<{count}I", self.stub.read(address, 4 * count))

    def root(self):
        return int(re.search(r"CR3=(\w+)", self.machine.hmp("info registers"))[1], 16)

    def entry(self, root, address):
        """The entry of the last level for a linear address; 0 where there is no table."""
        mode = sources.paging_modes()["PAE"]
        table, entry = root & mode["root_mask"], 0
        for _, shift, bits, _ in mode["levels"]:
            index = address >> shift & (1 << bits) - 1
            (entry,) = struct.unpack("<Q", self.stub.read(self.offset + table + 8 * index, 8))
            if not entry & PRESENT or shift == PAGE_BITS:
                return entry
            assert not entry & LARGE or shift > 21
            table = entry & mode["address_mask"]
        return entry

    def references(self, entry):
        """How many the descriptor of the frame counts."""
        page = sources.defines("kernel/mm/page.h")
        frame = entry >> PAGE_BITS & 0xFFFFF
        section = self.words(address_of("page_sections", "kernel") + 4 * (frame >> page["SECTION_SHIFT"]), 1)
        return self.words(section[0] + 16 * (frame % page["SECTION_FRAMES"]) + 4, 1)[0]

    def state(self, root, address):
        entry = self.entry(root, address)
        return {"entry": f"{entry:016x}",
                "references": self.references(entry) if entry & PRESENT else 0}


def call(watch):
    """The system call by which hello says its line."""
    enter = next(address for address, name in symbols("build/user/hello") if name == "syscall.enter")
    dispatch = address_of("trap_dispatch", "kernel")
    watch.run("hello", enter)
    while True:
        watch.stub.wait()
        if watch.stub.register(EAX) == NR_WRITE and \
                watch.stub.read(watch.stub.register(ECX), len(HELLO)) == HELLO:
            break
        watch.stub.step_over(enter)
        watch.stub.start()
    before = watch.registers()
    esp0, ss0 = watch.words(address_of("kernel_tss", "kernel") + 4, 2)
    watch.stub.step_over(enter)
    after = watch.registers()
    frame = watch.words(watch.stub.register(ESP), 5)
    watch.stub.break_at(dispatch)
    watch.stub.go()
    regs_at = watch.stub.register(EAX)
    regs = watch.words(regs_at, (esp0 - regs_at) // 4)
    watch.stub.unbreak(dispatch)
    watch.stub.break_at(enter + len(INT_80))
    watch.stub.go()
    answer = watch.registers()
    watch.finish(enter, enter + len(INT_80))
    return {"before": before, "esp0": f"{esp0:08x}", "ss0": f"{ss0:08x}", "after": after,
            "frame": hexadecimal(frame), "regs_at": f"{regs_at:08x}", "regs": hexadecimal(regs),
            "answer": answer}


def switch(watch):
    """From the shell to the child that it has made, and the shell's stack when it is its turn again."""
    names = symbols("build/kernel.elf")
    at, tss = address_of("switch_stacks", "kernel"), address_of("kernel_tss", "kernel")
    watch.run("hello", at)
    watch.stub.wait()
    child = watch.stub.register(EDX)
    child_top = watch.words(tss + 4, 1)[0]
    child_frame = watch.words(child, 5)
    watch.stub.step_over(at)
    watch.stub.go()
    shell = watch.stub.register(EDX)
    shell_top = watch.words(tss + 4, 1)[0]
    shell_frame = watch.words(shell, 5)
    watch.finish(at)

    def described(top, esp, frame):
        symbol = names[bisect.bisect(names, (frame[4], "~")) - 1]
        return {"top": f"{top:08x}", "esp": f"{esp:08x}", "frame": hexadecimal(frame),
                "goes on in": symbol[1].split(".")[0]}
    return {"shell": described(shell_top, shell, shell_frame),
            "child": described(child_top, child, child_frame)}


def faults(watch, line, choose):
    """The page faults of a program where maps lie, until choose() finds in them what it looks for: each with
    the page before and after, in the tables of who has it and of who had the first at this address."""
    at, found, first, chosen = address_of("mm_fault", "kernel"), [], {}, None
    watch.run(line, at)
    while not chosen:
        watch.stub.wait()
        address, access = watch.stub.register(EDX), watch.stub.register(ECX)
        if address in MAPS:
            root = watch.root()
            roots = {"own": root, "first": first.setdefault(address, root)}
            (back,) = watch.words(watch.stub.register(ESP), 1)
            before = {who: watch.state(of, address) for who, of in roots.items()}
            watch.stub.unbreak(at)
            watch.stub.break_at(back)
            watch.stub.go()
            found.append({"address": address, "access": access, "is first": root == first[address],
                          "before": before,
                          "after": {who: watch.state(of, address) for who, of in roots.items()}})
            watch.stub.unbreak(back)
            watch.stub.break_at(at)
            chosen = choose(found)
        else:
            watch.stub.step_over(at)
        if not chosen:
            watch.stub.start()
    watch.finish(at)
    return chosen


def is_new(fault):
    return int(fault["before"]["own"]["entry"], 16) == 0


def touched(found):
    """A page that is written to, and one that is read: neither was there."""
    writes = [fault for fault in found if fault["access"] == FAULT_WRITE and is_new(fault)]
    reads = [fault for fault in found if fault["access"] == FAULT_READ and is_new(fault)]
    return {"write": writes[0], "read": reads[0]} if writes and reads else None


def copied(found):
    """A page that the parent writes to, then the child, then the parent again."""
    address = found[0]["address"]
    same = [fault for fault in found if fault["address"] == address]
    return dict(zip(("new", "child", "parent"), same)) if len(same) == 3 else None


def spaces(said):
    """What maps says of itself: {"areas": [[start, end, rights, name]], "pages": [[address, frame, rights,
    what it is]]}."""
    areas, pages = said.split("/proc/self/maps:")[1].split("/proc/self/pages:")
    return {"areas": re.findall(r"^(\w{8})-(\w{8}) (\S+) \S+ \S+ \d+ *(.*?)$", areas, re.M),
            "pages": re.findall(r"^(\w{8}) frame +(\w+) (\S+) x\d+ (.*)$", pages, re.M)}


def record():
    """What run.json holds of programs."""
    with tempfile.TemporaryDirectory() as folder:
        image = Image(folder, SHELL_DISK).shell("norandmaps")
        with Qemu(*CLOCK, *disk_arguments(image.path), paused=True) as machine:
            watch = Watch(machine)
            found = {"call": call(watch), "switch": switch(watch)}
            at = len(machine.serial)
            found["touch"] = faults(watch, "maps", touched)
            found["space"] = spaces(machine.serial[at:])
            found["copy"] = faults(watch, "cow", copied)
            return found
