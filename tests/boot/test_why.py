"""`make why`: each way in which a boot can end is named, with its place and its reason."""

import os
import pty
import re
import signal
import subprocess
import time

import other_kernels
import pytest
from image import DISK, REPOSITORY, SHELL_DISK, Image
from step import others, step_image, table
from x86 import constant

STEPS = {step["number"]: step for step in table()}
DIRECTORY = constant("PAGE_DIRECTORY_ADDR")
UD2 = bytes([0x0F, 0x0B])


def why(*arguments, image=DISK):
    """The report, and all that was printed before it."""
    done = subprocess.run([os.path.join(REPOSITORY, "scripts/why"), image, "--timeout", "90",
                           *arguments], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    before, report = re.split(r"^---- why -+\n", done.stdout, flags=re.M)
    return report, before


def row(report, label):
    """One row of the report as one line."""
    match = re.search(rf"^{label} +(.*(?:\n +.*)*)", report, re.M)
    return " ".join(match[1].split()) if match else ""


def line_of(path, text):
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        lines = [number for number, line in enumerate(file, 1) if text in line]
    assert len(lines) == 1, f"{path}: {text!r} is on lines {lines}"
    return f"{path}:{lines[0]}"


def place(number):
    return f"{STEPS[number]['file']}:{STEPS[number]['line']}"


def after_pg():
    return line_of("stage2/handover.asm", "record STEP_PG_SET")


@pytest.fixture(scope="module")
def stepping(tmp_path_factory):
    return step_image(tmp_path_factory.mktemp("why"))


# Step: exception, error code, where, a part of the reason, a part of the hint.
RESETS = {
    7: ("#GP", None, lambda: "", "Interrupt 08h came (IRQ 0, the timer)", "let interrupts in"),
    8: ("#GP", "0008", lambda: place(10), "the limit in GDTR is 0h", "GDTR"),
    9: ("#NP", "0008", lambda: place(10), "code, execute/read, accessed, 32-bit, not present",
        "P bit"),
    10: ("#NP", "0010", lambda: place(11), "data, read/write, accessed, 32-bit, not present",
         "P bit"),
    11: ("#GP", "0028", lambda: line_of("stage2/pm/step_stop.c", "case STEP_DS_LOAD"),
         "the limit in GDTR is 27h", "GDTR"),
    12: ("#PF", "0000", after_pg, f"Entry 000h of the page directory at {DIRECTORY:08x} is 0",
         "the identity map"),
    13: ("#PF", "0000", after_pg, f"pgd at {DIRECTORY + 4096:08x} [000] = 00000000 not present",
         f"CR3 ({DIRECTORY + 4096:08x}): no entry at all"),
    14: ("#PF", "0000", lambda: line_of("kernel/boot/entry.asm", "mov esp, kernel_stack_top"),
         "Entry 300h of the page directory", "the map at C0000000h"),
    15: ("#DE", None, lambda: line_of("kernel/boot/step_stop.c", "divl %%edx"), "by zero",
         "divisor"),
    16: ("#GP", "0050", lambda: line_of("kernel/boot/step_stop.c", "case STEP_KERNEL_GDT: __asm__"),
         "the limit in GDTR is 4fh", "GDTR"),
}


def test_every_reset_is_here():
    assert list(RESETS) == [number for number, step in STEPS.items() if step["end"] == "reset"]


@pytest.mark.parametrize("number", [
    pytest.param(number, marks=[pytest.mark.quick] if number == 12 else []) for number in RESETS])
def test_triple_fault(number, stepping):
    exception, code, where, reason, hint = RESETS[number]
    report, before = why("--step", str(number), image=stepping)
    assert report.startswith("The machine reset: a triple fault.\n"), report
    assert row(report, "what").startswith(exception + ": ")
    assert code is None or row(report, "what").endswith("error code " + code)
    assert row(report, "where").startswith(where())
    assert reason in row(report, "why"), report
    assert hint in row(report, "look at"), report
    assert re.match(r"Gate \w+h (lies beyond the limit of the IDT, 17h|of the IDT is not present):",
                    row(report, "then")), report
    assert "triple fault" in row(report, "then")
    assert f"broken on purpose: {STEPS[number]['breaks']}" in before
    last = int(re.search(r"last recorded: (\d\d)", report)[1])
    assert number <= last <= number + (5 if number == 7 else 1)
    if number == 7:
        assert "real mode, 16-bit code" in report


def test_fault_in_the_kernel(stepping):
    report, before = why("--step", "17", image=stepping)
    assert "#DE: divide error (vector 0)" in before and "System halted." in before
    assert report.startswith("The kernel caught an exception, reported it and halted.\n")
    assert row(report, "what") == "#DE: divide error (vector 0)"
    assert row(report, "where").startswith(line_of("kernel/boot/step_stop.c", "divl %%edx"))
    assert "last recorded: 17 kernel-idt" in row(report, "steps")
    assert "triple" not in report


def test_error_code(stepping):
    report, _ = why("--step", "6", image=stepping)
    assert report.startswith("The boot stopped with error E47.")
    assert row(report, "what").startswith("E47 paging: the new page tables do not map what runs")


@pytest.mark.quick
def test_nothing_wrong():
    report, before = why()
    assert report.startswith("Nothing went wrong: the machine is at its prompt.\n")
    assert "@STEP 20 irq-on" in before
    assert "20 irq-on" in row(report, "steps")


@pytest.mark.quick
def test_with_a_shell():
    """The shell's prompt is no trouble; what is to be typed goes to the monitor."""
    report, before = why(image=SHELL_DISK)
    assert report.startswith("Nothing went wrong: the machine is at its prompt.\n")
    assert before.rstrip().endswith("/ #")
    report, _ = why("--type", "fault ud", image=SHELL_DISK)
    assert row(report, "what") == "#UD: invalid opcode (vector 6)"


@pytest.mark.parametrize("fault, what, reason, hint", [
    ("wp", "#PF: page fault (vector 14), error code 0003", "it is read-only", "rights"),
    ("pf-null", "#PF: page fault (vector 14), error code 0000", "read linear address 00000000",
     "a null pointer"),
    ("df", "#PF: page fault (vector 14), error code 0002", "P = 0, not present", "it was a push"),
    ("stack-overflow", "#PF: page fault (vector 14), error code 0002", "P = 0",
     "kernel_stack_guard"),
    ("np", "#NP: segment not present (vector 11), error code 0050", "not present", "P bit"),
    ("gp", "#GP: general protection fault (vector 13), error code fff8", "entry 1fffh of the GDT",
     "GDTR"),
    ("gate", "#GP: general protection fault (vector 13), error code 0782", "INT f0h was executed",
     "how many gates"),
    ("ud", "#UD: invalid opcode (vector 6)", "The bytes there: 0f 0b", "UD2"),
    ("bp", "#BP: breakpoint (vector 3)", "INT3", "breakpoint"),
])
def test_faults_of_the_monitor(fault, what, reason, hint):
    report, _ = why("--type", "fault " + fault)
    assert report.startswith("The kernel caught an exception, reported it and halted.\n")
    assert row(report, "what") == what
    assert re.match(r"kernel/monitor/provoke_\w+\.c:\d+ ", row(report, "where")), report
    assert reason in row(report, "why") and hint in row(report, "look at"), report
    assert ("together that is #DF" in report) == (fault in ("df", "stack-overflow"))


@pytest.mark.parametrize("command, said", [
    ("fault panic", "The kernel gave up by itself"), ("reboot", "The machine was asked to reset"),
    ("poweroff", "Nothing went wrong: the machine was switched off.")])
def test_other_ends(command, said):
    assert why("--type", command)[0].startswith(said)


def test_not_a_step_image():
    assert "lacks `step = 1`" in why("--step", "12")[0]


@pytest.mark.parametrize("arguments, said", [
    (["--step", "3"], "offers nothing to break"), (["nowhere.img"], "there is no nowhere.img")])
def test_wrong_arguments(arguments, said):
    done = subprocess.run([os.path.join(REPOSITORY, "scripts/why"), *arguments], cwd=REPOSITORY,
                          capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and said in done.stderr


def at_terminal(text, keys, interrupt=False):
    """A run with a terminal: types `keys` once `text` has come, or presses Ctrl+C."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([os.path.join(REPOSITORY, "scripts/why"), DISK], stdin=theirs,
                          stdout=subprocess.PIPE, start_new_session=True) as process:
        output, deadline = b"", time.monotonic() + 60
        while text.encode() not in output and time.monotonic() < deadline:
            output += os.read(process.stdout.fileno(), 4096)
        os.write(ours, keys.encode())
        if interrupt:
            process.send_signal(signal.SIGINT)
        try:
            output += process.communicate(timeout=60)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    os.close(ours)
    os.close(theirs)
    return output.decode()


def test_at_a_terminal():
    assert "\nwhat     #UD: invalid opcode" in at_terminal("monitor> ", "fault ud\n")
    assert "\nNothing went wrong: you ended the run.\n" in at_terminal("monitor> ", "", True)
    output = at_terminal("COM1", "", True)
    assert "You ended the run before the kernel was ready." in output


DIES = [(0x100000, other_kernels.multiboot_header() + UD2, {"vaddr": 0x100000})]


@pytest.mark.parametrize("kernel, number", [(other_kernels.multiboot(segments=DIES), 27),
                                            (other_kernels.linux(payload=UD2), 30)],
                         ids=["multiboot", "linux"])
def test_kernel_of_another_hand(tmp_path, kernel, number):
    """It dies at its first instruction: the last step is the jump to it, and none of ours would follow."""
    image = Image(tmp_path).write_file("BOOT/OTHER", kernel).config("kernel = BOOT/OTHER\n")
    report, _ = why(image=image.path)
    step = next(step for step in others() if step["number"] == number)
    assert "triple fault" in report
    assert f"last recorded: {number} {step['name']} " in row(report, "steps")
    assert "next would be" not in report
