"""The terminal: vi, less and others of Debian's busybox, typed on the keyboard and on COM1. What the VGA
shows is compared with what another terminal emulator, tmux, makes of the bytes on COM1.
"""

import shutil
import subprocess
import time

import pytest
from image import Image
from qemu import COLUMNS, ROWS, Qemu
from rows import disk_arguments

INITRD = "build/initrd-busybox.cpi"
PROMPT = "/tmp # "


class Recorder(Qemu):
    """Keeps what came on COM1 byte by byte."""

    def __init__(self, *arguments):
        self.raw = b""
        super().__init__(*arguments)

    def received(self, data):
        self.raw += data
        super().received(data)


def settle(machine, seconds=0.7):
    """Until nothing has come for a while."""
    length = -1
    while length != len(machine.raw):
        length = len(machine.raw)
        time.sleep(seconds)


def rendered(raw, folder):
    """The screen that tmux makes of these bytes."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not there to compare with")
    (folder / "bytes").write_bytes(raw)
    tmux = ["tmux", "-L", folder.name, "-f", "/dev/null"]
    shell = f"stty raw -echo; cat {folder / 'bytes'}; touch {folder / 'done'}; sleep 60"
    subprocess.run([*tmux, "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), shell], check=True)
    try:
        for _ in range(100):
            if (folder / "done").exists():
                break
            time.sleep(0.05)
        time.sleep(0.3)
        shown = subprocess.run([*tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True)
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)
    (folder / "done").unlink()
    return [line.rstrip() for line in shown.stdout.split("\n")[:ROWS]]


def screen(machine):
    return machine.screen().split("\n")


@pytest.fixture(params=["COM1", "keyboard"])
def shell(request, tmp_path):
    """A machine at busybox's prompt, with an empty screen, and a way to type."""
    image = Image(tmp_path).initrd(INITRD)
    with Recorder(*disk_arguments(image.path)) as machine:
        machine.wait_for(r"/ # ", 60)
        settle(machine)
        names = {"\033": "esc", "/": "slash", ".": "dot", "\x03": "ctrl-c", "\x1a": "ctrl-z",
                 "\x04": "ctrl-d", "|": "shift-backslash", ">": "shift-dot", "&": "shift-7",
                 "%": "shift-5", "\x15": "ctrl-u", "\x1d": "ctrl-bracket_right", "$": "shift-4",
                 "<": "shift-comma", ";": "semicolon"}

        def type_text(text):
            if request.param == "COM1":
                machine.send(text)
            else:
                for c in text:
                    machine.key(names[c]) if c in names else machine.keys(c)
            settle(machine)

        machine.send("cd /tmp\r")
        settle(machine)
        machine.raw = b""
        machine.send("clear\r")
        settle(machine)
        machine.raw = machine.raw[machine.raw.index(b"\033[H"):]
        yield machine, type_text


def test_vi(shell, tmp_path):
    machine, type_text = shell
    type_text("vi f\r")
    assert screen(machine)[1] == "~"
    type_text("ione two\rthree\rfour\033")
    assert screen(machine)[:4] == ["one two", "three", "four", "~"]
    assert screen(machine) == rendered(machine.raw, tmp_path)
    type_text("ggdwjyyp")
    assert screen(machine)[:5] == ["two", "three", "three", "four", "~"]
    type_text("/four\r")
    type_text("Onew line\033")
    assert screen(machine) == rendered(machine.raw, tmp_path)
    type_text(":wq\r")
    type_text("cat f\r")
    assert "two\nthree\nthree\nnew line\nfour\n" in "\n".join(screen(machine))


def test_less(shell, tmp_path):
    machine, type_text = shell
    type_text("seq 300 > n; less n\r")
    assert screen(machine)[:2] == ["1", "2"]
    type_text(" ")
    assert screen(machine)[0] == "25"
    assert screen(machine) == rendered(machine.raw, tmp_path)
    type_text("b")
    type_text("/150\r")
    assert screen(machine)[0] == "150"
    type_text("kk")
    assert screen(machine)[0] == "148"
    assert screen(machine) == rendered(machine.raw, tmp_path)
    type_text("q")
    assert screen(machine)[-1].startswith(PROMPT.rstrip())


def test_line_editing(shell, tmp_path):
    """The shell's own: a line that goes over the edge of the screen, and is erased back over it."""
    machine, type_text = shell
    type_text("echo " + "abcdefghij" * 9)
    assert screen(machine) == rendered(machine.raw, tmp_path)
    type_text("\b" * 20 + "end\r")
    assert screen(machine) == rendered(machine.raw, tmp_path)


def test_job_control(shell):
    machine, type_text = shell
    type_text("sleep 1000\r")
    type_text("\x03")
    assert screen(machine)[-3:].count("") <= 3
    type_text("sleep 2000\r")
    type_text("\x1a")
    type_text("jobs\r")
    assert "Stopped" in machine.screen()
    type_text("fg\r")
    type_text("\x03")
    type_text("jobs; echo none\r")
    assert machine.screen().rstrip().split("\n")[-2] == "none"
    type_text("cat\r")
    type_text("typed\r")
    type_text("\x04")
    assert machine.screen().count("typed") == 2


def test_monitor_while_a_program_runs(shell):
    machine, type_text = shell
    machine.send("while true; do :; done\r")
    settle(machine)
    type_text("\x1d")
    machine.wait_for("The programs stand still", 20)
    assert "free" in machine.command("mem")
    machine.send("continue\r")
    settle(machine)
    type_text("\x03")
    type_text("echo back again\r")
    assert "\nback again\n" in machine.screen()


def test_system_request_key(tmp_path):
    """Alt+SysRq calls the monitor; Alt and a letter is ESC and the letter."""
    with Recorder(*disk_arguments(Image(tmp_path).initrd(INITRD).path)) as machine:
        machine.wait_for(r"/ # ", 60)
        settle(machine)
        machine.key("alt-sysrq")
        machine.wait_for("The programs stand still", 20)
        machine.send("continue\r")
        settle(machine)
        machine.send("cat -v\r")
        settle(machine)
        machine.key("alt-x")
        machine.key("f1")
        machine.key("pgup")
        machine.key("ret")
        machine.wait_for(r"^\^\[x\^\[\[\[A\^\[\[5~$", 20)


def test_older_lines(tmp_path):
    image = Image(tmp_path).initrd(INITRD)
    with Recorder(*disk_arguments(image.path)) as machine:
        machine.wait_for(r"/ # ", 60)
        machine.send("seq 1000 1100\r")
        settle(machine)
        now = screen(machine)
        assert now[-2:] == ["1100", "/ #"]
        for _ in range(3):
            machine.key("shift-pgup")
            settle(machine)
        assert screen(machine) == [str(1101 - 36 - 24 + row) for row in range(ROWS)]
        machine.key("shift-pgdn")
        settle(machine)
        assert screen(machine)[0] == str(1101 - 36 - 24 + 12)
        machine.send("x")  # who writes wants to be seen
        settle(machine)
        assert screen(machine)[:-1] == now[:-1]
