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

# Where half is not reached: the bound is a tenth above the day's figure.
MORE = {
    "file-read-1m": (390000, "copying the bytes is 262,144 of it"),
}


@pytest.fixture(scope="module", params=processes.MODES)
def counted(request):
    return processes.on_ascent(request.param)


def test_every_operation_is_measured(counted):
    assert list(counted) == list(processes.OPERATIONS) == list(processes.LINUX)


def test_at_most_half_of_linux(counted):
    bounds = {name: MORE[name][0] if name in MORE else figure / 2
              for name, figure in processes.LINUX.items()}
    slow = {name: (counted[name], bound) for name, bound in bounds.items() if counted[name] > bound}
    assert not slow, "operation: (instructions, bound)"
