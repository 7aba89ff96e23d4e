"""Programs as anybody writes them, against glibc and musl, static and dynamic; and programs of Debian's
packages. They say on Ascent what they say elsewhere."""

import os
import subprocess

import pytest
from image import REPOSITORY
from test_processes import at_shell, boot, run

ROOT = os.path.join(REPOSITORY, "build/debian/root")
GLIBC = os.path.join(ROOT, "usr/lib/i386-linux-gnu")
MUSL = os.path.join(ROOT, "usr/lib/i386-linux-musl")
SOURCE = os.path.join(REPOSITORY, "tests/linux/own.c")
COMPILER = "i686-linux-gnu-gcc"

SAID = """arguments: 2, one
threads: 4000, 26, 5
memory: 1 0 1
floating point: 0.841471 2.203e+04 not equal
time: 2001-09-09 01:46:40, 1
files: 1000, ENOENT
signals: 1, came back from a fault
popen: from a shell
child: 7
"""

# Of Debian: (package, program, what it needs of other packages, a command, what it prints).
DEBIAN = [
    ("bash", "bin/bash", ["libtinfo6"],
     "bash -c 'a=(1 2 3); echo ${#a[@]} $((2**10)) {a..e}'", "3 1024 a b c d e\n"),
    ("perl-base", "usr/bin/perl", ["libcrypt1"],
     "perl -e 'print join(\",\", map { $_ * $_ } 1..5), \"\\n\"'", "1,4,9,16,25\n"),
    ("lua5.4", "usr/bin/lua5.4", ["libreadline8", "libtinfo6"],
     "lua5.4 -e 'print(string.rep(\"ab\", 3), 2^53)'", "ababab\t9.007199254741e+15\n"),
    ("gawk", "usr/bin/gawk", ["libreadline8", "libtinfo6", "libmpfr6", "libgmp10", "libsigsegv2"],
     "gawk 'BEGIN { print length(\"hello\"), 2^10 }'", "5 1024\n"),
    ("sqlite3", "usr/bin/sqlite3", ["libsqlite3-0", "libreadline8", "libtinfo6", "zlib1g"],
     "sqlite3 /tmp/db 'create table t(x); select 6*7, count(*) from t'", "42|0\n"),
    ("procps", "usr/bin/pgrep", ["libproc2-0", "libsystemd0", "libcap2", "liblzma5", "libzstd1", "liblz4-1",
                                 "libgcrypt20", "libgpg-error0"], "pgrep -x init", "1\n"),
    ("m4", "usr/bin/m4", ["libsigsegv2"], "echo 'eval(6*7)' | m4", "42\n"),
]


def fetch(*packages):
    subprocess.run(["scripts/debian-i386", *packages], cwd=REPOSITORY, check=True)


def built(folder):
    """{name: path}: the same source, built in six ways."""
    fetch("libc6", "libc6-dev", "linux-libc-dev", "musl", "musl-dev")
    own = subprocess.run([COMPILER, "-print-file-name=include"], check=True, capture_output=True, text=True)
    libgcc = subprocess.run([COMPILER, "-print-libgcc-file-name"], check=True, capture_output=True,
                            text=True).stdout.strip()
    base = [COMPILER, "-O1", f"--sysroot={ROOT}", "-nostdinc", "-isystem", own.stdout.strip()]
    glibc = ["-isystem", ROOT + "/usr/include/i386-linux-gnu", "-isystem", ROOT + "/usr/include",
             "-B" + GLIBC, "-L" + GLIBC]
    musl = ["-isystem", ROOT + "/usr/include/i386-linux-musl", "-nostdlib"]
    ways = {
        "glibc-static": [*glibc, "-static", SOURCE, "-lm"],
        "glibc-static-pie": [*glibc, "-static-pie", SOURCE, "-lm"],
        "glibc-dynamic": [*glibc, "-pie", "-fPIE", SOURCE, "-lm"],
        "glibc-fixed": [*glibc, "-no-pie", "-fno-PIE", SOURCE, "-lm"],
        "musl-static": [*musl, "-static", "-no-pie", "-fno-PIE", MUSL + "/crt1.o", SOURCE, MUSL + "/libc.a",
                        libgcc, os.path.join(os.path.dirname(libgcc), "libgcc_eh.a"), MUSL + "/libc.a"],
        "musl-dynamic": [*musl, "-pie", "-fPIE", "-Wl,-dynamic-linker,/lib/ld-musl-i386.so.1",
                         MUSL + "/Scrt1.o", SOURCE, f"-L{ROOT}/lib/i386-linux-musl", "-lc", libgcc],
    }
    for name, arguments in ways.items():
        subprocess.run([*base, *arguments, "-o", os.path.join(folder, name)], check=True)
    return {name: os.path.join(folder, name) for name in ways}


def initrd_with(folder, programs):
    """An initrd with busybox and these programs in /bin."""
    lines = subprocess.run(["scripts/add-program", *programs], cwd=REPOSITORY, check=True,
                           capture_output=True).stdout
    path = os.path.join(folder, "own.cpi")
    subprocess.run(["scripts/make-initrd", path, "user/initrd.list", "user/busybox.list", "-"],
                   cwd=REPOSITORY, check=True, input=lines)
    return path


@pytest.mark.parametrize("mode", ["classic", "pae"])
def test_c_libraries(tmp_path, mode):
    programs = built(str(tmp_path))
    with boot(tmp_path, mode, initrd_with(str(tmp_path), programs.values()), "-m", "256") as machine:
        at_shell(machine)
        assert {name: run(machine, name + " one") for name in programs} == dict.fromkeys(programs, SAID)


def test_programs_of_debian(tmp_path):
    for package, _, others, *_ in DEBIAN:
        fetch("libc6", package, *others)
    programs = [os.path.join(ROOT, program) for _, program, *_ in DEBIAN]
    with boot(tmp_path, "pae", initrd_with(str(tmp_path), programs), "-m", "256") as machine:
        at_shell(machine)
        said = {command: run(machine, command) for *_, command, _ in DEBIAN}
    assert said == {command: wanted for *_, command, wanted in DEBIAN}
