"""The machine that a submission runs in, seen from outside: QEMU in a sandbox, stopped at symbols, read
and called through its gdbstub. What the machine prints is never the judge."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from . import sandbox
from .table import ROOT, Problem

sys.path.insert(0, os.path.join(ROOT, "tests/boot"))
from gdbstub import Stub  # noqa: E402

SECONDS = 15         # of processor time until a symbol is reached; the solutions take one or two
WALL = 20            # times as many seconds by the clock: the computer may have other work
IDLE_SECONDS = 40    # by the clock: halted whenever it is looked at; a boot waits for milliseconds
SERIAL_MAX = 200_000  # bytes on COM1; a boot sends 4,000
MEMORY_LIMIT = 2048 * sandbox.MB
ELF_FILES = ("build/stage2.elf", "build/kernel.elf")
NM_MAX = 4 * sandbox.MB  # bytes of their names
PART = 1024          # bytes that one packet of the gdbstub carries

# Where a boot ends that goes wrong: what is in EAX there, and the words for it.
ENDINGS = ("lab_missing", "pm_lab_missing", "boot_fail", "pm_fail", "panic", "fault_report")
EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EIP, EFLAGS = range(10)


class Ended(Exception):
    """It did not get there. `kind`: missing, error, panic, fault, reset, halted, hangs, floods."""

    def __init__(self, kind, words):
        super().__init__(words)
        self.kind = kind


class PollingStub(Stub):
    """Waits a little at a time, so that other ends than a breakpoint are noticed."""

    def poll(self, seconds):
        """EIP, if the machine stopped at a breakpoint meanwhile, else None."""
        self._socket.settimeout(seconds)
        try:
            return self.wait()
        except TimeoutError:
            return None
        finally:
            self._socket.settimeout(30)

    def physical(self, on):
        self.ask(f"Qqemu.PhyMemMode:{int(on)}")


def symbols_of(tree, ours=None):
    """{name: address} of the loader and the kernel. A local name that is there twice is in neither.
    `ours`: a tree that nobody else has changed. A name that only its kernel has is taken from the kernel,
    whatever the loader calls so: a submission could make the grader stop there."""
    loader, kernel = (symbols_in(tree, elf) for elf in ELF_FILES)
    taken = set(names_taken(tree, ours)) if ours else set()
    return {**kernel, **{name: address for name, address in loader.items() if name not in taken}}


def names_taken(tree, ours):
    """The names of the kernel's that the loader of a submission has too, and ours has not."""
    loader, kernel = (symbols_in(ours, elf) for elf in ELF_FILES)
    return sorted(name for name in symbols_in(tree, ELF_FILES[0]) if name in kernel and name not in loader)


def symbols_in(tree, elf):
    status, text = sandbox.run(["nm", elf], tree, output_max=NM_MAX) if sandbox.available() else \
        (0, subprocess.run(["nm", elf], cwd=tree, capture_output=True, text=True).stdout)
    found, local, twice = {}, {}, set()
    for address, kind, name in re.findall(r"^([0-9a-f]{8}) (\w) (\S+)$", text, re.M):
        if kind.isupper():
            found[name] = int(address, 16)
        elif name in local:
            twice.add(name)
        else:
            local[name] = int(address, 16)
    return {**{name: address for name, address in local.items() if name not in twice}, **found}


class Machine:
    """A machine with the image of `tree`, stopped before its first instruction."""

    def __init__(self, tree, symbols, *arguments, memory=64, cpu=None, image="disk.img", drive=None):
        self.tree, self.symbols = tree, symbols
        self.names = sorted((address, name) for name, address in symbols.items())
        self.serial = ""
        self.flooded = False
        self.breaks = set()
        self.folder = tempfile.mkdtemp(prefix="lab-")
        inside = "/run" if sandbox.available() else self.folder
        os.link(os.path.join(tree, image), os.path.join(self.folder, "disk.img")) \
            if same_device(tree, self.folder) else \
            subprocess.run(["cp", "--sparse=always", os.path.join(tree, image),
                            os.path.join(self.folder, "disk.img")], check=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(os.path.join(self.folder, "serial"))
        listener.listen(1)
        command = ["qemu-system-i386", "-display", "none", "-net", "none", "-no-reboot", "-S",
                   "-accel", "tcg,tb-size=64", "-m", str(memory),
                   "-qmp", f"unix:{inside}/qmp,server=on,wait=off",
                   "-gdb", f"unix:{inside}/gdb,server=on,wait=off",
                   "-serial", f"unix:{inside}/serial"]
        command += ["-cpu", cpu] if cpu else []
        command += [word.replace("{disk}", f"{inside}/disk.img") for word in drive or
                    ["-drive", "file={disk},format=raw,snapshot=on"]]
        command += arguments
        if sandbox.available():
            command = sandbox.prefix(self.folder, "/run") + command
        self.errors = open(os.path.join(self.folder, "stderr"), "w+b")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.errors,
                                        stderr=self.errors,
                                        preexec_fn=sandbox.limits(8 * SECONDS, MEMORY_LIMIT))
        try:
            self._serial = self._accept(listener)
            self._qmp = self._connect("qmp")
            self._qmp_lines = self._qmp.makefile("rb")
            self._qmp_lines.readline()
            self._command("qmp_capabilities")
            self._wait_for_socket("gdb")
            self.stub = PollingStub(os.path.join(self.folder, "gdb"))
        except (OSError, ValueError) as problem:
            self.errors.seek(0)
            words = self.errors.read().decode(errors="replace")
            self.close()
            raise Problem(f"QEMU does not start: {problem}: {words}") from None
        finally:
            listener.close()
        self.running = False
        threading.Thread(target=self._read_serial, daemon=True).start()

    def _accept(self, listener):
        listener.settimeout(0.2)
        for _ in range(100):
            try:
                return listener.accept()[0]
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        raise OSError("it has ended, or does not come up")

    def _wait_for_socket(self, name):
        deadline = time.monotonic() + 20
        while not os.path.exists(os.path.join(self.folder, name)) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _connect(self, name):
        self._wait_for_socket(name)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(os.path.join(self.folder, name))
        return connection

    def _read_serial(self):
        """Takes what comes on COM1, so much and no more."""
        size = 0
        while True:
            try:
                data = self._serial.recv(65536)
            except OSError:
                return
            if not data:
                return
            size += len(data)
            if size > SERIAL_MAX:
                self.flooded = True
                self.process.kill()
                return
            self.serial += data.decode("ascii", "replace").replace("\r", "")

    def _command(self, command, **arguments):
        self._qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while line := self._qmp_lines.readline():
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
        raise EOFError("QEMU has ended")

    def hmp(self, line):
        return self._command("human-monitor-command", **{"command-line": line}).replace("\r", "")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Running.

    def run_to(self, *names, seconds=SECONDS, serve=None):
        """Runs to the first of these symbols, or addresses; returns the one. Ended if it never comes
        there. `serve`: {symbol: function}, called with the machine at that function's start; True: it has
        done what the function would do, as returns() says; otherwise the function runs."""
        serve = serve or {}
        places = {}
        for name in (*names, *serve):
            if isinstance(name, str) and name not in self.symbols:
                raise Ended("error", f"there is no {name}() in what was built")
            places[self.symbols[name] if isinstance(name, str) else name] = name
        endings = {self.symbols[name]: name for name in ENDINGS
                   if name in self.symbols and self.symbols[name] not in places}
        self._arm(set(places) | set(endings))
        limit = self.cpu_seconds() + seconds
        try:
            while True:
                eip = self._go(limit, seconds)
                if eip not in places:
                    raise self._ending(endings.get(eip), eip)
                if places[eip] not in serve:
                    return places[eip]
                serve[places[eip]](self)
        except (EOFError, ConnectionError, BrokenPipeError):
            raise self._gone() from None

    def returns(self, value=0):
        """At the start of a function: back to who called it, with this answer."""
        self.stub.return_from(value)

    def _arm(self, wanted):
        for address in self.breaks - wanted:
            self.stub.unbreak(address)
        for address in wanted - self.breaks:
            self.stub.break_at(address)
        self.breaks = wanted

    def cpu_seconds(self):
        """The processor time that QEMU has used so far."""
        used, left = 0, [self.process.pid]
        while left:
            pid = left.pop()
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                    left += [int(child) for child in file.read().split()]
            except OSError:
                continue
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def _go(self, limit, allowed):
        here = self.stub.register(EIP)
        if here in self.breaks:
            self.stub.step_over(here)
            after = self.stub.register(EIP)
            if after in self.breaks:
                return after
        self.stub.start()
        deadline = time.monotonic() + WALL * allowed
        awake = time.monotonic()
        while self.cpu_seconds() < limit and time.monotonic() < deadline:
            eip = self.stub.poll(0.5)
            if eip is not None:
                return eip
            if self.flooded or self.process.poll() is not None:
                raise EOFError
            state = self.hmp("info registers")
            if "HLT=1" not in state:
                awake = time.monotonic()
            elif time.monotonic() - awake > IDLE_SECONDS:
                address = int(re.search(r"EIP=([0-9a-f]{8})", state)[1], 16)
                raise self._end("hangs", f"the machine hangs: for {IDLE_SECONDS} seconds it does nothing "
                                f"but wait for interrupts at {self.name_at(address)}")
            if "HLT=1" in state and not int(re.search(r"EFL=([0-9a-f]{8})", state)[1], 16) & 0x200:
                eip = self.stub.poll(0.5)  # it may have come between the two
                if eip is not None:
                    return eip
                address = int(re.search(r"EIP=([0-9a-f]{8})", state)[1], 16)
                raise self._end("halted", f"the machine is halted for good at {self.name_at(address)}")
        address = int(re.search(r"EIP=([0-9a-f]{8})", self.hmp("info registers"))[1], 16)
        raise self._end("hangs", f"the machine hangs: after {allowed} seconds of processor time it is at "
                        f"{self.name_at(address)}")

    def alive(self):
        return self.process.poll() is None

    def _end(self, kind, words):
        self.process.kill()
        self.process.wait()
        return Ended(kind, words)

    def _gone(self):
        self.process.kill()
        self.process.wait()
        if self.flooded:
            return Ended("floods", f"it floods COM1: more than {SERIAL_MAX // 1000} KB")
        return Ended("reset", "the machine reset: a triple fault, or the code asked for it")

    def _ending(self, name, eip):
        """What EAX and the like say at the start of one of ENDINGS."""
        value = self.stub.register(EAX)
        if name in ("lab_missing", "pm_lab_missing"):
            return self._end("missing", self.text(value))
        if name in ("boot_fail", "pm_fail"):
            return self._end("error", "the loader stops with " + self.error_name(value))
        if name == "panic":
            words = self.text(self.stub.read_word(self.stub.register(ESP) + 4))
            return self._end("missing" if re.match(r"lab \d", words) else "panic",
                             words if re.match(r"lab \d", words) else f"the kernel panics: {words}")
        if name == "fault_report":
            cr2, vector, eip = (self.stub.read_word(value + at) for at in (0, 4 * 13, 4 * 15))
            return self._end("fault", f"the kernel faults: vector {vector} in {self.name_at(eip)}"
                             + (f", address {cr2:08X}" if vector == 14 else ""))
        return self._end("error", f"it stopped at {self.name_at(eip)}")

    def name_at(self, address):
        near = [pair for pair in self.names if pair[0] <= address < pair[0] + 0x4000]
        if not near:
            return f"{address:08X}"
        start, name = near[-1]
        return f"{name}+{address - start:X} ({address:08X})"

    # Looking.

    def read(self, address, length, physical=False):
        self.stub.physical(physical)
        data = b"".join(self.stub.read(address + at, min(PART, length - at))
                        for at in range(0, length, PART))
        self.stub.physical(False)
        return data

    def physical(self, address, length):
        return self.read(address, length, physical=True)

    def write(self, address, data, physical=False):
        self.stub.physical(physical)
        for at in range(0, len(data), PART):
            self.stub.write(address + at, data[at:at + PART])
        self.stub.physical(False)

    def word(self, name_or_address):
        address = self.symbols[name_or_address] if isinstance(name_or_address, str) else name_or_address
        return struct.unpack("<I", self.read(address, 4))[0]

    def text(self, address, most=200):
        """A string, as far as it can be printed."""
        data = b""
        try:
            while b"\0" not in data and len(data) < most:
                data += self.read(address + len(data), 16)
        except (AssertionError, ValueError):
            pass
        text = data.split(b"\0")[0].decode("ascii", "replace")
        return "".join(c for c in text if c.isprintable())

    def registers(self):
        """{"EAX": ..., "CR0": ..., "CS": (selector, base, limit, flags), "GDT": (base, limit)}"""
        text = self.hmp("info registers")
        found = {name: int(value, 16) for name, value in
                 re.findall(r"\b(E[A-Z]{2}|EFL|CR[0234])=([0-9a-f]{8})", text)}
        for name, *values in re.findall(r"^([CDEFGS]S|TR|LDT) *=([0-9a-f]{4}) ([0-9a-f]{8}) "
                                        r"([0-9a-f]{8}) ([0-9a-f]{8})", text, re.M):
            found[name] = tuple(int(value, 16) for value in values)
        for name, base, limit in re.findall(r"^(GDT|IDT)= *([0-9a-f]{8}) ([0-9a-f]{8})", text, re.M):
            found[name] = int(base, 16), int(limit, 16)
        return found

    def screen(self):
        """The text on the screen, a line each."""
        cells = self.physical(0xB8000, 80 * 25 * 2)
        return [cells[at:at + 160:2].decode("cp437").rstrip() for at in range(0, 4000, 160)]

    # Calling.

    def call(self, name, *arguments, seconds=15, words=(), serve=None, variadic=False):
        """Calls a function of the stopped machine (three arguments in EAX, EDX, ECX, others on the stack, as
        -mregparm=3 has it; all on the stack if it is variadic), and puts all registers back. Returns EAX.
        `words`: their addresses are arguments behind the others; what is there afterwards is in
        self.answers. `serve`: see run_to()."""
        saved = [self.stub.register(number) for number in range(10)]
        top = (saved[ESP] - 256) & ~15
        values = list(arguments)
        for i, word in enumerate(words):
            self.write(top + 4 * i, struct.pack("<I", word))
            values.append(top + 4 * i)
        in_registers = [] if variadic else values[:3]
        on_stack = values[len(in_registers):]
        esp = top - 4 * len(on_stack) - 4
        back = saved[EIP]
        self.write(esp, struct.pack(f"<{1 + len(on_stack)}I", back,
                                    *[value & 0xFFFFFFFF for value in on_stack]))
        for number, value in zip((EAX, EDX, ECX), in_registers):
            self.stub.set_register(number, value & 0xFFFFFFFF)
        self.stub.set_register(ESP, esp)
        self.stub.set_register(EIP, self.symbols[name])
        self.run_to(back, seconds=seconds, serve=serve)
        result = self.stub.register(EAX)
        self.flags = self.stub.register(EFLAGS)
        self.answers = [self.word(top + 4 * i) for i in range(len(words))]
        for number in (EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EIP, EFLAGS):
            self.stub.set_register(number, saved[number])
        return result

    # What the loader leaves.

    def boot_info(self):
        """{field: value} of struct boot_info, of which all fields are 32-bit words."""
        with open(os.path.join(ROOT, "include/ascent/boot_info.h"), encoding="utf-8") as file:
            fields = re.findall(r"^    uint32_t (\w+);", file.read().split("\nstruct boot_info {")[1], re.M)
        data = self.physical(0x1000, 4 * len(fields))
        return dict(zip(fields, struct.unpack(f"<{len(fields)}I", data)))

    def boot_info_address(self, field):
        return 0x1000 + 4 * list(self.boot_info()).index(field)

    def ranges(self, address, count):
        """[(base, length, type)] of a memory map."""
        data = self.physical(address, 24 * count)
        return [struct.unpack_from("<QQI", data, 24 * i) for i in range(count)]

    def error_name(self, number):
        """"E10: disk: read failed"; "no error" for 0."""
        return f"E{number & 0xFF:02d}: {error_text(number & 0xFF)}" if number & 0xFF else "no error"


def same_device(a, b):
    return os.stat(a).st_dev == os.stat(b).st_dev


def error_text(number):
    with open(os.path.join(ROOT, "include/ascent/errors.def"), encoding="utf-8") as file:
        found = re.search(rf'^ERROR\( *{number}, \w+, +"([^"]*)"', file.read(), re.M)
    return found[1] if found else "unknown error"
