"""The allocators where they are disturbed: allocations that fail, each in turn, and an interrupt handler
that allocates at 4 KHz. The kernel compares its counts after each run; so does the monitor's `mem`."""

import re

import pytest
from qemu import Qemu
from rows import disk_arguments
from test_memory import owners, selftest
from test_outside import MODES

# How many calls can fail at least, fewer than were found on the day this was written; megabytes.
SUITES = [("buddy", 20, 8), ("slab", 40, 8), ("kmalloc", 80, 8), ("traps", 8, 8), ("lessons", 25, 8),
          ("pressure", 60, 8), ("spaces", 30, 8), ("tables", 20, 8), ("vmalloc", 40, 16),
          ("large_pages", 8, 32), ("kmap", 15, 1000), ("files", 100, 8), ("address_spaces", 80, 8),
          ("programs", 120, 8), ("tasks", 20, 8)]


@pytest.mark.parametrize("suite, least, megabytes", [
    pytest.param(*row, marks=[pytest.mark.quick] if row[2] == 8 else []) for row in SUITES])
def test_each_allocation_fails_in_turn(image, suite, least, megabytes):
    """Alone, and with all after it: no crash, and nothing is left behind by any of the runs."""
    report = selftest(image, f"selftest={suite} failalloc=each", "-m", str(megabytes))
    alone, all_after = re.search(
        rf"^# {suite}: (\d+) allocations failed alone, (\d+) with all after them$", report,
        re.M).groups()
    assert int(alone) >= least and int(all_after) >= least // 2


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("debug", ["", " slab_debug"])
def test_failures_of_slabs_under_slab_debug(image, mode, debug):
    report = selftest(image, f"selftest=kmalloc failalloc=each {mode}{debug}", "-m", "16")
    assert re.search(r"^# kmalloc: [1-9]\d+ allocations failed alone", report, re.M)


@pytest.mark.quick
def test_the_nth_allocation_fails(image):
    """From outside: of a lesson, whose first allocation gets nothing, and of all that follow."""
    answers = {}
    for option in ("", "failalloc=1", "failalloc=1+"):
        with Qemu(*disk_arguments(image.cmdline(option).path)) as machine:
            machine.wait_ready()
            before = owners(machine)
            answers[option] = [machine.command("lesson kmalloc 100") for _ in range(2)]
            assert owners(machine)[1] == before[1]
    assert "physical" in answers[""][0] and "physical" in answers[""][1]
    assert "no," in answers["failalloc=1"][0] and "physical" in answers["failalloc=1"][1]
    assert "no," in answers["failalloc=1+"][0] and "no," in answers["failalloc=1+"][1]


@pytest.mark.quick
def test_a_number_that_wraps(image):
    """2^32 + 1 is not 1."""
    with Qemu(*disk_arguments(image.cmdline("init=none failalloc=4294967297").path)) as machine:
        machine.wait_ready()
        assert "failalloc: there are no 4294967297 calls: refused\n" in machine.serial
        assert "physical" in machine.command("lesson kmalloc 100")


@pytest.mark.parametrize("megabytes", [5, pytest.param(16, marks=pytest.mark.quick), 1000])
@pytest.mark.parametrize("mode", MODES)
def test_a_handler_allocates_at_4_khz(image, megabytes, mode):
    report = selftest(image, f"selftest=all irqload {mode}", "-m", str(megabytes), "-cpu", "max")
    interrupts, given, wrong = (int(word) for word in re.search(
        r"^# irqload: (\d+) interrupts, (\d+) allocations, \d+ refused, (\d+) wrong$", report,
        re.M).groups())
    assert interrupts > 500 and given > interrupts and wrong == 0
