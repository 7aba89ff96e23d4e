"""Lab 13, hidden: other numbers, what must not change, ring 0, and interrupts."""

from public import FIELDS, IF, KERNEL_CS, Program, calls, expect_answer


def test_any_number(t):
    for number, name in t.random.sample(calls(), 3):
        expect_answer(t, number, name)


def test_arguments_stay(t):
    """Only EAX changes; the number is kept in error_code, for who has to make the call again."""
    program = Program(t)
    before = {name: t.random.randrange(2**31) for name in ("ebx", "ecx", "edx", "esi", "edi", "ebp", "esp")}
    after = program.call(20, 7, "sys_getpid", **before)
    for name in FIELDS:
        if name in before:
            t.expect(after[name], before[name], f"{name.upper()} after the call",
                     lambda value: f"{value:08X}")
    t.expect(after["error_code"], 20, "error_code after the call")


def test_ring_0(t):
    """INT 80h of the kernel itself is no system call."""
    program = Program(t)
    after = program.call(20, 0x1234, "sys_getpid", cs=KERNEL_CS)
    if program.served:
        t.lose("INT 80h of ring 0 came to sys_getpid()")
    t.expect(after["eax"], 20, "EAX after an INT 80h of ring 0")


def test_interrupts(t):
    """On during a call, off again afterwards."""
    program = Program(t)
    program.call(20, 1, "sys_getpid")
    t.expect(bool(program.served and program.served[0][1] & IF), True, "EFLAGS.IF in sys_getpid()")
    t.expect(bool(program.m.flags & IF), False, "EFLAGS.IF when dispatch() returns")
