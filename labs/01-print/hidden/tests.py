"""Lab 1, hidden: print() called with what nobody can know before."""

SCRATCH = 0x6100  # below the stack of stage 2


def printed(t, form, *values):
    """What print(form, values) puts on the screen."""
    m = t.boot("disk_init")
    mark = "".join(t.random.choice("abcdefghkmnpqrstuvwxyz") for _ in range(6))
    m.write(SCRATCH, ("\n" + mark + "=" + form + ";\n").encode() + b"\0")
    m.call("print", SCRATCH, *values, variadic=True)
    lines = [line for line in m.screen() if line.startswith(mark + "=")]
    if len(lines) != 1:
        t.lose(f'print("{mark}...") leaves no line on the screen that starts so')
    return lines[0].removeprefix(mark + "=").removesuffix(";")


def numbers(t, base, form, values):
    for value in values:
        wanted = str(value) if base == 10 else f"{value:X}"
        t.expect(printed(t, form, value), wanted, f"print(\"{form}\", {value})", lambda text: f'"{text}"')


def test_any_text(t):
    for _ in range(3):
        text = "".join(t.random.choice("ACDEFHKLMNPRTUVWXY0123456789 .,-") for _ in range(30)).strip()
        t.expect(printed(t, text), text, f'the screen after print("{text}")', lambda text: f'"{text}"')


def test_decimal(t):
    numbers(t, 10, "%u", [t.random.randrange(10, 100), t.random.randrange(10**6, 10**7), 4294967295])


def test_hexadecimal(t):
    numbers(t, 16, "%x", [0xA, t.random.randrange(0xA0, 0xFF), t.random.randrange(0xA0000000, 0xFFFFFFFF)])


def test_zero(t):
    numbers(t, 10, "%u", [0])


def test_at_least_so_many_digits(t):
    value = t.random.randrange(0xA0, 0xFF)
    t.expect(printed(t, "%08x", value), f"{value:08X}", f'print("%08x", 0x{value:X})',
             lambda text: f'"{text}"')
