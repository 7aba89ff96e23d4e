"""Memory that is short, seen from outside: what the monitor counts before, while and after all of it
is taken, held against QEMU's memory; and the suite `pressure` on machines of the same sizes."""

import re

import pytest
import rows
from qemu import Qemu
from rows import disk_arguments
from test_memory import owners, selftest
from test_outside import MODES

SIZES = [pytest.param(size, marks=[pytest.mark.quick] if size in (5, 1200) else [])
         for size in (5, 8, 64, 1200, 4096)]
ZONES = ("DMA", "NORMAL", "HIGHMEM")


def zones(machine):
    """The table of `buddy`: {zone: {column: frames}}."""
    text = machine.command("buddy")
    columns = re.search(r"^zone +(.+)$", text, re.M).group(1).split()
    return {name: dict(zip(columns, (int(word) for word in row.split()))) for name, row in
            re.findall(rf"^({'|'.join(ZONES)}) +(\d[\d ]+)$", text[text.index("zone"):], re.M)}


def free_blocks(machine):
    text = machine.command("buddy")
    return text[:text.index("zone")]


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


@pytest.mark.parametrize("megabytes", SIZES)
def test_each_leaves_something_to_the_next(image, megabytes, mode):
    with Qemu("-m", str(megabytes), "-cpu", "max",
              *disk_arguments(image.cmdline(mode).path)) as machine:
        machine.wait_ready()
        before, blocks, used = zones(machine), free_blocks(machine), owners(machine)
        assert used[1] == rows.expected_kilobytes(machine.ram(), rows.raw_map(machine)) // 4
        text = machine.command("lesson pressure", 60)
        steps = {name: [int(word) for word in row.split()] for name, row in
                 re.findall(r"^(\w+(?: back)?) +(\d[\d ]+)$", text, re.M)}
        assert list(steps) == ["nobody", "users", "kernel", "handlers", "all", "given back"]
        taken = {name: row[0] for name, row in steps.items()}
        left = {name: dict(zip(ZONES, row[1:])) for name, row in steps.items()}

        low = {name: before[name] for name in ("DMA", "NORMAL") if before[name]["managed"]}
        minimum = sum(zone["min"] for zone in low.values())
        better = {"DMA": before["NORMAL"]["managed"] + before["HIGHMEM"]["managed"],
                  "NORMAL": before["HIGHMEM"]["managed"]}
        for name, zone in low.items():  # as Linux: 1/256 and 1/32 of what is above
            kept = max(zone["min"], better[name] // (256 if name == "DMA" else 32))
            assert left["users"][name] == min(zone["free"], zone["min"] + kept), name
        assert left["users"]["HIGHMEM"] == before["HIGHMEM"]["min"]
        assert minimum <= taken["kernel"] + left["kernel"]["DMA"]
        first = low.get("NORMAL", low["DMA"])
        assert taken["kernel"] >= first["min"] > 0
        assert left["kernel"]["NORMAL" if "NORMAL" in low else "DMA"] == first["min"]
        assert taken["handlers"] == sum(zone["min"] // 2 for zone in low.values())
        assert all(left["handlers"][name] >= low[name]["min"] // 2 > 0 for name in low)
        assert not any(left["all"].values())
        assert left["given back"] == left["nobody"]
        assert sum(taken.values()) == sum(left["nobody"].values())
        assert free_blocks(machine) == blocks and owners(machine) == used


@pytest.mark.parametrize("megabytes", SIZES)
def test_every_second_frame_is_enough(image, megabytes, mode):
    with Qemu("-m", str(megabytes), "-cpu", "max",
              *disk_arguments(image.cmdline(mode).path)) as machine:
        machine.wait_ready()
        blocks, used = free_blocks(machine), owners(machine)
        text = machine.command("lesson fragments", 60)
        assert "  2^1 frames: none\n  kmalloc 8 16 32 64 128 256 512 1024 2048 4096; 8192: none\n" \
            in text
        assert free_blocks(machine) == blocks and owners(machine) == used


@pytest.mark.parametrize("megabytes", SIZES)
def test_the_suite(image, megabytes, mode):
    report = selftest(image, f"selftest=pressure {mode}", "-m", str(megabytes), "-cpu", "max")
    assert re.search("^# taken by users [1-9]\\d*, kernel [1-9]\\d*, handlers [1-9]", report, re.M)


@pytest.mark.quick
def test_ioremap_of_ram_is_refused(image):
    report = selftest(image, "selftest=vmalloc")
    assert "ioremap: 00100000 is RAM, and no device's: refused" in report
    assert "ioremap: 00090000 is RAM, and no device's: refused" in report
