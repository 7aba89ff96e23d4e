"""Our end of the GDB protocol, against an end that does what QEMU does now and then."""

import re
import socket
import threading

import pytest
from gdbstub import Stub

PLACE = 0xC0110520


class Lazy(threading.Thread):
    """Answers as QEMU does, but for the first `idle` steps, which it reports and does not make."""

    def __init__(self, path, idle):
        super().__init__(daemon=True)
        self.idle, self.eip, self.breakpoints = idle, PLACE, set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1)
        self.start()

    def run(self):
        connection = self._listener.accept()[0]
        while data := connection.recv(4096):
            for packet in re.findall(r"\$(.*?)#", data.decode("ascii")):
                answer = self.answer(packet)
                connection.sendall(b"+$%s#%02x" % (answer, sum(answer) & 0xFF))

    def answer(self, packet):
        if packet == "p8":
            return self.eip.to_bytes(4, "little").hex().encode()
        if packet == "s":
            if self.idle:
                self.idle -= 1
            else:
                self.eip += 1
            return b"T05thread:01;"
        if packet[0] in "zZ":
            change = self.breakpoints.add if packet[0] == "Z" else self.breakpoints.discard
            change(int(packet.split(",")[1], 16))
        return b"OK"


@pytest.mark.quick
@pytest.mark.parametrize("idle", [0, 1, 3])
def test_step_that_was_not_made(tmp_path, idle):
    qemu = Lazy(str(tmp_path / "gdb"), idle)
    stub = Stub(str(tmp_path / "gdb"))
    stub.break_at(PLACE)
    stub.step_over(PLACE)
    assert stub.register(8) == PLACE + 1
    assert qemu.breakpoints == {PLACE}
    stub.close()
