"""Lessons put everything back, also when memory runs out in the middle of one."""

import re

import pytest
from gdb import address_of
from gdbstub import Stub
from image import DISK
from qemu import Qemu
from rows import disk_arguments

CALLS_MAX = 16  # of alloc_pages() that are made to fail, one in each run


def state(machine):
    """All that a lesson could keep: frames of each owner, free blocks, areas, places of kmap."""
    return machine.command("mem"), machine.command("vmap")


def warm_up(machine):
    """A place of kmap() stays mapped, for the next to use it, and so does its page table."""
    machine.command("lesson highmem")


class Lessons:
    """The monitor, with GDB's hand on alloc_pages()."""

    def __init__(self, machine):
        self.machine, self.stub = machine, Stub(machine.gdb_socket)
        self.alloc = address_of("alloc_pages", "kernel")
        self.lesson = address_of("command_lesson", "kernel")
        self.read = address_of("line_read", "kernel")
        self.stub.start()
        machine.wait_ready()
        warm_up(machine)
        machine.qmp("stop")
        assert self.stub.wait()
        self.stub.break_at(self.lesson)
        self.stub.start()

    def give(self, line, fails):
        """Gives a lesson of which the call of alloc_pages() with this number, from 1, gets nothing.
        Returns what it printed, and whether it came to that call."""
        start = len(self.machine.serial)
        self.machine.send(line + "\r")
        assert self.stub.wait() == self.lesson
        self.stub.step_over(self.lesson)
        self.stub.break_at(self.alloc)
        self.stub.break_at(self.read)
        calls = 0
        while (place := self.stub.go()) == self.alloc:
            calls += 1
            if calls == fails:
                self.stub.return_from(0)
                break
            self.stub.step_over(self.alloc)
        assert place in (self.alloc, self.read), f"stopped at {place:08x}, where nothing was awaited"
        self.stub.unbreak(self.alloc)
        self.stub.unbreak(self.read)
        self.stub.start()
        self.machine.wait_for("\nmonitor> \\Z", 20, start)
        return self.machine.serial[start:], place == self.alloc


@pytest.mark.parametrize("megabytes", [64, pytest.param(1200, marks=pytest.mark.quick)])
def test_no_frame_in_the_middle(megabytes):
    with Qemu("-m", str(megabytes), *disk_arguments(DISK), paused=True) as machine:
        lessons = Lessons(machine)
        for name in ("alias", "stale", "large", "kmalloc", "highmem"):
            before = state(machine)
            for fails in range(1, CALLS_MAX):
                output, came = lessons.give(f"lesson {name}", fails)
                assert state(machine) == before, f"{name}, call {fails}: {output}"
                assert "panic" not in output
                if not came:
                    break
            assert fails > 1


@pytest.mark.quick
def test_too_little_memory():
    with Qemu("-m", "5", *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        before = state(machine)
        assert machine.command("lesson large") == "no 4 MB of memory in one piece"
        assert state(machine) == before
        assert re.search(r"^f8800000-\w+ vmalloc and ioremap: 0 areas, 0 KB used", before[1], re.M)


def test_every_lesson_puts_back():
    with Qemu("-m", "1200", *disk_arguments(DISK)) as machine:
        machine.wait_ready()
        warm_up(machine)
        names = re.findall(r"^  (\w+) ", machine.command("lesson"), re.M)
        for name in names:
            before = state(machine)
            machine.command(f"lesson {name}", 60)
            assert state(machine) == before, name
