"""v86 in Node: COM1 is the standard output and input of v86/run.mjs."""

import fcntl
import os
import subprocess
import threading

from machine import Machine

HERE = os.path.dirname(os.path.abspath(__file__))


class V86(Machine):
    def __init__(self, disk, megs=64):
        super().__init__()
        folder = os.path.join(HERE, "v86")
        with open(os.path.join(folder, "package.json"), encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side: one of them fetches it
            if not os.path.isdir(os.path.join(folder, "node_modules")):
                subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True,
                               stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(["node", "run.mjs", os.path.abspath(disk), str(megs)],
                                        cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self._read_serial, daemon=True).start()

    def _read_serial(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            self.received(data)

    def running(self):
        return self.process.poll() is None

    def send(self, text):
        self.process.stdin.write(text.encode("ascii"))
        self.process.stdin.flush()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
