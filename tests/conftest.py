"""Tests run side by side (make test: pytest -n). Those that share something large go to one worker."""

import pytest

# Folder or file: what it shares. The site and its browser; the counts of the benchmark; the tree
# that `make` is called in.
TOGETHER = {"tests/browser/": "browser", "tests/boot/test_bench.py": "bench",
            "tests/boot/test_make.py": "make", "tests/levels/": "levels"}


def pytest_collection_modifyitems(items):
    for item in items:
        for path, group in TOGETHER.items():
            if item.nodeid.startswith(path):
                item.add_marker(pytest.mark.xdist_group(group))
