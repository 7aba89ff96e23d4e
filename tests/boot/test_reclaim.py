"""Memory that is used up: who ends and who goes on; and what is left when programs were killed while their
pages were on their way to the disk and back. The figures are QEMU's disk's, the monitor's and the
programs' own."""

import re
import time

import pytest
from image import SHELL_DISK, Image
from qemu import Qemu
from rows import disk_arguments
from swapping import accounts, check_accounts

MEGABYTES = 8
VICTIM = r"^(\S+) \(pid (\d+)\): out of memory: "
WHO = r"^\S+ \(pid \d+\): no frame is left: "
STATE = (WHO + r"DMA: \d+ KB, of which \d+ KB are free, \d+ KB is min\n" +
         WHO + r"programs \d+ KB, files \d+ KB, file cache \d+ KB, slabs \d+ KB, page tables \d+ KB; "
               r"swap \d+ KB, of which \d+ KB are free\n" +
         WHO + r"the highest score has (\S+) \(pid (\d+)\): (\d+) of (\d+) pages, oom_score_adj (-?\d+)\n"
               r"\1 \(pid \2\): out of memory: ")


@pytest.fixture
def machine(tmp_path):
    image = Image(tmp_path, SHELL_DISK)
    with Qemu("-m", str(MEGABYTES), *disk_arguments(image.path)) as machine:
        machine.wait_shell()
        assert "/dev/hda2" in machine.shell("cat /proc/swaps")
        yield machine


def counter(machine, name):
    return int(re.search(rf"^{name} (\d+)$", machine.shell("cat /proc/vmstat"), re.M).group(1))


def test_one_is_named_and_ended_and_the_rest_finish(machine):
    """Four programs of 26 MB need 104 MB; memory and swap are 88. Three find what they wrote."""
    before, _ = accounts(machine)
    said = machine.shell("swap-check many 4 26 2", 300)
    states = re.findall(STATE, said, re.M)
    assert len(states) == 1 and len(re.findall(VICTIM, said, re.M)) == 1, said
    name, _, score, total, adj = states[0]
    assert (name, adj) == ("swap-check", "0") and 20 * 256 < int(score) <= 27 * 256 < int(total)
    assert said.count("@SWAP many: a child: signal 9 (killed)") == 1
    assert said.count("@SWAP many: a child") == 1
    assert counter(machine, "oom_kill") == 1
    check_accounts(machine, before)


def test_who_ends_can_be_chosen(machine):
    """The one with a high oom_score_adj ends, not the one that has the most."""
    machine.shell("echo -1000 > /proc/1/oom_score_adj")
    assert machine.shell("cat /proc/1/oom_score_adj /proc/1/oom_score") == "-1000\n0"
    shell = re.search(r"^ *(\d+) .* sh$", machine.shell("ps"), re.M).group(1)
    file = f"/proc/{shell}/oom_score_adj"
    for number, is_now in (("990", "990"), ("1001", "990"), ("-1001", "990"), ("x", "990"),
                           ("99999999999999", "990"), ("-5", "-5"), ("990", "990")):
        machine.shell(f"echo {number} > {file}")
        assert machine.shell("cat " + file) == is_now, number
    machine.send("swap-check passes 2 90000 &\n")
    time.sleep(2)
    chosen = re.search(r"^ *(\d+) .* swap-check$", machine.shell("ps"), re.M).group(1)
    assert machine.shell(f"cat /proc/{chosen}/oom_score_adj") == "990"  # its parent's
    assert int(machine.shell(f"cat /proc/{chosen}/oom_score")) > 980
    machine.shell(f"echo 0 > {file}")
    start = len(machine.serial)
    machine.shell("oom", 300)
    said = machine.serial[start:]
    first = re.search(STATE, said, re.M)
    assert first and first.group(2) == chosen and first.group(5) == "990", said


@pytest.mark.parametrize("seconds", [pytest.param(10, marks=pytest.mark.quick), 60])
def test_a_bomb_of_memory_hogs(machine, seconds):
    before, _ = accounts(machine)
    said = machine.shell(f"hogs bomb {seconds}", 120 + 10 * seconds)
    assert re.search(r"^@HOGS bomb: \d+ were ended for want of memory$", said, re.M), said
    assert "init" not in re.findall(VICTIM, said, re.M)
    assert len(re.findall(STATE, said, re.M)) >= counter(machine, "oom_kill") - 1
    assert machine.shell("echo still here") == "still here"
    assert "hogs" not in machine.shell("ps")
    check_accounts(machine, before)


@pytest.mark.parametrize("count", [pytest.param(60, marks=pytest.mark.quick), 1000])
def test_killed_while_swapping(machine, count):
    """Six programs of 4 MB in 6 MB: wherever they are when they are killed, nothing is left of them."""
    before, _ = accounts(machine)
    said = machine.shell(f"hogs kill {count} 4", 120 + count)
    wrong, out, back = map(int, re.search(
        rf"^@HOGS kill: {count + 6} killed, (\d+) wrong, pages out (\d+), in (\d+)$", said, re.M).groups())
    assert wrong == 0 and out > 100 * count and back > 20 * count, said
    check_accounts(machine, before)
