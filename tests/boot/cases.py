"""Boots that go wrong, made by chance from a seed: one case, one boot.

fault       one sector cannot be read, once or for ever (QEMU's blkdebug)
lie         one sector arrives with another bit the first time it is read, or always (option ROM)
damage      one sector of the disk holds zeros, another bit, or what another sector holds
mutation    a field of a structure on the disk has another value
worse       one mode of the option ROM, or two
nmi         a non-maskable interrupt at some moment

What may come of it is `allowed`: a pattern for the names of outcome.py.
"""

import os
import random
import re
import tempfile
import time
from dataclasses import dataclass, field

import mutations
import worse_bios
from image import DISK, SECTOR, Image
from loaded import Loaded
from outcome import watch
from qemu import Qemu
from rows import DISKS

SCRATCH = "/dev/shm" if os.path.isdir("/dev/shm") else None
CONTROLLERS = ["ide", "ahci", "usb-xhci"]
ERROR = r"E\d\d"
READY = "ready|mended"
MORE_DISKS = {"ide": ["-device", "ide-hd,drive=d,bus=ide.0"]}


@dataclass
class Case:
    kind: str
    what: str                       # for people: "sector 2300 fails once"
    controller: str
    allowed: str
    fault: dict = field(default_factory=dict)       # for blkdebug
    rom: dict = field(default_factory=dict)         # a mode of the option ROM
    change: object = None                           # a function of the image
    nmi_after: float = 0.0                          # seconds; negative: since the first letter
    compare: str = "all"                            # with the files: all, kernel, or nothing

    @property
    def name(self):
        return f"{self.kind}-{self.controller}-{self.what}".replace(" ", "-")


def disk_arguments(path, controller, fault):
    drive = f"file.driver=file,file.filename={path}"
    if fault:
        drive = "file.driver=blkdebug,file.image.driver=file,file.image.filename=" + path
        drive += "".join(f",file.inject-error.0.{key}={value}" for key, value in fault.items())
    return (["-drive", f"driver=raw,{drive},if=none,id=d,snapshot=on"]
            + (MORE_DISKS.get(controller) or DISKS[controller]))


def run(case, references):
    """Boots the case; `references` has what a good boot of the controller loads."""
    with tempfile.TemporaryDirectory(prefix="ascent-case-", dir=SCRATCH) as folder:
        path = DISK
        if case.change:
            image = Image(folder)
            case.change(image)
            path = image.path
        arguments = disk_arguments(path, case.controller, case.fault)
        if case.rom:
            arguments += ["-option-rom", worse_bios.build(case.rom, folder)]
        arguments += ["-m", str(case.rom.get("memory", 128)), "-device",
                      "isa-debug-exit,iobase=0xf4,iosize=1"]
        with Qemu(*arguments) as machine:
            where = inject_nmi(machine, case.nmi_after) if case.nmi_after else ""
            outcome = watch(machine, references.get(case.controller), case.compare)
            outcome.detail += where
            return outcome


def inject_nmi(machine, after):
    """What SeaBIOS does with one in its own code is its own matter: resets in 32-bit code and on the
    way there, and now and then a hang. So wait for the end of that."""
    if after < 0:
        machine.wait_for("^A", 60)
    time.sleep(abs(after))
    for _ in range(200):
        machine.qmp("stop")
        registers = machine.hmp("info registers")
        if not in_bios(registers):
            break
        machine.qmp("cont")
        time.sleep(0.002)
    machine.qmp("inject-nmi")
    machine.qmp("cont")
    places = re.search(r"EIP=(\w+)(?s:.*)CS =(\w+)(?s:.*)IDT= +(\w+) (\w+)\s+CR0=(\w+)", registers)
    return ", NMI at eip {} cs {} idt {}/{} cr0 {}".format(*places.groups())


def in_bios(registers):
    """In the ROM, in whatever mode, on the way there with an IDT that lies there, or in SMM."""
    idt = int(re.search(r"IDT= +(\w+)", registers).group(1), 16)
    eip = int(re.search(r"EIP=(\w+)", registers).group(1), 16)
    cr0 = int(re.search(r"CR0=(\w+)", registers).group(1), 16)
    flat = cr0 & 1 and not cr0 >> 31 and (0xC0000 <= eip < 0x100000 or eip >= 0x400000)
    return flat or "CS =f000" in registers or 0xC0000 <= idt < 0x100000 or "SMM=1" in registers


def reference(controller):
    """What a good boot loads, and which sectors it reads: (Loaded, [lba])."""
    with tempfile.TemporaryDirectory(prefix="ascent-case-", dir=SCRATCH) as folder:
        trace = os.path.join(folder, "trace")
        with Qemu(*disk_arguments(DISK, controller, {}), "-d", "trace:blk_co_preadv",
                  "-D", trace) as machine:
            machine.wait_ready(60)
            loaded = Loaded(machine)
        return loaded, sectors_of(trace)


def sectors_of(trace):
    """The sectors behind the boot sector that were read, from QEMU's trace."""
    sectors = set()
    with open(trace, encoding="ascii", errors="replace") as file:
        for offset, length in re.findall(r"offset (\d+) bytes (\d+)", file.read()):
            sectors.update(range(int(offset) // SECTOR, (int(offset) + int(length)) // SECTOR))
    return sorted(sector for sector in sectors if 0 < sector < os.path.getsize(DISK) // SECTOR)


# The cases.


def fault(controller, sector, once):
    return Case("fault", f"sector {sector} fails {'once' if once else 'for ever'}", controller,
                READY if once else ERROR + "|" + READY,
                fault={"event": "none", "iotype": "read", "errno": 5, "sector": sector,
                       "once": "on" if once else "off"})


def lie(chosen, controller, sector, once):
    byte, mask = chosen.randrange(SECTOR), 1 << chosen.randrange(8)
    return Case("lie", f"sector {sector} byte {byte} bits {mask:02x} {'once' if once else 'always'}",
                controller, READY if once else ERROR + "|" + READY,
                rom={"name": "lie", "define": [f"FLIP_SECTOR={sector}", f"FLIP_BYTE={byte}",
                                               f"FLIP_MASK={mask}",
                                               f"FLIP_TIMES={1 if once else 255}"]})


def damage(chosen, controller, sector, how):
    def change(image):
        old = image.read(sector * SECTOR, SECTOR)
        new = {"zeros": bytes(SECTOR), "other": image.read(other * SECTOR, SECTOR),
               "bit": old[:byte] + bytes([old[byte] ^ mask]) + old[byte + 1:]}[how]
        image.patch(sector * SECTOR, new)
    byte, mask = chosen.randrange(SECTOR), 1 << chosen.randrange(8)
    other = sector + chosen.choice([-2, -1, 1, 2, 7, 64])
    what = {"zeros": "is zeros", "other": f"is sector {other}", "bit": f"byte {byte} bits {mask:02x}"}
    return Case("damage", f"sector {sector} {what[how]}", controller, ERROR + "|" + READY,
                change=change)


def mutation(chosen, controller):
    what, change, compare = mutations.choose(chosen)
    # A kernel with other program headers is another kernel: what it does is its own business.
    gone = "|gone|panic" if what.startswith("elf phdr") else ""
    return Case("mutation", what, controller, ERROR + "|" + READY + gone, change=change,
                compare=compare)


def nmi(chosen, controller):
    after = chosen.choice([chosen.uniform(0.05, 0.5), -chosen.uniform(0.0001, 0.2)])
    since = "power on" if after > 0 else "the first letter"
    return Case("nmi", f"{abs(after) * 1000:.1f} ms after {since}", controller,
                ERROR + "|" + READY, nmi_after=after)


def worse(mode):
    errors = [mode[key] for key in ("error", "or_error") if key in mode]
    allowed = "|".join(errors + ([] if "error" in mode else [READY]))
    return Case("worse", mode["name"], "ide", allowed, rom=mode, compare="")


def modes():
    """Every mode of the option ROM."""
    return [worse(mode) for mode in worse_bios.MODES if "serial" not in mode]


def make(kind, chosen, controller, sector):
    if kind in ("fault-once", "fault-ever"):
        return fault(controller, sector, kind == "fault-once")
    if kind in ("lie-once", "lie-ever"):
        return lie(chosen, controller, sector, kind == "lie-once")
    if kind in ("zeros", "other", "bit"):
        return damage(chosen, controller, sector, kind)
    if kind == "mutation":
        return mutation(chosen, controller)
    if kind == "nmi":
        return nmi(chosen, controller)
    assert kind == "worse", kind
    while "serial" in (mode := worse_bios.pair(chosen)):
        pass
    return worse(mode)


def cases(kinds, count, seed, sectors, controllers):
    """`count` cases of these kinds in turn. `sectors`: controller -> the sectors that it reads."""
    chosen = random.Random(seed)
    made = []
    for number in range(count):
        controller = controllers[number // len(kinds) % len(controllers)]
        made.append(make(kinds[number % len(kinds)], chosen, controller,
                         chosen.choice(sectors[controller])))
    return made


def every_sector(kinds, seed, sectors, controllers):
    chosen = random.Random(seed)
    return [make(kind, chosen, controller, sector) for controller in controllers for kind in kinds
            for sector in sectors[controller]]
