"""scripts/make-initrd: cpio's newc format, the same bytes for the same files, and clear errors."""

import os
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

pytestmark = pytest.mark.quick


def make(folder, text):
    path = os.path.join(folder, "initrd.cpi")
    done = subprocess.run([os.path.join(REPOSITORY, "scripts/make-initrd"), path, "-"], input=text, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        return done.stderr
    with open(path, "rb") as file:
        return file.read()


def entries(data):
    """[(name, mode, inode, links, contents)], read as Documentation/driver-api/early-userspace/
    buffer-format.rst of Linux says."""
    found, at = [], 0
    while True:
        assert data[at:at + 6] == b"070701" and at % 4 == 0
        inode, mode, uid, gid, links, _, size, _, _, _, _, name_size, check = (
            int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13))
        assert uid == gid == check == 0
        name = data[at + 110:at + 109 + name_size].decode()
        at += (110 + name_size + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found.append((name, mode, inode, links, data[at:at + size]))
        at += (size + 3) & ~3


def test_contents(tmp_path):
    (tmp_path / "program").write_bytes(b"12345")
    data = make(tmp_path, f"""
        file /bin/deep/b {tmp_path}/program 755   # a remark
        slink /bin/a deep/b
        link /bin/c /bin/deep/b
        dir /tmp 1777
        nod /dev/console 600 c 5 1
    """)
    found = {name: rest for name, *rest in entries(data)}
    assert list(found) == sorted(found), "a directory comes before what is in it"
    assert found["bin"][0] == 0o40755 and found["tmp"][0] == 0o41777
    assert found["bin/a"][0] == 0o120777 and found["bin/a"][3] == b"deep/b"
    first, last = found["bin/c"], found["bin/deep/b"]
    assert first[1] == last[1] and first[2] == last[2] == 2, "one file of two names"
    assert (first[3], last[3]) == (b"", b"12345"), "the last name brings the contents"
    assert found["dev/console"][0] == 0o20600
    assert len(data) % 512 == 0


def test_reproducible(tmp_path):
    (tmp_path / "x").write_text("x")
    one = make(tmp_path, f"file /x {tmp_path}/x 644\ndir /y\n")
    os.utime(tmp_path / "x", (1, 1))
    assert make(tmp_path, f"dir /y\nfile /x {tmp_path}/x 644\n") == one


@pytest.mark.parametrize("line, complaint", [("file /x /nope 644", "No such file"), ("file /x", "list index"),
                                             ("what /x", "what is 'what'?"), ("link /a /b", "'b'")])
def test_errors(tmp_path, line, complaint):
    assert complaint in make(tmp_path, line) and "make-initrd" in make(tmp_path, line)
