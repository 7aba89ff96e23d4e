"""What people type: `make run` with settings of one run, and how it ends."""

import hashlib
import os
import subprocess

import pytest
from image import DISK, REPOSITORY

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
    with open(DISK, "rb") as file:
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
