"""GDB as a hand that reaches into the machine at a chosen function of stage 2."""

import os
import re
import subprocess

from image import DISK, REPOSITORY


def address_of(symbol, part="stage2"):
    """The address of a symbol; static functions may carry a suffix such as .constprop.0."""
    names = subprocess.run(["nm", os.path.join(REPOSITORY, f"build/{part}.elf")], check=True,
                           capture_output=True, text=True).stdout
    for line in names.splitlines():
        words = line.split()
        if words[-1].split(".")[0] == symbol:
            return int(words[0], 16)
    raise KeyError(symbol)


def at(machine, symbol, *commands):
    """Lets a paused machine run up to `symbol`, gives the GDB commands, and lets it go on."""
    at_address(machine, address_of(symbol), *commands)


def at_address(machine, address, *commands):
    script = ["set confirm off", "target remote " + machine.gdb_socket, f"hbreak *{address:#x}",
              "continue", *commands, "delete", "detach"]
    subprocess.run(["gdb", "-nx", "-batch"] + [word for line in script for word in ("-ex", line)],
                   check=True, timeout=60, stdin=subprocess.DEVNULL, capture_output=True)


def bytes_at(address, data):
    """The GDB command that writes bytes."""
    return "set {unsigned char[%d]}%#x = {%s}" % (len(data), address,
                                                  ", ".join(map(str, data)))


STOP = re.compile(r"^(before|after) (\d\d) (\S+)  (.*)$", re.M)


def step_session(*commands, qemu="", disk=DISK):
    """What `make step-gdb` prints, from the stop at 7C00 on."""
    command = [os.path.join(REPOSITORY, "scripts/debug"), disk, "-batch", "-x",
               "scripts/gdb/step.py"]
    for line in (*commands, "kill"):
        command += ["-ex", line]
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    environment["QEMUEXTRA"] = "-net none " + qemu
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment,
                          stdin=subprocess.DEVNULL)
    assert "Error" not in done.stderr and "Exception" not in done.stderr, done.stderr
    return done.stdout


def stops(output):
    """{("before", 9): the lines of that stop}, in the order they came."""
    found = list(STOP.finditer(output))
    ends = [stop.start() for stop in found[1:]] + [len(output)]
    return {(stop[1], int(stop[2])): output[stop.start():end].splitlines()
            for stop, end in zip(found, ends)}
