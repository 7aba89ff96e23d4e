"""bench/load.py measures what it says: each of its images of 1 MB comes to the kernel's first act, and the
packed one is shorter."""

import os
import sys

import pytest
from image import REPOSITORY

sys.path.insert(0, os.path.join(REPOSITORY, "bench"))

import load  # noqa: E402
import peers  # noqa: E402


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load.make_images(str(tmp_path_factory.mktemp("load")), 1, peers.fetch())


def test_every_image_boots(images):
    found, packed = images
    assert 0.3 < packed < 0.7
    for name, image in found.items():
        assert load.seconds(image, "ahci") > 0, name
