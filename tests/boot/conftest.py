import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from image import DISK, Image  # noqa: E402
from qemu import Qemu  # noqa: E402
from rows import disk_arguments  # noqa: E402


@pytest.fixture
def image(tmp_path):
    """A copy of disk.img that the test may change."""
    return Image(tmp_path)


@pytest.fixture
def ready():
    """QEMU with the plain image, at the monitor's prompt."""
    with Qemu(*disk_arguments(DISK)) as machine:
        machine.wait_ready()
        yield machine


@pytest.fixture
def ready_nx():
    """The same with a processor that has everything we use: PAE, NX, SMEP, SMAP, UMIP."""
    with Qemu("-cpu", "max", *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        yield machine
