"""What it costs that a page goes to the disk and comes back: at most half of what it costs on Linux.

Instructions, counted by QEMU; Linux's are of Debian's 6.1 for i386 without mitigations, by the same file
(bench/swap.py --linux).
"""

import os
import sys

import pytest
from image import REPOSITORY

sys.path.insert(0, os.path.join(REPOSITORY, "bench"))

import swap  # noqa: E402


@pytest.fixture(scope="module")
def counted():
    return swap.on_ascent(True)


def test_at_most_half_of_linux(counted):
    bounds = {name: instructions / 2 for name, (instructions, _) in swap.LINUX.items()}
    slow = {name: (counted[name].instructions, bound) for name, bound in bounds.items()
            if counted[name].instructions > bound}
    assert list(bounds) == list(swap.PARTS) and not slow, "operation: (instructions, bound)"
