"""scripts/usb: what it refuses, and that it writes and verifies. Files stand in for disks."""

import os
import subprocess

import pytest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
pytestmark = pytest.mark.quick


@pytest.fixture
def world(tmp_path):
    """A fake /sys with a removable sdb (partition sdb1) and a fixed sda, and files for both."""
    for name, removable in (("sda", 0), ("sdb", 1)):
        block = tmp_path / "sys/block" / name
        (block / "device").mkdir(parents=True)
        (block / (name + "1")).mkdir()
        (block / "removable").write_text(f"{removable}\n")
        (block / "size").write_text("4096\n")
        (block / "device/model").write_text("Test Stick\n")
        (tmp_path / name).write_bytes(bytes(4096 * 512))
    (tmp_path / "mounts").write_text("/dev/sda1 / ext4 rw 0 0\n")
    (tmp_path / "image").write_bytes(os.urandom(1000 * 512))
    return tmp_path


def usb(world, name, confirm=None, text=""):
    device = str(world / name) if name else ""
    environment = dict(os.environ, SYSFS=str(world / "sys"), MOUNTS=str(world / "mounts"),
                       IMAGE=str(world / "image"))
    environment.pop("CONFIRM", None)
    if confirm:
        environment["CONFIRM"] = str(world / confirm)
    return subprocess.run([os.path.join(REPOSITORY, "scripts/usb"), device], env=environment,
                          input=text, capture_output=True, text=True, check=False)


def untouched(world):
    return all((world / name).read_bytes() == bytes(4096 * 512) for name in ("sda", "sdb"))


@pytest.mark.parametrize("name, reason", [
    ("", "which disk"), ("sda", "not removable"), ("sdb1", "partition"), ("sdz", "not a disk"),
])
def test_refuses(world, name, reason):
    result = usb(world, name, confirm=name or None)
    assert result.returncode == 1 and reason in result.stderr
    assert untouched(world)


@pytest.mark.parametrize("mount, reason", [
    ("/dev/sdb1 /mnt vfat rw 0 0\n", "mounted on /mnt"),
    ("/dev/sdb / ext4 rw 0 0\n", "running system"),
])
def test_refuses_what_is_in_use(world, mount, reason):
    (world / "mounts").write_text(mount)
    result = usb(world, "sdb", confirm="sdb")
    assert result.returncode == 1 and reason in result.stderr
    assert untouched(world)


def test_refuses_what_something_is_built_on(world):
    (world / "sys/block/sdb/sdb1/holders/dm-0").mkdir(parents=True)
    assert "in use by dm-0" in usb(world, "sdb", confirm="sdb").stderr
    assert untouched(world)


def test_refuses_a_small_disk(world):
    (world / "sys/block/sdb/size").write_text("999\n")
    assert "has only" in usb(world, "sdb", confirm="sdb").stderr
    assert untouched(world)


@pytest.mark.parametrize("typed", ["", "yes\n", "/dev/sda\n"])
def test_wants_the_name_typed(world, typed):
    result = usb(world, "sdb", text=typed)
    assert result.returncode == 1 and "nothing was written" in result.stderr
    assert untouched(world)


@pytest.mark.parametrize("how", ["typed", "CONFIRM"])
def test_writes(world, how):
    if how == "typed":
        result = usb(world, "sdb", text=str(world / "sdb") + "\n")
    else:
        result = usb(world, "sdb", confirm="sdb")
    assert result.returncode == 0, result.stderr
    assert "Test Stick" in result.stdout and "read back" in result.stdout
    image = (world / "image").read_bytes()
    assert (world / "sdb").read_bytes() == image + bytes(4096 * 512 - len(image))
