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


def test_made_again(t):
    """The answers that say so, and no others, set `look`."""
    program = Program(t, new=True)
    current = program.m.word("current")
    private = next(at for at in (program.m.word(current + offset) for offset in range(0, 512, 4))
                   if at > 0xC0000000 and program.m.word(at) == current)  # it begins with a way back
    before = program.m.read(private, 256)

    def set_by(answer):
        program.call(20, answer & 0xFFFFFFFF, "sys_getpid")
        after = program.m.read(private, 256)
        program.m.write(private, before)
        return {at for at in range(256) if (before[at], after[at]) == (0, 1)}
    look = set.intersection(*(set_by(-answer) for answer in (512, 514, 516)))
    if not look:
        t.lose("-ERESTARTSYS and the like do not set current->proc->look")
    for answer in (-2, -511, -517, t.random.randrange(1, 2**31)):
        if look & set_by(answer):
            t.lose(f"the answer {answer} sets current->proc->look: no call is to be made again")


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
