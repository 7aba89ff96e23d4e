"""The kernel's benchmark: all of it runs, counts exactly, and no operation has become slow.

The bounds are twice the instructions of the day they were measured. They are for changes of kind:
a search through all frames, a table built for nothing. Where more work is done, raise them.
"""

import os
import re
import sys

import pytest
from image import REPOSITORY

sys.path.insert(0, os.path.join(REPOSITORY, "bench"))

import memory  # noqa: E402

pytestmark = pytest.mark.quick

BOUNDS = {
    "alloc-free-order0": 280,
    "alloc-free-order0-split": 1800,
    "alloc-free-order10": 380,
    "kmalloc-free-32": 240,
    "kmalloc-free-1k": 240,
    "kmalloc-free-64k": 760,
    "cache-alloc-free-64": 250,
    "map-unmap": 780,
    "map-unmap-new-table": 4300,
    "split-join": 45000,
    "kmap-atomic": 160,
    "vmalloc-vfree-64k": 16000,
    "vmalloc-vfree-64k-new-table": 20000,
    "tlb-page": 30,
    "tlb-all": 30,
    "tlb-all-global": 32,
}


@pytest.fixture(scope="module", params=memory.MODES)
def counted(request):
    return request.param, memory.count(mode=request.param)


def test_every_operation_is_measured(counted):
    mode, found = counted
    assert list(found) == ["calibrate", "loop", *memory.OPERATIONS, "end"]
    assert found["end"] == {"accounting": "equal"}
    missing = [name for name, figures in found.items() if isinstance(figures, str)]
    assert missing == (["vmalloc-vfree-64k-new-table"] if mode == "classic" else [])


def test_counts_are_exact(counted):
    mode, found = counted
    assert memory.count(mode=mode) == found


def test_counts_are_within_bounds(counted):
    instructions = memory.instructions(counted[1])
    slow = {name: (instructions[name], bound) for name, bound in BOUNDS.items()
            if isinstance(instructions[name], int) and instructions[name] > bound}
    assert not slow, "operation: (instructions, bound)"


def test_the_page_has_these_counts(counted):
    """docs/performance.md is of a build that it names; of the present one it may be off by a tenth."""
    mode, found = counted
    with open(memory.DOCS, encoding="utf-8") as file:
        table = file.read().partition("## Memory functions")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| [^|]* \| ([\d ]+|n/a) \| ([\d ]+|n/a) \|", table, re.M)
    page = {name: figures[memory.MODES.index(mode)] for name, *figures in rows}
    assert list(page) == list(memory.OPERATIONS)
    for name, figure in memory.instructions(found).items():
        if isinstance(figure, int):
            assert int(page[name].replace(" ", "")) == pytest.approx(figure, rel=0.1, abs=4), \
                f"{name}: run bench/memory.py --docs"


def test_memory_size_does_not_count(counted):
    """128 MB or 1 GB: a block is found and joined in steps of its order, not of all frames."""
    mode, found = counted
    large = memory.instructions(found)
    small = memory.instructions(memory.count(mode=mode, megabytes=128))
    for name in memory.OPERATIONS:
        if isinstance(small[name], int) and isinstance(large[name], int):
            assert large[name] == pytest.approx(small[name], rel=0.2), name


def test_little_memory_and_old_processors():
    found = memory.measure(megabytes=4)
    assert found["alloc-free-order10"] == "out of memory"
    assert found["end"] == {"accounting": "equal"}
    assert "no time-stamp counter" in memory.measure(mode="classic", cpu="486,-pse")["all"]
