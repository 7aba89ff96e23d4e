import fcntl
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))


@pytest.fixture(scope="session")
def site():
    """The folder of the site, built from what is there now; and the browser is there."""
    with open(os.path.join(REPOSITORY, "build/site.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several workers one builds it, the others find it built
        subprocess.run(["make", "--no-print-directory", "-s", "site", "setup-test-site"],
                       cwd=REPOSITORY, check=True, timeout=600)
    return os.path.join(REPOSITORY, "build/site")


@pytest.fixture(scope="session")
def node():
    """Runs a script of this folder, and returns the lines that it prints."""
    def run(script, *arguments, timeout=120):
        result = subprocess.run(["node", os.path.join(HERE, script), *arguments], text=True,
                                capture_output=True, timeout=timeout)
        assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
        return result.stdout.splitlines()
    return run
