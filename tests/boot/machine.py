"""A machine under test: what it has sent on COM1 so far, and a way to talk back.

Emulators differ in how they are started (qemu.py, bochs.py, v86.py); what a test does with one is
the same for all.
"""

import re
import threading
import time

PROMPT = "monitor> "
SHELL = "/ # "
CALL = "\x1d"  # Ctrl+]: the monitor, while programs run


class Machine:
    """Base class. A subclass starts the emulator, feeds serial bytes in, and sends them out."""

    def __init__(self):
        self.serial = ""
        self._changed = threading.Condition()

    # What the subclass calls and provides.

    def received(self, data: bytes):
        with self._changed:
            self.serial += data.decode("ascii", "replace").replace("\r", "")
            self._changed.notify_all()

    def read_serial(self, connection):
        """Takes what comes from a socket, in the background, until it is closed."""
        def loop():
            while True:
                try:
                    data = connection.recv(65536)
                except OSError:
                    return
                if not data:
                    return
                self.received(data)
        threading.Thread(target=loop, daemon=True).start()

    def running(self) -> bool:
        raise NotImplementedError

    def send(self, text: str):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError

    # What tests call.

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def wait_for(self, pattern: str, timeout: float = 20, start: int = 0):
        """Waits until the serial output from `start` on matches; returns the match."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                match = re.compile(pattern, re.M).search(self.serial, start)
                if match:
                    return match
                left = deadline - time.monotonic()
                if left <= 0 or (not self.running() and not self._changed.wait(0.3)):
                    match = re.compile(pattern, re.M).search(self.serial, start)
                    if match:
                        return match
                    raise AssertionError(f"no {pattern!r} on COM1; the end of it was:\n"
                                         + self.serial[-3000:])
                self._changed.wait(min(left, 0.2))

    def wait_change(self, timeout: float):
        """Waits until there is more, or for so long."""
        with self._changed:
            self._changed.wait(timeout)

    def wait_ready(self, timeout: float = 30):
        self.wait_for("^@READY$", timeout)
        return self.wait_for("^" + PROMPT, timeout)

    def command(self, line: str, timeout: float = 10) -> str:
        """Types a command at the monitor's prompt; returns what it printed."""
        return self._type(line + "\r", PROMPT, timeout)

    def wait_shell(self, timeout: float = 30):
        self.wait_for("^@READY init$", timeout)
        return self.wait_for("^" + SHELL, timeout)

    def shell(self, line: str, timeout: float = 10) -> str:
        """The same at the shell's prompt."""
        return self._type(line + "\n", SHELL, timeout)

    def _type(self, line, prompt, timeout):
        start = len(self.serial)
        self.send(line)
        end = self.wait_for("\n" + prompt + r"\Z", timeout, start)
        output = self.serial[start:end.start()]
        return output.split("\n", 1)[1] if "\n" in output else ""

    def call_monitor(self, timeout: float = 10):
        """From the shell's prompt to the monitor's."""
        start = len(self.serial)
        self.send(CALL)
        return self.wait_for("\n" + PROMPT + r"\Z", timeout, start)

    def steps(self) -> list:
        """The numbers of the @STEP lines, in the order they came."""
        return [int(number) for number in re.findall(r"^@STEP (\d\d) ", self.serial, re.M)]
