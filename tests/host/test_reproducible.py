"""The same sources give the same disk, wherever they lie and whenever they are built."""

import os
import shutil
import subprocess
import zlib

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def built_in(folder):
    """disk.img, built from a copy of the sources in `folder`."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True,
                           capture_output=True).stdout.decode().split("\0")
    for name in filter(None, files):
        if os.path.isfile(os.path.join(REPOSITORY, name)):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy(os.path.join(REPOSITORY, name), os.path.join(folder, name))
    subprocess.run(["make", "-s", "-C", str(folder), "disk.img"], check=True)
    with open(os.path.join(folder, "disk.img"), "rb") as file:
        return file.read()


@pytest.mark.skipif(not os.path.isdir(os.path.join(REPOSITORY, ".git"))
                    and not os.path.isfile(os.path.join(REPOSITORY, ".git")),
                    reason="git knows which files are the sources")
def test_two_folders(tmp_path):
    first = built_in(tmp_path / "here")
    second = built_in(tmp_path / "there with a longer name")
    differing = [at // 512 for at in range(0, min(len(first), len(second)), 512)
                 if first[at:at + 512] != second[at:at + 512]]
    assert len(first) == len(second) and not differing, f"sectors {differing[:20]} differ"
    assert zlib.crc32(first) == zlib.crc32(second)
