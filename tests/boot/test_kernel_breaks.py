"""Chapters 20, 24, 25 and 26, "Break it": the kernel is built with what they say taken out, and ends as they
say. (Those of chapters 21 to 23 are in tests/host/test_space_breaks.py.)"""

import os
import re
import subprocess
import time

import pytest
from gdb import address_of
from gdbstub import Stub
from image import REPOSITORY, Image
from qemu import Qemu
from rows import disk_arguments

COM1_IRQ = 4

# The file, what is taken out of it, and what comes in its place.
BREAKS = {
    "nothing": ("kernel/proc/wait.c", "void wait_add(", "void wait_add("),
    "20 gate": ("kernel/cpu/idt.c", "    if (chapter_has(24)) set_gate(SYSCALL_VECTOR, GATE_DPL3);\n", ""),
    "20 esp0": ("kernel/proc/schedule.c", "if (!task->proc->stack) return", "return"),
    "24": ("kernel/mm/uaccess.c", "bytes <= PAGE_OFFSET && user <=", "bytes <= PAGE_OFFSET || user <="),
    "25 space": ("kernel/proc/schedule.c",
                 "    if (task->mm && &task->mm->pt != mm_loaded()) mm_load(&task->mm->pt);\n",
                 "    (void)task;\n"),
    "26": ("kernel/mm/user_pages.c", "    swap_get(value);\n    replace_entry", "    replace_entry"),
    "25 sleep": ("kernel/proc/wait.c", "if (ticks == 0 || proc->woken) return;", "if (ticks == 0) return;"),
}


def commands(source, target):
    """What make would do for `target` if `source` were new."""
    return subprocess.run(["make", "-n", "--no-print-directory", "-W", source, target], cwd=REPOSITORY,
                          check=True, capture_output=True, text=True).stdout


def broken_kernel(folder, path, old, new):
    """The kernel without what is taken out; its ELF file is in `folder`."""
    with open(os.path.join(REPOSITORY, path), encoding="utf-8") as file:
        source = file.read()
    assert source.count(old) == 1, path
    broken, elf = folder / os.path.basename(path), folder / "kernel.elf"
    broken.write_text(source.replace(old, new), encoding="utf-8")
    target = "build/" + path[:-2] + ".o"
    compiled = commands(path, target).replace(target, f"{broken}.o").replace(path, str(broken))
    whole = "build/kernel-without-lines.elf"
    linked = commands("build/linker/kernel.ld", whole).replace(whole, str(elf)).replace(
        f" {target} ", f" {broken}.o ")
    for script in (compiled, linked, f"objcopy --strip-debug {elf} {folder}/KERNEL.ELF"):
        subprocess.run(["sh", "-e", "-c", script], cwd=REPOSITORY, check=True, capture_output=True)
    return elf


def boot(folder, name, initrd="build/INITRD.CPI", arguments=(), **options):
    broken_kernel(folder, *BREAKS[name])
    image = Image(folder).initrd(initrd)
    image.mtools("mcopy", "-o", f"{folder}/KERNEL.ELF", "::/BOOT/KERNEL.ELF")
    image.config("kernel = BOOT/KERNEL.ELF\ninitrd = BOOT/INITRD.CPI\n")
    return Qemu(*arguments, *disk_arguments(image.path), **options)


@pytest.mark.quick
def test_20_no_gate_for_system_calls(tmp_path):
    with boot(tmp_path, "20 gate") as machine:
        said = machine.wait_for(r"^/init has ended.*\n", 60)
    gate = 0x80 * 8 + 2
    assert re.search(rf"^init \(pid 1\): general protection fault \(#GP\), error code {gate:x}, at eip "
                     "0804[0-9a-f]{4}; in ", machine.serial, re.M), machine.serial
    assert said.group() == "/init has ended: by signal 11\n"


def test_20_one_kernel_stack_for_all(tmp_path):
    with boot(tmp_path, "20 esp0") as machine:
        machine.wait_shell(60)
        machine.send("hello\n")
        machine.wait_for("^System halted", 60)
    said = machine.serial.split("hello from hello")[1]
    assert re.search(r"^#PF: page fault.*^read at .*\(a null pointer\)$.*^  \w{8} wake_up\+", said,
                     re.M | re.S), said


def test_24_any_address_is_good(tmp_path):
    initrd = tmp_path / "initrd.cpi"
    subprocess.run(["scripts/make-initrd", initrd, "user/initrd.list", "-"], cwd=REPOSITORY, check=True,
                   input=b"file /bin/tests build/user/tests 755\n")
    with boot(tmp_path, "24", initrd) as machine:
        machine.wait_shell(60)
        assert "hello from hello" in machine.shell("hello")
        said = machine.shell("tests terminal_settings", 60)
    assert re.search(r"ioctl\(0, TCSETS, .*kernel_start.*\).* 0", said), said


def test_25_one_space_for_all(tmp_path):
    with boot(tmp_path, "25 space") as machine:
        machine.wait_for(r"^init: the shell has ended(?s:.*)^init \(pid 20\): ", 60)
    said = machine.serial
    pids = [int(pid) for pid in re.findall(r"^init \(pid (\d+)\): null pointer: execution of 00000000", said,
                                           re.M)]
    assert pids[:10] == list(range(pids[0], pids[0] + 10)) and "/ # " not in said


def wait_requested(machine, irq):
    """Until the PIC of a machine that is stopped has been asked for this interrupt."""
    deadline = time.monotonic() + 20
    while not int(re.search("pic0: irr=(..)", machine.hmp("info pic"))[1], 16) & 1 << irq:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("name, wakes", [("nothing", True), ("25 sleep", False)])
def test_25_a_wake_up_before_the_sleep(tmp_path, name, wakes):
    """The shell has seen that nothing was typed, and does not sleep yet: then Enter is pressed."""
    with boot(tmp_path, name, paused=True) as machine:
        sleep = address_of("task_sleep", os.path.relpath(tmp_path / "kernel", f"{REPOSITORY}/build"))
        stub = Stub(machine.gdb_socket)
        stub.start()
        machine.wait_shell(60)
        assert machine.shell("echo hi | cat") == "hi"
        machine.qmp("stop")
        assert stub.wait()
        stub.break_at(sleep)
        stub.start()
        machine.send("\n")
        assert stub.wait() == sleep
        stub.unbreak(sleep)
        prompts = machine.serial.count("/ # ")
        machine.send("\n")
        wait_requested(machine, COM1_IRQ)
        stub.start()
        time.sleep(2)
        assert machine.serial.count("/ # ") == prompts + wakes
        machine.send("\n")
        machine.wait_for(f"(?s)(/ # .*){{{prompts + 1 + wakes}}}")


def test_26_a_slot_that_nobody_names(tmp_path):
    with boot(tmp_path, "26", arguments=["-m", "16"]) as machine:
        machine.wait_shell(60)
        machine.send("swapper\n")
        machine.wait_for(r"^swapper \(pid \d+\): divide error|^page \d+ does not hold what was written", 120)
