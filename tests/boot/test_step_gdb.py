"""`make step-gdb`: stops before and after each step, says what changed, and shows the tables as the
kernel's own monitor does."""

import re

import other_kernels
import pytest
from gdb import STOP, step_session, stops
from image import DISK, SHELL_DISK
from qemu import Qemu
from rows import disk_arguments
from step import table
from x86 import constant, symbols

STEPS = table()
GATE = r"\b[0-9a-f]{2} (?:int|task) +[0-9a-f]{4}:[0-9a-f]{8} \d"
DIRECTORY = f"{constant('PAGE_DIRECTORY_ADDR'):08x}"


@pytest.fixture(scope="module")
def boot():
    return stops(step_session(*["next-step"] * 53, disk=SHELL_DISK))  # 50 lead to the last stop


def changed(block, register):
    """The line that says how a register changed."""
    lines = [line.strip() for line in block if line.split()[:1] == [register]]
    return lines[0] if lines else None


@pytest.mark.quick
def test_every_step_in_order(boot):
    expected = [("before", 1), ("before", 2), ("after", 1), ("after", 2)]
    expected += [(when, step["number"]) for step in STEPS[2:] for when in ("before", "after")]
    assert list(boot) == expected
    for step in STEPS:
        number = step["number"]
        assert boot["before", number][0] == (
            f"before {number:02} {step['name']}  {step['file']}:{step['line']}  {step['code']}")
        assert boot["after", number][0] == f"after {number:02} {step['name']}  {step['happened']}"
    assert any("That was the last step. `continue`" in line for line in boot["after", STEPS[-1]["number"]])


def test_without_a_first_program():
    """The kernel's monitor begins after irq-on, and GDB says that no step comes any more."""
    output = step_session(*["next-step"] * 41)
    assert list(stops(output))[-1] == ("after", 20)
    assert "no program runs, and the kernel's monitor begins" in output
    assert output.count("That was the last step") == 2


@pytest.mark.parametrize("number, register, change", [
    (7, "EFLAGS", "IF 1 -> 0"), (7, "IDTR", "/0017"), (8, "GDTR", "/0027"),
    (9, "CR0", "00000010 -> 00000011  PE 0 -> 1"),
    (10, "CS", "0000 -> 0008  in its cache: limit 0000ffff -> ffffffff, 16-bit -> 32-bit"),
    (11, "DS", "0000 -> 0010"), (13, "CR3", f"00000000 -> {DIRECTORY}"),
    (14, "CR0", "00000011 -> 80000011  PG 0 -> 1"), (16, "GDTR", "/0027 -> c0"),
    (16, "TR", "0000 -> 0028"), (17, "IDTR", "/0017 -> c0"), (18, "CR0", "WP 0 -> 1"),
    (18, "CR4", "PAE 0 -> 1"), (20, "EFLAGS", "IF 0 -> 1"), (21, "CR3", "007ff000 -> "),
    (22, "CPL", "0 -> 3"), (22, "CS", "0008 -> 001b"), (22, "SS", "0010 -> 0023"),
    (24, "CPL", "3 -> 0"), (24, "CS", "001b -> 0008"), (24, "EFLAGS", "IF 1 -> 0"),
])
def test_what_changed(boot, number, register, change):
    assert change in (changed(boot["after", number], register) or "")


def test_only_what_changed(boot):
    """pe-set is one bit. CR4.PSE is set before CR3 is loaded, and not kept quiet."""
    assert len([line for line in boot["after", 9][1:] if line.strip()]) == 1
    assert "  since the last step: CR4    00000000 -> 00000010  PSE 0 -> 1" in boot["before", 13]


def test_instructions(boot):
    """Decoded in the right size, on both sides of the far jump."""
    for number, text in {1: r"eb 58  jmp 0x7c5a .*\(16", 8: r"66 0f 01 16 .*lgdtd .*\(16",
                         9: r"0f 22 c0  mov cr0,eax  \(16",
                         10: r"66 ea .* 08 00  jmp 0x8:0x.*\(16", 11: r"8e d8  mov ds,.*\(32",
                         12: r"e8( \w\w){4}  call 0x\w+ <page_tables_build>  \(32",
                         14: r"0f 22 c0  mov cr0,eax  \(32",
                         15: r"ff 25( \w\w){4}  jmp DWORD PTR ds:\w+  \(32",
                         22: r"cf  iret *\(32", 24: r"cd 80  int 0x80  \(32"}.items():
        assert re.search(text, boot["before", number][1]), boot["before", number]


def test_into_ring3(boot):
    """The frame that IRET finds is what the processor has afterwards; the pages that came are in the
    page tables; the stack of the system call is the one that the TSS names."""
    frame = re.search(r"EIP (\w+), CS 001b, EFLAGS \w+, ESP (\w+), SS 0023: CPL will be 3",
                      "\n".join(boot["before", 22]))
    after = "\n".join(boot["after", 22])
    assert f"EIP is {frame[1]}, SS:ESP 0023:{frame[2]}" in after
    esp0 = re.search(r"TSS.ESP0 is (\w+)", after)[1]
    assert f"pushed below TSS.ESP0 {esp0}: SS 0023, " in "\n".join(boot["after", 24])
    for number, code in ((23, "error code 6 (P=0 W=1 U=1"), (25, "error code 7 (P=1 W=1 U=1")):
        text = "\n".join(boot["after", number])
        address = re.search(r"CR2 (\w+), " + re.escape(code), text)[1]
        assert f"linear {address}, PAE paging" in text
        assert re.search(r"^    pte at .*  P RW US A D", text, re.M)
        assert f"CR2 {address}, " in "\n".join(boot["before", number])


def test_code_of_both_sizes():
    """In the way back to real mode, where PE is 1 and code is 16-bit; and behind the far jump."""
    loader = symbols("stage2")
    far_jump = loader["handover.protected"]
    output = step_session(*["next-step"] * 10, f"hbreak *{loader['pm_switch.leave']:#x}", "continue",
                          "print/x $cr0", "x/1i $pc", "delete", *["next-step"] * 9,
                          "x/1i *(unsigned int *)$esp", f"disassemble /r {far_jump:#x},+20")
    assert re.search(r"= 0x11\n=> 0x\w+ <pm_switch\.leave>:\tmov +cx,0x20$", output, re.M), output
    at = output.index("after 10 cs-load")
    assert re.search(r"handover\.protected\+\d+>:\tmov +ax,0x10$", output[at:], re.M), output[at:]
    assert re.search(r"\t66 b8 10 00\s+mov +ax,0x10$", output[at:], re.M), output[at:]


def lines_of(machine, command):
    return [line.rstrip() for line in machine.command(command).splitlines()]


@pytest.mark.parametrize("cpu", ["qemu32", "pentium", "486"])
def test_tables_as_the_kernel_prints_them(cpu):
    """PAE, 4 MB pages, and neither: GDB reads the same tables from outside."""
    commands = ["gdt", "idt", "e820", "pt c0100000", "pt c0400000", "pt 0", "pt b8000"]
    with Qemu("-cpu", cpu, *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        kernel = {command: lines_of(machine, command) for command in commands}
    words = ["next-step"] * 39 + ["delete", "hbreak monitor_main", "continue"]
    for command in (*commands, "pd"):
        words += [f"echo \\n[{command}]\\n", command]
    output = step_session(*words, "echo \\n[]\\n", qemu="-cpu " + cpu)
    shown = {name: [line.rstrip() for line in text.strip("\n").splitlines()] for name, text in
             re.findall(r"^\[([a-z0-9 ]+)\]\n(.*?)(?=^\[[a-z0-9 ]*\]\n)", output, re.M | re.S)}
    for command in commands:
        if command == "idt":  # the kernel leaves out the vectors that nobody handles
            gates = re.findall(GATE, "\n".join(shown[command]))
            kernel[command] = [kernel[command][0], *re.findall(GATE, "\n".join(kernel[command]))]
            assert len(gates) == 256 and any(gate.startswith("80 ") for gate in kernel[command])
            shown[command] = [shown[command][0], *(gate for gate in gates if gate in kernel[command])]
        assert shown[command] == kernel[command]
    text = "\n".join(shown["pd"])
    assert ("PAE" if cpu == "qemu32" else "classic") in shown["pd"][0]
    assert not re.search(r"\b[0-9ab][0-9a-f]{7}-[0-9a-f]{8} ->", text), "nothing below C0000000"
    assert re.search(r"c0000000-c0[0-9a-f]{6} -> table at", text)


def test_tables_of_the_loader(boot):
    """The constants of docs/reference/memory-map.md: 8 MB at 0 and at C0000000."""
    assert boot["after", 12][1:5] == [
        f"  page directory at {DIRECTORY}, classic paging",
        "    [000-001] = 00000083  00000000-007fffff -> physical 00000000  P RW PS",
        "    [300-301] = 00000083  c0000000-c07fffff -> physical 00000000  P RW PS",
        "    4 of 1024 entries are present"]
    flat = "  0008     00000000 ffffffff 0   code, execute/read, accessed, 32-bit"
    assert flat in boot["after", 8]


def test_continue_and_reset():
    """`continue` stops as well; a machine that resets begins again, and is said to."""
    output = step_session("continue", "continue", "monitor system_reset", "continue")
    assert [key for key in (match.groups()[:2] for match in STOP.finditer(output))] == [
        ("before", "01"), ("before", "02"), ("after", "01"), ("before", "01")]
    assert "The machine has reset" in output


def test_help():
    output = step_session("help user-defined", "help next-step")
    for command in ("gdt", "idt", "pd", "pt", "e820", "real", "prot", "where16"):
        assert re.search(rf"^{command} -- ", output, re.M), command
    assert "Lets the machine run to the next stop" in output


@pytest.mark.parametrize("kernel, numbers", [(other_kernels.multiboot(), [26]),
                                             (other_kernels.linux(), [28, 29])],
                         ids=["multiboot", "linux"])
def test_other_kernel(image, kernel, numbers):
    """Its last row is recorded before the jump, and GDB stops at the jump itself."""
    image.write_file("BOOT/OTHER", kernel)
    image.config("kernel = BOOT/OTHER\n")
    output = step_session(*["next-step"] * 30, disk=image.path)
    last = numbers[-1] + 1
    expected = [(when, number) for number in numbers for when in ("before", "after")]
    assert list(stops(output))[-len(expected) - 2:] == [*expected, ("after", last), ("before", last)]
    assert "That was the last step" in output
