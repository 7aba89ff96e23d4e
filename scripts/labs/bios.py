"""A BIOS of ours in place of bios_int(): it answers what a loader asks, and keeps the questions."""

import struct

# struct bios_regs (include/ascent/bios_regs.h).
REGS = struct.Struct("<8I2HI")
NAMES = ("edi", "esi", "ebp", "unused", "ebx", "edx", "ecx", "eax", "es", "ds", "eflags")
CARRY = 1
EAX, EDX = 0, 2


def registers(machine):
    """(vector, address of the struct, {name: value}) at the start of bios_int(vector, regs)."""
    address = machine.stub.register(EDX)
    return machine.stub.register(EAX) & 0xFF, address, \
        dict(zip(NAMES, REGS.unpack(machine.read(address, REGS.size))))


def answer(machine, address, regs):
    machine.write(address, REGS.pack(*(regs[name] for name in NAMES)))
    machine.returns()


class Bios:
    """INT 13h of a disk with (sectors per track, heads), that reads nothing, or fails."""

    def __init__(self, geometry, fails=False):
        self.geometry, self.fails = geometry, fails
        self.reads = []

    def serve(self, machine):
        vector, address, regs = registers(machine)
        if vector != 0x13:
            return
        function, carry = regs["eax"] >> 8 & 0xFF, 0
        if function == 0x08:
            regs["ecx"] = 0xFF00 | self.geometry[0] | 0xC0
            regs["edx"] = (self.geometry[1] - 1) << 8 | 1
        elif function == 0x02:
            cx, dx = regs["ecx"], regs["edx"]
            self.reads.append({"cylinder": cx >> 8 & 0xFF | (cx & 0xC0) << 2, "sector": cx & 0x3F,
                               "head": dx >> 8 & 0xFF, "drive": dx & 0xFF, "sectors": regs["eax"] & 0xFF,
                               "address": regs["es"] * 16 + (regs["ebx"] & 0xFFFF)})
            carry = CARRY if self.fails else 0
        elif function != 0:
            carry = CARRY
        regs["eax"] = regs["eax"] & 0xFF | (0x0400 if carry else 0)
        regs["eflags"] = regs["eflags"] & ~CARRY | carry
        answer(machine, address, regs)


class MemoryBios:
    """INT 15h E820 with this list of (base, length, type), as BIOSes give it: the end is EBX = 0, or
    CF = 1 one call later, or there is none (`ends`: "zero", "carry", "never"); `forgets`: from that call
    on, the signature is lost."""

    SMAP = 0x534D4150

    def __init__(self, ranges, ends="zero", forgets=None, first=0x1234):
        self.ranges, self.ends, self.forgets, self.first = ranges, ends, forgets, first
        self.calls = 0
        self.faults = []

    def serve(self, machine):
        vector, address, regs = registers(machine)
        if vector != 0x15 or regs["eax"] & 0xFFFF != 0xE820:
            return
        at = regs["ebx"] - self.first if regs["ebx"] else 0
        if regs["edx"] != self.SMAP:
            self.faults.append(f"EDX is {regs['edx']:08X} at call {self.calls + 1}, not 'SMAP'")
        if regs["ecx"] < 20:
            self.faults.append(f"ECX is {regs['ecx']} at call {self.calls + 1}: an answer has 20 bytes")
        if regs["ebx"] and not 0 <= at <= len(self.ranges):
            self.faults.append(f"EBX is {regs['ebx']:X} at call {self.calls + 1}, which no call has answered")
            at = len(self.ranges)
        if self.ends == "never":
            at %= len(self.ranges)
        self.calls += 1
        regs["eax"], regs["ecx"] = self.SMAP, 20
        regs["eflags"] &= ~CARRY
        if at >= len(self.ranges) or not 0 <= at or self.calls > 1300:
            regs["eflags"] |= CARRY
            regs["eax"] = 0x8600
        else:
            place = (regs["es"] * 16 + (regs["edi"] & 0xFFFF)) & 0xFFFFF
            machine.write(place, struct.pack("<QQI", *self.ranges[at]))
            last = at == len(self.ranges) - 1
            regs["ebx"] = 0 if last and self.ends == "zero" else self.first + at + 1
        if self.forgets is not None and self.calls > self.forgets:
            regs["eax"] = 0
        regs["edx"] = 0  # it may change what is no answer
        answer(machine, address, regs)
