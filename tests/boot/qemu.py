"""QEMU: serial on a socket, QMP for everything that is seen from outside."""

import json
import os
import socket
import subprocess
import tempfile
import time

from machine import Machine

VGA_TEXT = 0xB8000
COLUMNS, ROWS = 80, 25


class Qemu(Machine):
    """`serial`: what Machine listens to: True is COM1; "com2"; "debugcon", which is port E9; either
    "alone", with no COM1; False."""

    # What stands before it, so that it is that port.
    OUTPUTS = {True: ["-serial"], "com2": ["-serial", "null", "-serial"],
               "com2 alone": ["-serial", "none", "-serial"],
               "debugcon": ["-serial", "null", "-debugcon"],
               "debugcon alone": ["-serial", "none", "-debugcon"]}

    def __init__(self, *arguments, program="qemu-system-i386", paused=False, cpu_log=False,
                 serial=True):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ascent-qemu-")
        serial_listener = self._listen("serial")
        qmp_listener = self._listen("qmp")
        command = [program, "-display", "none", "-net", "none", "-no-reboot",
                   "-qmp", "unix:" + self._path("qmp")]
        if serial:
            command += self.OUTPUTS[serial] + ["unix:" + self._path("serial")]
        if paused:
            self.gdb_socket = self._path("gdb")
            command += ["-S", "-gdb", f"unix:{self.gdb_socket},server=on,wait=off"]
        if cpu_log:
            command += ["-d", "cpu_reset,guest_errors", "-D", self._path("cpu.log")]
        self.process = subprocess.Popen(command + list(arguments), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL,
                                        stderr=open(self._path("stderr"), "wb"))
        try:
            if serial:
                self._serial = self._accept(serial_listener)
            self._qmp = self._accept(qmp_listener)
        except Exception:
            self.close()
            raise
        self._qmp_lines = self._qmp.makefile("rb")
        self._qmp_lines.readline()
        self.qmp("qmp_capabilities")
        if serial:
            self.read_serial(self._serial)

    def _path(self, name):
        return os.path.join(self.folder.name, name)

    def _listen(self, name):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._path(name))
        listener.listen(1)
        listener.settimeout(0.2)
        return listener

    def _accept(self, listener):
        deadline = time.monotonic() + 20
        while True:
            try:
                connection = listener.accept()[0]
                listener.close()
                return connection
            except TimeoutError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    with open(self._path("stderr"), encoding="utf-8") as errors:
                        raise RuntimeError("QEMU did not start: " + errors.read()) from None

    def running(self):
        return self.process.poll() is None

    def send(self, text):
        for at in range(0, len(text), 8):  # the UART takes 16 bytes at once
            self._serial.sendall(text[at:at + 8].encode())
            time.sleep(0.01)

    def send_at_once(self, text):
        """As fast as the UART takes it: QEMU keeps what does not fit."""
        self._serial.sendall(text.encode("ascii"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def wait_exit(self, timeout=30) -> int:
        return self.process.wait(timeout)

    # Seen from outside.

    def qmp(self, command, **arguments):
        self._qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self._qmp_lines.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])

    def hmp(self, line: str) -> str:
        """A command of QEMU's own monitor."""
        return self.qmp("human-monitor-command", **{"command-line": line}).replace("\r", "")

    def read_physical(self, address: int, length: int) -> bytes:
        path = self._path("memory")
        self.qmp("pmemsave", val=address, size=length, filename=path)
        with open(path, "rb") as file:
            return file.read()

    def screen(self) -> str:
        """The text on the VGA screen, as lines without trailing blanks."""
        cells = self.read_physical(VGA_TEXT, COLUMNS * ROWS * 2)
        rows = [cells[at:at + COLUMNS * 2:2] for at in range(0, len(cells), COLUMNS * 2)]
        return "\n".join(row.decode("cp437").rstrip() for row in rows)

    def wait_screen(self, text: str, timeout: float = 30):
        deadline = time.monotonic() + timeout
        while text not in self.screen():
            assert time.monotonic() < deadline, f"no {text!r} on the screen:\n" + self.screen()
            time.sleep(0.1)

    def wait_halted(self, timeout: float = 10):
        """Waits until the processor sleeps in HLT."""
        deadline = time.monotonic() + timeout
        while "HLT=1" not in self.hmp("info registers"):
            assert time.monotonic() < deadline, "the processor is not halted"
            time.sleep(0.05)

    def keys(self, text: str):
        """Types on the PS/2 keyboard."""
        names = {" ": "spc", "\r": "ret", "-": "minus", "/": "slash", ".": "dot",
                 ":": "shift-semicolon", "\b": "backspace"}
        for c in text:
            key = names.get(c, "shift-" + c.lower() if c.isupper() else c)
            self.hmp("sendkey " + key + " 20")
            time.sleep(0.05)

    def key(self, name: str):
        self.hmp("sendkey " + name + " 20")
        time.sleep(0.05)

    def cpu_log(self) -> str:
        with open(self._path("cpu.log"), encoding="ascii", errors="replace") as log:
            return log.read()

    def ram(self) -> list:
        """Where this machine really has RAM: [(first, end)] from its flat view of memory."""
        ranges, in_system = [], False
        for line in self.hmp("info mtree -f").splitlines():
            if line.startswith("FlatView"):
                in_system = False
            elif "Root memory region: system" in line:
                in_system = True
            elif in_system and "ram)" in line and ".ram" in line and "vga" not in line:
                first, last = line.split()[0].split("-")
                ranges.append((int(first, 16), int(last, 16) + 1))
        return ranges
