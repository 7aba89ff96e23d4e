"""Numbers of Linux's interface stand twice: in the kernel, and in user/lib/linux.h for programs and their
suite, which would see nothing if both were wrong alike. So each is held against Linux's own headers."""

import glob
import os
import re
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS, ERRORS, CALLS = "user/lib/linux.h", "kernel/lib/errno.h", "kernel/syscall/syscalls.def"

HEADERS = ["asm/unistd_32.h", "asm/errno.h", "asm/ioctls.h", "asm/mman.h", "asm/poll.h", "asm/siginfo.h",
           "asm/signal.h", "asm/termbits.h", "linux/auxvec.h", "linux/fcntl.h", "linux/futex.h",
           "linux/mman.h", "linux/reboot.h", "linux/resource.h", "linux/sched.h", "linux/stat.h",
           "linux/time.h", "linux/wait.h"]
NUMBER = r"\(?(-?(?:0[xX][0-9a-fA-F]+|\d+))[uU]?\)?"


def read(path):
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        return file.read()


def defines(path):
    return re.findall(rf"^#define (\w+) {NUMBER}(?:\s|$)", read(path), re.M)


def kernel_files():
    return sorted(os.path.relpath(path, REPOSITORY)
                  for path in glob.glob(os.path.join(REPOSITORY, "kernel/*/*.[ch]")))


def of_programs():
    return [(re.sub(r"^NR_", "__NR_", name), value) for name, value in defines(PROGRAMS)]


def of_the_kernel():
    numbers = [found for path in kernel_files() for found in defines(path)]
    numbers += re.findall(r"^    (E\w+) = (\d+),", read(ERRORS), re.M)
    return numbers + [("__NR_" + name, number) for number, name
                      in re.findall(r"^SYSCALL\((\d+), (\w+)\)", read(CALLS), re.M)]


@pytest.mark.quick
@pytest.mark.parametrize("ours, at_least", [(of_programs, 300), (of_the_kernel, 500)])
def test_are_those_of_linux(tmp_path, ours, at_least):
    compiler = ["gcc", "-m32", "-fsyntax-only", "-isystem", "/usr/include/" + subprocess.run(
        ["gcc", "-print-multiarch"], check=True, capture_output=True, text=True).stdout.strip()]
    headers = "".join(f"#include <{name}>\n" for name in HEADERS)
    source = tmp_path / "numbers.c"
    source.write_text(headers)
    known = set(re.findall(r"^#define (\w+) ", subprocess.run(
        [*compiler, "-E", "-dM", str(source)], check=True, capture_output=True, text=True).stdout, re.M))

    checked = [(name, value) for name, value in ours() if name in known]
    source.write_text(headers + "".join(
        f'_Static_assert((unsigned)({name}) == (unsigned)({value}), "{name} is not {value}");\n'
        for name, value in checked))
    said = subprocess.run([*compiler, str(source)], capture_output=True, text=True).stderr
    assert re.findall(r'failed: "(.*)"', said) == []
    assert "error" not in said, said
    assert len(checked) >= at_least, len(checked)
