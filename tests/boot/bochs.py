"""Bochs: COM1 on a TCP socket of this machine. It has no monitor that could be asked from outside."""

import os
import socket
import subprocess
import tempfile

from image import copy_disk
from machine import Machine

# Debian's Bochs is a debugger build, which stops at reset until it is told to continue.
DEBUGGER_COMMANDS = "c\nq\n"

CONFIG = """\
megs: {megs}
cpu: model={cpu}, count=1, ips=50000000, reset_on_triple_fault=0
romimage: file={bios}
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
pci: enabled={pci}, chipset=i440fx
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, path={disk}, mode=volatile, cylinders={cylinders}, heads=16, spt=63
boot: disk
clock: sync=none
display_library: term
com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}
port_e9_hack: enabled=1
log: {log}
panic: action=report
error: action=report
info: action=ignore
debug: action=ignore
"""

CYLINDER_BYTES = 16 * 63 * 512


class Bochs(Machine):
    def __init__(self, disk, cpu="pentium", megs=32, bios="/usr/share/bochs/BIOS-bochs-latest",
                 pci=1):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ascent-bochs-")
        copy = os.path.join(self.folder.name, "disk.img")  # Bochs leaves a lock beside it
        copy_disk(disk, copy)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(20)
        self._write("bochsrc", CONFIG.format(
            megs=megs, cpu=cpu, bios=bios, pci=pci, disk=copy, port=listener.getsockname()[1],
            cylinders=os.path.getsize(copy) // CYLINDER_BYTES,
            log=os.path.join(self.folder.name, "log")))
        self._write("commands", DEBUGGER_COMMANDS)
        self.process = subprocess.Popen(
            ["bochs-bin", "-q", "-f", "bochsrc", "-rc", "commands"], cwd=self.folder.name,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, TERM="xterm"))
        try:
            self._serial = listener.accept()[0]
        except TimeoutError:
            self.close()
            raise RuntimeError("Bochs did not start") from None
        self.read_serial(self._serial)

    def _write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="ascii") as file:
            file.write(text)

    def running(self):
        return self.process.poll() is None

    def send(self, text):
        self._serial.sendall(text.encode("ascii"))

    def log(self) -> str:
        with open(os.path.join(self.folder.name, "log"), encoding="ascii",
                  errors="replace") as log:
            return log.read()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.folder.cleanup()
