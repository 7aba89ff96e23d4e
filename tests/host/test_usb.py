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
    (tmp_path / "swaps").write_text("Filename Type Size Used Priority\n/dev/sda2 partition 9 0 -2\n")
    (tmp_path / "image").write_bytes(os.urandom(1000 * 512))
    return tmp_path


def usb(world, name, confirm=None, text=""):
    device = str(world / name) if name else ""
    environment = dict(os.environ, SYSFS=str(world / "sys"), MOUNTS=str(world / "mounts"),
                       SWAPS=str(world / "swaps"), IMAGE=str(world / "image"))
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


@pytest.mark.parametrize("part", ["sdb", "sdb1", "sdb12"])
def test_refuses_swap(world, part):
    with open(world / "swaps", "a", encoding="ascii") as swaps:
        swaps.write(f"/dev/{part}                     partition\t1048572\t\t0\t\t-2\n")
    result = usb(world, "sdb", confirm="sdb")
    assert result.returncode == 1 and f"/dev/{part} is swap" in result.stderr
    assert untouched(world)


@pytest.mark.parametrize("place", ["sdb", "sdb/sdb1"])
@pytest.mark.parametrize("holder, name, said", [
    ("dm-0", "cryptstick", "in use by cryptstick"), ("dm-1", "group-root", "in use by group-root"),
    ("md127", None, "in use by md127"),
])
def test_refuses_what_something_is_built_on(world, place, holder, name, said):
    path = world / "sys/block" / place / "holders" / holder
    path.mkdir(parents=True)
    if name:
        (path / "dm").mkdir()
        (path / "dm/name").write_text(name + "\n")
    result = usb(world, "sdb", confirm="sdb")
    assert result.returncode == 1 and said in result.stderr
    assert untouched(world)


def test_refuses_what_is_held_otherwise(world):
    """A part of a file system over several disks is in none of these lists, but it is open."""
    made = subprocess.run(["losetup", "--find", "--show", world / "sdb"], capture_output=True,
                          text=True, check=False)
    if made.returncode:
        pytest.skip("no loop device here: " + made.stderr.strip())
    device = made.stdout.strip()
    name = os.path.basename(device)
    (world / name).symlink_to(device)
    (world / "sys/block/sdb").rename(world / "sys/block" / name)
    try:
        held = os.open(device, os.O_RDONLY | os.O_EXCL)
        result = usb(world, name, confirm=name)
        os.close(held)
        assert result.returncode == 1 and "is in use" in result.stderr
        assert untouched(world)
        assert usb(world, name, confirm=name).returncode == 0
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


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
