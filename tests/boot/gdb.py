"""GDB as a hand that reaches into the machine at a chosen function of stage 2."""

import os
import re
import subprocess

from image import REPOSITORY


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


def in_debugging_page(text):
    """Does docs/debugging.md show this, but for numbers that depend on the build?"""
    def plain(text):
        return re.sub(r"\b(0x)?[0-9a-f]{8,}\b|\+0x[0-9a-f]+|\+\d+|:\d+|(?<=: )([0-9a-f]{2} )+",
                      "N", text)

    with open(os.path.join(REPOSITORY, "docs/debugging.md"), encoding="utf-8") as page:
        return plain(text.strip()) in plain(page.read())
