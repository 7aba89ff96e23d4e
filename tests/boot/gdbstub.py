"""QEMU's gdbstub, spoken to directly: hundreds of stops in a run, where starting GDB once for each
would take minutes. (GDB manual, "Remote Protocol".)"""

import socket


class Stub:
    """A paused machine (qemu.Qemu with paused=True)."""

    def __init__(self, path, timeout=30):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        self._socket.connect(path)
        self._buffer = b""
        self.ask("qXfer:features:read:target.xml:0,0")  # without it, there is no single register

    def close(self):
        self._socket.close()

    def _packet(self):
        while True:
            start = self._buffer.find(b"$")
            end = self._buffer.find(b"#", start)
            if start >= 0 and end >= 0 and len(self._buffer) >= end + 3:
                packet, self._buffer = self._buffer[start + 1:end], self._buffer[end + 3:]
                self._socket.sendall(b"+")
                return packet.decode("ascii")
            data = self._socket.recv(65536)
            if not data:
                raise EOFError("the machine has ended")
            self._buffer += data

    def send(self, text):
        data = text.encode("ascii")
        self._socket.sendall(b"$%s#%02x" % (data, sum(data) & 0xFF))

    def ask(self, text):
        self.send(text)
        return self._packet()

    # Breakpoints in debug registers: they work before the code is loaded.

    def break_at(self, address):
        assert self.ask(f"Z1,{address:x},1") == "OK"

    def unbreak(self, address):
        assert self.ask(f"z1,{address:x},1") == "OK"

    def start(self):
        """Lets the machine run. It must not stand at a breakpoint: step_over() that first."""
        self.send("c")

    def wait(self):
        """Waits for the next breakpoint; returns EIP there."""
        try:
            while not self._packet().startswith("T"):
                pass
        except ConnectionError:
            raise EOFError("the machine has ended") from None
        return self.register(8)

    def go(self):
        """Runs to the next breakpoint; returns EIP there."""
        self.start()
        return self.wait()

    def step_over(self, address):
        """One instruction, at which there is a breakpoint, and which is not a jump to itself.

        QEMU 7.2 may answer a step that it has not made: when a timer or a device
        wants the processor before the instruction has begun, cpu_tb_exec() (accel/tcg/cpu-exec.c)
        reports the step all the same. Under load that is one step in some thousand."""
        self.unbreak(address)
        while self.register(8) == address:
            assert self.ask("s").startswith("T")
        self.break_at(address)

    def leave(self):
        """Lets the machine run on without us."""
        self.ask("D")
        self.close()

    def register(self, number):
        """0 to 7: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI; 8: EIP; 9: EFLAGS."""
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")[:8]), "little")

    def return_from(self, value):
        """At the first instruction of a function: back to who called it, with `value`."""
        esp = self.register(4)
        self.set_register(8, self.read_word(esp))
        self.set_register(4, esp + 4)
        self.set_register(0, value)

    def set_register(self, number, value):
        assert self.ask(f"P{number:x}={value.to_bytes(4, 'little').hex()}") == "OK"

    def read(self, address, length):
        """Virtual memory, as the processor sees it now."""
        return bytes.fromhex(self.ask(f"m{address:x},{length:x}"))

    def read_word(self, address):
        return int.from_bytes(self.read(address, 4), "little")

    def write(self, address, data):
        assert self.ask(f"M{address:x},{len(data):x}:{data.hex()}") == "OK"
