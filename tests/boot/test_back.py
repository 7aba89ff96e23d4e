"""`make step-gdb BACK=1`: a recorded boot, in which GDB goes back."""

import os
import re
import signal
import subprocess
import time

import pytest
from image import DISK, REPOSITORY


UNTIL = "python\nwhile position != ('%s', %d): gdb.execute('next-step')\nend\n"
AFTER_PG = ("python\nfor stop in STOPS: stop.enabled = False\nend\n"
            "hbreak handover_after_pg\ncontinue\ndelete\n")
TRY = "python\ntry: gdb.execute('%s')\nexcept gdb.error as error: print(error)\nend\n"
SHOW = 'printf "CR0 %08x\\n", $cr0\n'


def started(folder, commands):
    """A recording in GDB, which is given these lines at the stop at 7C00."""
    script = folder / "typed.gdb"
    script.write_text(commands + "kill\n", encoding="ascii")
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    return subprocess.Popen([os.path.join(REPOSITORY, "scripts/debug"), DISK, "-batch",
                             "-x", "scripts/gdb/step.py", "-x", str(script)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=dict(environment, BACK="1"),
                            stdin=subprocess.DEVNULL)


def session(folder, commands):
    """What GDB prints for these lines."""
    with started(folder, commands) as debug:
        try:
            said, errors = debug.communicate(timeout=240)
        except BaseException:
            debug.kill()  # QEMU goes with it: test_nothing_stays
            raise
    assert "Error" not in errors and "Exception" not in errors, errors
    return said


def emulator(debug):
    """The process of QEMU that a scripts/debug has started for GDB."""
    children = subprocess.run(["ps", "--ppid", str(debug), "-o", "pid=,args="], capture_output=True,
                              text=True, check=False).stdout.splitlines()
    return next((int(child.split()[0]) for child in children if "-gdb unix:" in child), None)


def within(seconds, what):
    """What `what` returns, as soon as that is true."""
    end = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < end:
        time.sleep(0.2)
    assert value, f"not within {seconds} s"
    return value


@pytest.mark.quick
def test_back_across_pe(tmp_path):
    """In front of the move to CR0, one instruction on, and one back: PE is 0, 1, and 0 again."""
    said = session(tmp_path, UNTIL % ("before", 9) + SHOW + "stepi\n" + SHOW + "reverse-stepi\n" + SHOW)
    before, after, again = (int(value, 16) for value in re.findall(r"^CR0 ([0-9a-f]{8})$", said, re.M))
    assert (before & 1, after & 1) == (0, 1)
    assert again == before
    assert "before 09 pe-set" in said[said.rindex(f"CR0 {after:08x}"):], "it is the same stop"


def test_back_by_steps(tmp_path):
    said = session(tmp_path, UNTIL % ("before", 9) + "echo back\\n\nreverse-continue\nreverse-continue\n")
    assert re.findall(r"^(before|after) (\d\d) ", said[said.rindex("back\n"):], re.M) == [
        ("after", "08"), ("before", "08")]


WRITES = re.compile(r"^([0-9a-f]{8}) -> ([0-9a-f]{8}) by:\n(.*\n.*)$", re.M)


def test_who_wrote_this(tmp_path):
    """The entry of the page directory for address 0, after paging is on."""
    said = session(tmp_path, AFTER_PG + "last-write 0x1c000\n" + SHOW)
    ((before, after, by),) = WRITES.findall(said)
    assert (before, int(after, 16) & 0x81) == ("00000000", 0x81), "a large page that is present"
    assert "page_tables.c" in by
    assert re.search(r"^CR0 [0-9a-f]{7}1$", said, re.M) and "CR0 8" not in said, "we are before paging now"


def test_watch_by_hand(tmp_path):
    """The same with GDB's own commands, while the stops of step.py are off."""
    said = session(tmp_path, AFTER_PG + "watch *(unsigned *) 0x1c000\nreverse-continue\ninfo line *$pc\n")
    assert "page_tables.c" in said[said.index("Hardware watchpoint"):]


def test_who_set_this_bit(tmp_path):
    """boot_info.cpu_flags gets its bits one by one: the last write is not the one of bit 0."""
    said = session(tmp_path, AFTER_PG + "last-write &boot_info.cpu_flags\n"
                   "last-write &boot_info.cpu_flags 0\n")
    last, first = [(int(before, 16), int(after, 16), by) for before, after, by in WRITES.findall(said)]
    assert last[0] & 1 and last[1] & 1 and last[0] != last[1]
    assert (first[0], first[1]) == (0, 1)
    assert "cpu.c" in last[2] and "cpu.c" in first[2]


def test_what_nobody_wrote(tmp_path):
    assert "Nobody wrote there" in session(tmp_path, "last-write 0xfffffff0\n")


def test_a_name_that_nobody_has(tmp_path):
    assert 'last-write: No symbol "foo"' in session(tmp_path, TRY % "last-write foo")


def test_search_too_long(tmp_path):
    """It ends at its limit and says so; the recording can be used further."""
    said = session(tmp_path, AFTER_PG + "python LIMIT = 0.2\n" + TRY % "last-write 0xfffffff0" +
                   "continue\nhbreak handover_after_pg\ncontinue\n" + SHOW)
    assert "no such write found within 0.2 s" in said
    assert re.search(r"^CR0 [89a-f][0-9a-f]{6}1$", said, re.M), "there again, with paging on"


STOP_QEMU = ("shell kill -STOP $(ps --ppid $(ps -o ppid= $PPID) -o pid=,args= | "
             "awk '/-gdb unix:/ {print $1}')\n")


def test_qemu_hangs(tmp_path):
    """One that does not answer, and hears no SIGTERM: the search ends, and then QEMU does."""
    script = STOP_QEMU + "python LIMIT = PATIENCE = 1\n" + TRY % "last-write 0x1c000"
    with started(tmp_path, script) as debug:
        qemu = within(60, lambda: emulator(debug.pid))
        said, _ = debug.communicate(timeout=60)
    assert "QEMU does not answer after 1 s" in said
    assert not os.path.exists(f"/proc/{qemu}")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_stays(tmp_path, end):
    """scripts/debug is ended while GDB runs: QEMU ends, and the folder goes."""
    marker = tmp_path / "in-gdb"
    with started(tmp_path, f"shell touch {marker}; exec sleep 30\n") as debug:
        qemu = within(60, lambda: emulator(debug.pid))
        with open(f"/proc/{qemu}/cmdline", encoding="ascii") as line:
            (folder,) = re.findall(r"unix:(.*)/gdb,", line.read())
        within(30, marker.exists)
        debug.send_signal(end)
        debug.wait()
        within(10, lambda: not os.path.exists(f"/proc/{qemu}") and not os.path.exists(folder))
