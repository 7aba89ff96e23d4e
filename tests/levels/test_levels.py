"""The boot-sector levels (levels/): in the browser's machine, run in node, and in QEMU.

Both have to come to the same verdict by the same instructions."""

import fcntl
import functools
import json
import os
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
LEVELS = range(1, 13)
QUICK = 7  # of the levels that QEMU takes seconds for


@functools.cache
def machine_of_the_page():
    with open(os.path.join(REPOSITORY, "build/levels.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "--no-print-directory", "-s", "levels-machine"], cwd=REPOSITORY,
                       check=True, timeout=900)


@functools.cache
def tried(machine, what, levels=""):
    """What try.mjs prints, by name."""
    if machine == "browser":
        machine_of_the_page()
    result = subprocess.run(["node", os.path.join(HERE, "try.mjs"), machine, what, levels],
                            cwd=REPOSITORY, capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines
    return {line["name"]: line for line in lines}


@pytest.mark.quick
def test_the_start_of_a_level_fails_and_its_solution_passes_in_the_page():
    for name, line in tried("browser", "starts").items():
        assert not line["passed"] and line["message"], name
    for name, line in tried("browser", "solutions").items():
        assert line["passed"], f"{name}: {line['message']}"
    assert len(tried("browser", "solutions")) == len(LEVELS)


@pytest.mark.parametrize("level", [
    pytest.param(level, marks=pytest.mark.quick if level == QUICK else ()) for level in LEVELS])
def test_the_same_in_qemu(level):
    [start] = tried("native", "starts", str(level)).values()
    [solution] = tried("native", "solutions", str(level)).values()
    page = tried("browser", "starts")[start["name"]]
    assert not start["passed"] and start["message"] == page["message"]
    assert solution["passed"], solution["message"]
    # The same instructions, one after the other: v86 and QEMU step alike.
    page = tried("browser", "solutions")[solution["name"]]
    assert solution["trace"] == page["trace"] and len(solution["trace"]) > 1
    # NASM compiled to WebAssembly makes the same bytes as the NASM of this machine.
    assert solution["bytes"] == page["bytes"] and len(solution["bytes"]) == 1024


def test_wrong_attempts_are_told_what_is_wrong():
    attempts = tried("browser", "attempts")
    assert len(attempts) >= 30
    bad = [f"{name}: {line['message']}" for name, line in attempts.items()
           if line["passed"] or line["says"] not in line["message"]]
    assert not bad, "\n".join(bad)


@pytest.mark.quick
def test_other_ways_pass():
    others = tried("browser", "others")
    assert {line["level"] for line in others.values()} == set(LEVELS) and len(others) >= 2 * len(LEVELS)
    bad = [f"{name}: {line['message']}" for name, line in others.items() if not line["passed"]]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("levels", ["1,2,3,4", "5,6,7,8", "9,10", "11,12"])
def test_other_ways_pass_in_qemu(levels):
    page = tried("browser", "others")
    for name, line in tried("native", "others", levels).items():
        assert line["passed"], f"{name}: {line['message']}"
        assert line["trace"] == page[name]["trace"], name


@pytest.mark.parametrize("levels", ["1,2", "3,4", "5,6", "7,8", "9,10", "11,12"])
def test_wrong_attempts_are_told_the_same_in_qemu(levels):
    page = tried("browser", "attempts")
    for name, line in tried("native", "attempts", levels).items():
        assert line["message"] == page[name]["message"], name
        assert line["trace"] == page[name]["trace"], name


@pytest.mark.parametrize("source", ["times 1000000000 db 0", "times 1000000000000 nop",
                                    "%rep 1000000\ntimes 1000 nop\n%endrep"])
def test_a_source_that_fills_the_disk(source, tmp_path):
    """NASM would write 1 GB of zeros and a listing of them."""
    (tmp_path / "far.asm").write_text(source, encoding="ascii")
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    result = subprocess.run(["node", "levels/native/check.mjs", "1", str(tmp_path / "far.asm")],
                            cwd=REPOSITORY, capture_output=True, text=True, timeout=60, env=environment)
    assert result.returncode == 1 and "NASM came to no end with this" in result.stdout, result.stderr
    assert os.listdir(tmp_path) == ["far.asm"]
