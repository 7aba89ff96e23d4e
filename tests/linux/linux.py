"""Debian's Linux for i386 in QEMU: the same initrd as for Ascent, to see what Linux says.

`linux.py expected` runs what the tests compare with, and writes it into tests/linux/expected/.
"""

import glob
import os
import re
import subprocess
import sys

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(REPOSITORY, "tests/boot"))

from qemu import Qemu  # noqa: E402

EXPECTED = os.path.join(REPOSITORY, "tests/linux/expected")
KERNELS = {"classic": "686", "pae": "686-pae"}
# Processors and memory: the PAE kernel wants NX to show what it does with it.
MACHINE = {"classic": [], "pae": ["-cpu", "max"]}

SUITE = (r"^1\.\.\d+\n", r"^# \d+ of \d+ failed\n")
SCRIPT = (r"^@BEGIN\n", r"^@END\n")


def kernel(mode="classic"):
    """The path of Debian's kernel, fetched if it is not there."""
    flavour = KERNELS[mode]
    fetched = subprocess.run(["scripts/debian-i386", f"linux-image-[0-9.]+-[0-9]+-{flavour}-unsigned"],
                             cwd=REPOSITORY, check=False)
    found = glob.glob(os.path.join(REPOSITORY, f"build/debian/root/boot/vmlinuz-*[0-9]-{flavour}"))
    assert found, f"no Linux kernel (debian-i386 ended with {fetched.returncode})"
    return sorted(found)[-1]


# For an IDE disk, in the order in which they are to be loaded.
DISK_MODULES = ["crypto/crct10dif_common", "lib/crc-t10dif", "lib/crc64", "lib/crc64-rocksoft",
                "block/t10-pi", "drivers/scsi/scsi_common", "drivers/scsi/scsi_mod",
                "drivers/ata/libata", "drivers/ata/ata_piix", "drivers/scsi/sd_mod"]


def disk_modules():
    """The paths of the modules of the kernel for the classic mode."""
    version = os.path.basename(kernel()).removeprefix("vmlinuz-")
    folder = os.path.join(REPOSITORY, "build/debian/root/lib/modules", version, "kernel")
    return [os.path.join(folder, name + ".ko") for name in DISK_MODULES]


def boot(initrd, mode="classic", *arguments):
    """A machine that runs Linux with this initrd."""
    return Qemu("-m", "256", *MACHINE[mode], "-kernel", kernel(mode), "-initrd", initrd,
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off", *arguments)


def between(machine, marks, timeout=600):
    """What the machine says on COM1 from the first mark to the second, without the kernel's lines."""
    first, last = marks
    start = machine.wait_for(first, timeout).end()
    end = machine.wait_for(last, timeout, start)
    return clean(machine.serial[start:end.start()])


def clean(text):
    """Without lines of the kernel's log, its steps, and remarks of the suite."""
    return "".join(line + "\n" for line in text.splitlines()
                   if not re.match(r"\[ *\d+\.\d+\]|@STEP \d\d |# skipped", line))


def suite(mode="classic"):
    with boot(os.path.join(REPOSITORY, "build/initrd-tests.cpi"), mode) as machine:
        return between(machine, SUITE)


def script(name="busybox", mode="classic"):
    with boot(os.path.join(REPOSITORY, f"build/initrd-{name}-script.cpi"), mode) as machine:
        return between(machine, SCRIPT)


def expected(name):
    with open(os.path.join(EXPECTED, name + ".txt"), encoding="utf-8") as file:
        return file.read()


def main():
    os.makedirs(EXPECTED, exist_ok=True)
    what = {"suite": suite, "busybox": script, "dash": lambda: script("dash")}
    for name in sys.argv[2:] or what:
        said = what[name]()
        with open(os.path.join(EXPECTED, name + ".txt"), "w", encoding="utf-8") as file:
            file.write(said)


if __name__ == "__main__" and sys.argv[1:2] == ["expected"]:
    main()
