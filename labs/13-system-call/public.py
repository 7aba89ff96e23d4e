"""Lab 13: dispatch(), called with the registers of a program of the grader's. The functions behind the
numbers are served by the grader, so that their answers are not to be known before."""

import os
import re
import struct

from labs.table import ROOT

FIELDS = ("cr2", "edi", "esi", "ebp", "unused", "ebx", "edx", "ecx", "eax", "ds", "es", "fs", "gs", "vector",
          "error_code", "eip", "cs", "eflags", "esp", "ss")  # struct pt_regs
USER_CS, KERNEL_CS, IF, EFLAGS = 0x1B, 0x08, 0x200, 9
NOT_THERE = 2**32 - 38  # -ENOSYS
KERNEL, OTHER = 0x10, 15


def calls():
    """[(number, name)] of all system calls that there are."""
    with open(os.path.join(ROOT, "kernel/syscall/syscalls.def"), encoding="utf-8") as file:
        found = re.findall(r"^SYSCALL\((\d+), (\w+)\)", file.read(), re.M)
    return [(int(number), name) for number, name in found]


class Program:
    def __init__(self, t, new=False):
        """`new`: on a machine that no test has made a call on yet."""
        self.m = t.machine() if new else t.boot("first_program_run")
        if new:
            self.m.run_to("first_program_run")
        self.at = self.m.call("__get_free_page", KERNEL, OTHER)
        self.served = []

    def call(self, number, answer=0, serves=None, cs=USER_CS, **registers):
        """INT 80h with this number; `serves`: whose turn it should be. Returns the registers afterwards."""
        values = dict.fromkeys(FIELDS, 0) | registers | {"eax": number, "cs": cs, "vector": 0x80,
                                                         "eip": 0x8048000}

        def serve(machine):
            self.served.append((machine.stub.register(0), machine.stub.register(9)))
            machine.returns(answer)
        self.m.write(self.at, struct.pack("<20I", *(values[name] for name in FIELDS)))
        flags = self.m.stub.register(EFLAGS)
        self.m.stub.set_register(EFLAGS, flags & ~IF)  # as behind the gate
        self.m.call("dispatch", self.at, serve={serves: serve} if serves else None)
        self.m.stub.set_register(EFLAGS, flags)
        return dict(zip(FIELDS, struct.unpack("<20I", self.m.read(self.at, 80))))


def expect_answer(t, number, name):
    program, nonce = Program(t), t.random.randrange(1, 2**31)
    after = program.call(number, nonce, "sys_" + name)
    t.expect(len(program.served), 1, f"how often number {number} came to sys_{name}()")
    t.expect(program.served[0][0], program.at, f"what sys_{name}() is given", hex)
    t.expect(after["eax"], nonce, f"EAX of the program after number {number}", lambda value: f"{value:08X}")


def test_answer(t):
    """getpid (20): its function is called with the registers, and EAX gets what it answers."""
    expect_answer(t, 20, "getpid")


def test_unknown(t):
    """A number that nobody has: -ENOSYS."""
    there = {number for number, _ in calls()}
    number = t.random.choice([number for number in range(1, 500) if number not in there])
    for number in (number, 512, 0xFFFFFFFF, t.random.randrange(1000, 2**31), 2**31 + 20):
        t.expect(Program(t).call(number)["eax"], NOT_THERE, f"EAX after number {number}",
                 lambda value: f"{value:08X}")


def test_boots(t):
    """The first program makes its calls, as far as its first wait4()."""
    t.boot("sys_wait4")
