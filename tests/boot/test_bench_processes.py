"""What programs pay for the kernel's services: at most half of what they pay on Linux.

Instructions, counted by QEMU; Linux's are of Debian's 6.1 for i386 without mitigations, by the same file
(bench/processes.py --linux).
"""

import os
import sys

import pytest
from image import REPOSITORY

sys.path.insert(0, os.path.join(REPOSITORY, "bench"))

import processes  # noqa: E402

pytestmark = pytest.mark.quick

LINUX = {
    "null-call": 369,
    "anonymous-fault": 3620,
    "map-unmap-64k": 13056,
    "map-touch-unmap-64k": 93874,
    "fork-exit-wait": 111180,
    "fork-exec-wait": 334231,
    "cow-fault": 5633,
    "fork-copy-256-pages": 1884027,
    "pipe-round-trip": 12805,
    "context-switch": 584,
    "signal-round-trip": 4792,
    "file-map-read-1m": 311560,
    "file-read-1m": 449553,
}

# Where half is not reached: the bound is a tenth above the day's figure.
MORE = {
    "context-switch": (350, "a null call alone is 180 of it"),
    "file-read-1m": (390000, "copying the bytes is 262,144 of it"),
}


@pytest.fixture(scope="module", params=processes.MODES)
def counted(request):
    return processes.on_ascent(request.param)


def test_every_operation_is_measured(counted):
    assert list(counted) == list(processes.OPERATIONS) == list(LINUX)


def test_at_most_half_of_linux(counted):
    bounds = {name: MORE[name][0] if name in MORE else figure / 2 for name, figure in LINUX.items()}
    slow = {name: (counted[name], bound) for name, bound in bounds.items() if counted[name] > bound}
    assert not slow, "operation: (instructions, bound)"
