"""Process 1: which program it is, how its end is told, and what the monitor knows of programs."""

import os
import re
import subprocess

import pytest
from image import INITRD, REPOSITORY, SHELL_DISK, Image
from qemu import Qemu
from rows import disk_arguments

READY_INIT = r"^@READY init$"


def boot(tmp_path, cmdline, initrd="build/initrd-user.cpi", *arguments):
    return Qemu(*arguments, *disk_arguments(Image(tmp_path).initrd(initrd, cmdline).path))


@pytest.mark.quick
def test_the_usual_image_boots_into_a_shell():
    with Qemu(*disk_arguments(SHELL_DISK, "ahci")) as machine:
        machine.wait_shell()
        assert "@READY\n" not in machine.serial
        assert "parent: wrote 64 pages:             64 faults" in machine.shell("cow")
        machine.call_monitor()
        assert {"init", "monitor", "sh"} <= set(machine.command("ps").split())
        machine.send("continue\r")
        machine.wait_for(r"^monitor> continue\n\Z")
        assert machine.shell("echo back again") == "back again"
        machine.send("poweroff\n")
        assert machine.wait_exit() == 0


def with_sums(archive, wrong):
    """The archive in the form whose files have sums (cpio's "crc"), one of them off by 1."""
    at, made = 0, b""
    while b"TRAILER!!!" not in made:
        fields = [int(archive[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        size, name_size = fields[6], fields[11]
        data = at + 110 + name_size + -(110 + name_size) % 4
        name = archive[at + 110:at + 109 + name_size].decode()
        is_file = fields[1] & 0o170000 == 0o100000
        fields[12] = (sum(archive[data:data + size]) if is_file else 0) + (name == wrong)
        end = data + size + -size % 4
        made += b"070702" + b"".join(b"%08x" % field for field in fields) + archive[at + 110:end]
        at = end
    return made


@pytest.mark.quick
def test_sums_of_an_archive(tmp_path):
    """A file that is not what its sum says is named, and the others are there."""
    with open(INITRD, "rb") as file:
        sums = with_sums(file.read(), "bin/echo")
    archive = tmp_path / "initrd.cpi"
    archive.write_bytes(sums)
    with boot(tmp_path, "", str(archive)) as machine:
        machine.wait_shell()
        assert re.findall("^.*initrd: /.*", machine.serial, re.M) == [
            "warning: initrd: /bin/echo: its sum is wrong"]
        assert "hello from hello" in machine.shell("hello")


# As many files of a byte as leave no room for /init: each has a frame of its own.
@pytest.mark.quick
@pytest.mark.parametrize("files", [237, 300])
def test_no_memory_for_it(tmp_path, files):
    """The kernel says so and gives the monitor."""
    (tmp_path / "byte").write_text("x")
    fill = "".join(f"file /fill/{number} {tmp_path}/byte 644\n" for number in range(files))
    archive = str(tmp_path / "initrd.cpi")
    subprocess.run([os.path.join(REPOSITORY, "scripts/make-initrd"), archive, "user/initrd.list", "-"],
                   input="dir /fill\n" + fill, text=True, check=True, cwd=REPOSITORY)
    with boot(tmp_path, "", archive, "-m", "3") as machine:
        machine.wait_ready()
        assert "\nerror: no memory for /init\n" in machine.serial
        assert "@READY init" not in machine.serial
        assert "kernel (runs)" in machine.command("ps")


@pytest.mark.quick
def test_none_is_the_monitor(tmp_path):
    with boot(tmp_path, "init=none") as machine:
        machine.wait_ready()
        assert "@READY init" not in machine.serial
        assert "No program has made a system call." in machine.command("syscalls")


@pytest.mark.quick
def test_its_end_is_told(tmp_path):
    """Another program by init=; when it has ended there is the monitor, and no process is left."""
    with boot(tmp_path, "init=/bin/hello") as machine:
        machine.wait_for(READY_INIT, 60)
        machine.wait_ready()
        assert "hello from /bin/hello, process 1\n" in machine.serial
        assert "/bin/hello has ended: exit status 0\n" in machine.serial
        said = machine.command("ps")
        assert " kernel (runs)\n" in said and "hello" not in said
        assert "write" in machine.command("syscalls")


@pytest.mark.quick
def test_one_that_is_not_there(tmp_path):
    with boot(tmp_path, "init=/no/such") as machine:
        machine.wait_ready()
        assert "/no/such cannot be run: error 2\n" in machine.serial
        assert "@READY init" not in machine.serial


@pytest.mark.quick
def test_ended_by_a_fault(tmp_path):
    """A shell that runs a lesson whose children fault: why names the last one."""
    with boot(tmp_path, "") as machine:
        machine.wait_for(r"# \Z", 60)
        start = len(machine.serial)
        machine.send("overflow\n")
        machine.wait_for(r"# \Z", 60, start)
        start = len(machine.serial)
        machine.send("\x1d")
        machine.wait_for(r"monitor> \Z", 20, start)
        said = machine.command("why")
        assert "overflow (pid " in said and "stack overflow: write to " in said
        assert "The stack grows by itself" in said


@pytest.mark.parametrize("seed", [1, 2])
def test_addresses_by_seed(tmp_path, seed):
    """The same seed, the same addresses; without random ones the stack ends at the kernel."""
    maps = []
    for cmdline in (f"aslr_seed={seed}", f"aslr_seed={seed}", f"aslr_seed={seed + 10}", "norandmaps"):
        with boot(tmp_path, cmdline) as machine:
            machine.wait_for(r"# \Z", 60)
            start = len(machine.serial)
            machine.send("cat /proc/1/maps\n")
            end = machine.wait_for(r"# \Z", 60, start)
            maps.append(machine.serial[start:end.start()])
    assert maps[0] == maps[1] != maps[2]
    assert "-c0000000 rw-p" in maps[3]
