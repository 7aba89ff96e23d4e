"""`make step-gdb BACK=1`: a recorded boot, in which GDB goes back."""

import os
import re
import subprocess

import pytest
from image import DISK, REPOSITORY


UNTIL = "python\nwhile position != ('%s', %d): gdb.execute('next-step')\nend\n"
AFTER_PG = ("python\nfor stop in STOPS: stop.enabled = False\nend\n"
            "hbreak handover_after_pg\ncontinue\ndelete\n")
SHOW = 'printf "CR0 %08x\\n", $cr0\n'


def session(folder, commands):
    """What GDB prints for these lines, typed at the stop at 7C00."""
    script = folder / "typed.gdb"
    script.write_text(commands + "kill\n", encoding="ascii")
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    done = subprocess.run([os.path.join(REPOSITORY, "scripts/debug"), DISK, "-batch",
                           "-x", "scripts/gdb/step.py", "-x", str(script)], capture_output=True, text=True,
                          timeout=600, env=dict(environment, BACK="1"), stdin=subprocess.DEVNULL, check=False)
    assert "Error" not in done.stderr and "Exception" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.quick
def test_back_across_pe(tmp_path):
    """In front of the move to CR0, one instruction on, and one back: PE is 0, 1, and 0 again."""
    said = session(tmp_path, UNTIL % ("before", 9) + SHOW + "stepi\n" + SHOW + "reverse-stepi\n" + SHOW)
    before, after, again = (int(value, 16) for value in re.findall(r"^CR0 ([0-9a-f]{8})$", said, re.M))
    assert (before & 1, after & 1) == (0, 1)
    assert again == before
    assert "before 09 pe-set" in said[said.rindex(f"CR0 {after:08x}"):], "it is the same stop"


def test_who_wrote_this(tmp_path):
    """The entry of the page directory for address 0, after paging is on; and bit 7 of it, PS."""
    said = session(tmp_path, AFTER_PG + "last-write 0x1c000\nlast-write 0x1c000 7\n" + SHOW)
    first, second = re.findall(r"^([0-9a-f]{8}) -> ([0-9a-f]{8}) by:\n(.*\n.*)$", said, re.M)
    for before, after, by in (first, second):
        assert "page_tables.c" in by
        assert int(after, 16) & 0x81 == 0x81, "a large page that is present"
    assert not int(second[0], 16) & 0x80
    assert re.search(r"^CR0 [0-9a-f]{7}1$", said, re.M) and "CR0 8" not in said, "we are before paging now"


def test_what_nobody_wrote(tmp_path):
    assert "Nobody wrote there" in session(tmp_path, "last-write 0xfffffff0\n")
