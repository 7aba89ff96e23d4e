"""What people type: `make run` with settings of one run, and how it ends."""

import glob
import hashlib
import os
import subprocess

import pytest
from image import REPOSITORY, SHELL_DISK

pytestmark = pytest.mark.xdist_group("make")  # they build the same build/run.img

# Stands in for QEMU: shows the configuration of the image that it is given, and ends as told.
SHOW_CONFIG = """#!/bin/sh
for word; do
    case $word in file=*) image=${word#file=} image=${image%%,*} ;; esac
done
[ -z "${image:-}" ] || MTOOLS_SKIP_CHECK=1 mtype -i "$image@@1M" ::/BOOT/BOOT.CFG
exit ${STATUS:-0}
"""


@pytest.fixture
def make_run(tmp_path):
    qemu = tmp_path / "qemu"
    qemu.write_text(SHOW_CONFIG)
    qemu.chmod(0o755)

    def run(*settings, target="run", status=0):
        return subprocess.run(["make", target, *settings, f"QEMU={qemu}"], cwd=REPOSITORY,
                              env=dict(os.environ, STATUS=str(status)), capture_output=True,
                              text=True, check=False)
    return run


def digest():
    with open(SHELL_DISK, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


@pytest.mark.quick
def test_settings_of_one_run(make_run):
    """They take effect at once, in a tree that is built, and are gone with the next run."""
    before = digest()
    assert "\ncmdline = one two\n" in make_run("CMDLINE=one two").stdout
    assert "\ncmdline = three\n" in make_run("CMDLINE=three").stdout
    for target, settings in (("run", ["STEP=1"]), ("step", [])):
        stepped = make_run(*settings, target=target).stdout
        assert "\nstep = 1\n" in stepped and "\ncmdline = \n" in stepped
    assert "\ncmdline = init=none\n" in make_run(target="monitor").stdout
    plain = make_run().stdout
    assert "\ncmdline = \n" in plain and "\nstep = 0\n" in plain
    assert digest() == before


@pytest.mark.quick
@pytest.mark.parametrize("words", ["it's", "x$HOME $(HOME) $$", '"q" `id` \\n', "a#b", "a,b)"])
def test_command_line_as_typed(make_run, words):
    """Neither make nor a shell takes it apart."""
    done = make_run(f"CMDLINE={words}")
    assert f"\ncmdline = {words}\n" in done.stdout, done.stderr


@pytest.mark.quick
def test_command_line_of_two_lines(make_run):
    """The second would be a line of BOOT.CFG."""
    done = make_run("CMDLINE=x\nkernel = OTHER")
    assert done.returncode != 0 and "more than one line" in done.stderr
    assert "OTHER" not in done.stdout


@pytest.mark.quick
@pytest.mark.parametrize("status, good", [(0, True), (33, True), (35, False), (1, False)])
def test_status(make_run, status, good):
    """33 is what a kernel whose own tests have passed leaves QEMU with."""
    assert (make_run(status=status).returncode == 0) == good


def dry_run(*arguments):
    return subprocess.run(["make", "-n", "disk.img", "initrds", *arguments], cwd=REPOSITORY,
                          capture_output=True, text=True, check=False)


@pytest.mark.quick
def test_other_flags_build_everything():
    """A changed Makefile: each object anew, also the one that is linked from objects."""
    would = dry_run("-W", "Makefile").stdout
    for path in glob.glob("build/**/*.o", root_dir=REPOSITORY, recursive=True):
        assert f" -o {path}" in would or path.startswith(("build/debian/", "build/checkpoint/")), path


@pytest.mark.quick
def test_a_source_that_moved():
    """What was noted for its old place does not stop the build; the object is made again."""
    notes = os.path.join(REPOSITORY, "build/stage2/pm/elf.d")
    with open(notes, "r+", encoding="ascii") as file:
        before = file.read()
        file.write("build/stage2/pm/elf.o: stage2/elf.c\n")
    try:
        done = dry_run()
    finally:
        with open(notes, "w", encoding="ascii") as file:
            file.write(before)
    assert done.returncode == 0, done.stderr
    assert " -o build/stage2/pm/elf.o" in done.stdout


@pytest.mark.quick
def test_program_of_one_run(make_run):
    """PROGRAM= puts it into /bin of that run's initrd, and is gone with the next."""
    before = digest()
    done = make_run("PROGRAM=build/user/hello")
    assert done.returncode == 0, done.stderr
    with open(os.path.join(REPOSITORY, "build/run/program.list"), encoding="utf-8") as file:
        assert file.read() == "file /bin/hello build/user/hello 755\n"
    assert make_run("PROGRAM=Makefile").returncode != 0
    assert digest() == before
