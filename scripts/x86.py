"""x86.py: takes apart what a 32-bit x86 keeps in tables and registers: descriptors, gates, page
tables, error codes; and what the loader left in memory. For GDB's commands (scripts/gdb) and
scripts/why. Lines look as the kernel's monitor prints them.

All of it is read through QEMU's own monitor, as GDB's protocol knows neither GDTR nor physical
addresses. Manual: SDM 3A §3.4.5, §4.3, §4.4, §6.11, §6.13."""

import os
import re
import struct

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

CR0_BITS = {31: "PG", 30: "CD", 29: "NW", 18: "AM", 16: "WP", 5: "NE", 4: "ET", 3: "TS", 2: "EM",
            1: "MP", 0: "PE"}
CR4_BITS = {21: "SMAP", 20: "SMEP", 18: "OSXSAVE", 17: "PCIDE", 14: "SMXE", 13: "VMXE", 11: "UMIP",
            10: "OSXMMEXCPT", 9: "OSFXSR", 8: "PCE", 7: "PGE", 6: "MCE", 5: "PAE", 4: "PSE",
            3: "DE", 2: "TSD", 1: "PVI", 0: "VME"}
EFER_BITS = {11: "NXE", 10: "LMA", 8: "LME", 0: "SCE"}
ENTRY_BITS = {0: "P", 1: "RW", 2: "US", 3: "PWT", 4: "PCD", 5: "A", 6: "D", 8: "G", 63: "NX"}
POINTER_BITS = {0: "P", 3: "PWT", 4: "PCD"}  # a pgd of PAE has no other (SDM 3A table 4-8)
CR0_PE, CR0_WP, CR0_PG, CR4_PSE, CR4_PAE, EFLAGS_IF = 1, 1 << 16, 1 << 31, 1 << 4, 1 << 5, 1 << 9
CACHE_BIG = 1 << 22  # D or B in the cached half of a descriptor
PRESENT, WRITE, USER, LARGE, NX = 1, 2, 4, 0x80, 1 << 63

EXCEPTIONS = {
    0: ("#DE", "divide error"), 1: ("#DB", "debug exception"), 2: ("NMI", "non-maskable interrupt"),
    3: ("#BP", "breakpoint"), 4: ("#OF", "overflow"), 5: ("#BR", "bound range exceeded"),
    6: ("#UD", "invalid opcode"), 7: ("#NM", "device not available"), 8: ("#DF", "double fault"),
    10: ("#TS", "invalid TSS"), 11: ("#NP", "segment not present"),
    12: ("#SS", "stack-segment fault"), 13: ("#GP", "general protection fault"),
    14: ("#PF", "page fault"), 16: ("#MF", "x87 floating-point error"),
    17: ("#AC", "alignment check"), 18: ("#MC", "machine check"),
    19: ("#XM", "SIMD floating-point exception"), 20: ("#VE", "virtualization exception"),
    21: ("#CP", "control protection exception"),
}
HAS_ERROR_CODE = {8, 10, 11, 12, 13, 14, 17, 21}
SELECTOR_ERROR = {10, 11, 12, 13}

SYSTEM_TYPES = {1: "TSS 16-bit, available", 2: "LDT", 3: "TSS 16-bit, busy", 4: "call gate 16-bit",
                5: "task gate", 6: "interrupt gate 16-bit", 7: "trap gate 16-bit",
                9: "TSS 32-bit, available", 11: "TSS 32-bit, busy", 12: "call gate 32-bit",
                14: "interrupt gate", 15: "trap gate"}
MEMORY_TYPES = {1: "usable", 2: "reserved", 3: "ACPI tables", 4: "ACPI NVS", 5: "bad"}
MAP_SOURCES = {1: "E820", 2: "E801", 3: "88h"}


def exception_name(vector):
    return EXCEPTIONS[vector][0] if vector in EXCEPTIONS else f"vector {vector:02x}h"


def named_bits(value, names):
    return " ".join(name for bit, name in names.items() if value >> bit & 1)


def changed_bits(old, new, names):
    """"PE 0 -> 1, WP 1 -> 0" """
    return ", ".join(f"{name} {old >> bit & 1} -> {new >> bit & 1}" for bit, name in names.items()
                     if (old ^ new) >> bit & 1)


# ---- descriptors and gates ---------------------------------------------------------------------

class Segment:
    """A descriptor of a segment, from its two words."""

    def __init__(self, low, high):
        self.base = low >> 16 | (high & 0xFF) << 16 | high & 0xFF000000
        self.limit = low & 0xFFFF | high & 0xF0000
        if high >> 23 & 1:
            self.limit = self.limit << 12 | 0xFFF
        self.type = high >> 8 & 15
        self.code_data = high >> 12 & 1
        self.dpl = high >> 13 & 3
        self.present = high >> 15 & 1
        self.big = high >> 22 & 1

    def __str__(self):
        if not self.code_data:
            text = SYSTEM_TYPES.get(self.type, "reserved type")
        else:
            if self.type & 8:
                text = "code, execute" + ("/read" if self.type & 2 else "-only")
                text += ", conforming" if self.type & 4 else ""
            else:
                text = "data, read" + ("/write" if self.type & 2 else "-only")
                text += ", expand-down" if self.type & 4 else ""
            text += ", accessed" if self.type & 1 else ""
            text += ", 32-bit" if self.big else ", 16-bit"
        return text + ("" if self.present else ", not present")


class Gate:
    def __init__(self, low, high):
        self.selector = low >> 16
        self.offset = low & 0xFFFF | high & 0xFFFF0000
        self.type = high >> 8 & 31  # with S, which is 0 in a gate
        self.dpl = high >> 13 & 3
        self.present = high >> 15 & 1

    def kind(self):
        return {14: "int", 15: "trap", 5: "task"}.get(self.type, "?")


# ---- error codes -------------------------------------------------------------------------------

def page_fault_bits(code):
    return " ".join(f"{name}={code >> bit & 1}" for bit, name in enumerate(["P", "W", "U", "RSVD",
                                                                            "I"]))


def selector_error(code):
    """(table, index, came from outside): what the error code of #TS, #NP, #SS, #GP names."""
    return "IDT" if code & 2 else "LDT" if code & 4 else "GDT", code >> 3, bool(code & 1)


# ---- the machine -------------------------------------------------------------------------------

class NotMapped(Exception):
    pass


def parse_registers(text):
    """A processor as QEMU prints it, in its monitor and in its log. Segments are (selector, base,
    limit, flags), GDT and IDT (base, limit)."""
    registers = {name: int(value, 16) for name, value in
                 re.findall(r"\b(E[A-Z]{2,3}|CR\d|A20|HLT|CPL)=([0-9a-f]+)", text)}
    for name, *words in re.findall(r"^(\w\w) ?=([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+)",
                                   text, re.M):
        registers[name] = tuple(int(word, 16) for word in words)
    for name, *words in re.findall(r"^(GDT|IDT)= +([0-9a-f]+) ([0-9a-f]+)", text, re.M):
        registers[name] = tuple(int(word, 16) for word in words)
    return registers


def code_bits(registers):
    """16 or 32: how the processor reads instructions, by the cache of CS."""
    return 32 if registers["CS"][3] & CACHE_BIG else 16


class Machine:
    """`monitor` gives a line to QEMU's monitor and returns what it printed."""

    def __init__(self, monitor):
        self.monitor = monitor

    def registers(self):
        registers = parse_registers(self.monitor("info registers"))
        masks = re.findall(r"imr=([0-9a-f]{2})", self.monitor("info pic"))
        if len(masks) == 2:  # QEMU names the second PIC first
            registers["PIC"] = int(masks[0] + masks[1], 16)
        return registers

    def physical(self, address, length):
        text = self.monitor(f"xp /{(length + 3) // 4}xw {address:#x}")
        words = re.findall(r"0x([0-9a-f]{8})\b", text)
        if "annot access" in text or len(words) * 4 < length:
            raise NotMapped(f"physical {address:08x} cannot be read")
        return b"".join(struct.pack("<I", int(word, 16)) for word in words)[:length]

    def linear(self, address, length, registers):
        """Memory as the processor would read it, page by page."""
        data = b""
        while len(data) < length:
            at = (address + len(data)) & 0xFFFFFFFF
            walk = self.walk(at, registers)
            if walk.physical is None:
                raise NotMapped(f"linear {at:08x} is not mapped")
            data += self.physical(walk.physical, min(length - len(data), 4096 - at % 4096))
        return data

    def walk(self, address, registers):
        return Walk(self, address, registers)

    def descriptor(self, selector, registers):
        """The segment that a selector names, or None behind the limit."""
        base, limit = registers["GDT"]
        if selector | 7 > limit:
            return None
        return Segment(*struct.unpack("<II", self.linear(base + (selector & ~7), 8, registers)))

    # What the commands of the same names print.

    def gdt(self, registers):
        base, limit = registers["GDT"]
        lines = [f"GDT at {base:08x}, limit {limit:x}"]
        entries = min((limit + 1) // 8, 64)
        if entries == 0:
            return lines + ["no descriptor fits below this limit"]
        words = struct.unpack(f"<{entries * 2}I", self.linear(base, entries * 8, registers))
        lines += ["selector base     limit    dpl type", "0000     null"]
        for index in range(1, entries):
            segment = Segment(*words[index * 2:index * 2 + 2])
            task = " (TR)" if index * 8 == registers["TR"][0] else ""
            lines.append(f"{index * 8:04x}     {segment.base:08x} {segment.limit:08x} "
                         f"{segment.dpl}   {segment}{task}")
        if entries < (limit + 1) // 8:
            lines.append(f"... and {(limit + 1) // 8 - entries} more")
        return lines

    def idt(self, registers):
        base, limit = registers["IDT"]
        if not registers["CR0"] & CR0_PE:
            return self._vectors(base, limit)
        vectors = min((limit + 1) // 8, 256)
        lines = [f"IDT at {base:08x}, limit {limit:x}; vector kind selector:offset dpl"]
        words = struct.unpack(f"<{vectors * 2}I", self.linear(base, vectors * 8, registers))
        gates = []
        for vector in range(vectors):
            gate = Gate(*words[vector * 2:vector * 2 + 2])
            if gate.present:
                gates.append(f"{vector:02x} {gate.kind():4} {gate.selector:04x}:{gate.offset:08x} "
                             f"{gate.dpl}")
        lines += ["  ".join(gates[at:at + 3]) for at in range(0, len(gates), 3)]
        return lines + [f"{len(gates)} gates present of {vectors}"]

    def _vectors(self, base, limit):
        """Real mode: four bytes a vector (SDM 3A §20.1.4)."""
        vectors = min((limit + 1) // 4, 256)
        lines = [f"IDT at {base:08x}, limit {limit:x}: real mode, vector segment:offset"]
        words = struct.unpack(f"<{vectors}I", self.physical(base, vectors * 4)) if vectors else ()
        entries = [f"{vector:02x} {word >> 16:04x}:{word & 0xFFFF:04x}"
                   for vector, word in enumerate(words)][:32]
        lines += ["  ".join(entries[at:at + 6]) for at in range(0, len(entries), 6)]
        return lines + ([f"... and {vectors - 32} more"] if vectors > 32 else
                        [] if vectors else ["no vector fits below this limit"])

    def page_directory(self, registers, root=None):
        """Runs of entries that map runs of memory with the same bits."""
        pae = registers["CR4"] & CR4_PAE
        if root is None:
            root = registers["CR3"]
            if not registers["CR0"] & CR0_PG:
                return [f"paging is off; CR3 is {root:08x}"]
        if not pae:
            return [f"page directory at {root & ~0xFFF:08x}, classic paging"] + \
                self._runs(root & ~0xFFF, 4, 1024, 22, 0, "")
        root &= ~0x1F
        lines = [f"page directory pointers at {root:08x}, PAE paging"]
        for index, entry in enumerate(struct.unpack("<4Q", self.physical(root, 32))):
            if entry & PRESENT:
                table = entry & 0xFFFFFFFFFF000
                lines.append(f"  [{index:03x}] = {entry:016x}  {named_bits(entry, POINTER_BITS)} "
                             f"-> table at {table:08x}")
                lines += self._runs(table, 8, 512, 21, index << 30, "  ")
            else:
                lines.append(f"  [{index:03x}] = {entry:016x}  not present")
        return lines

    def _runs(self, table, entry_bytes, count, shift, start, indent):
        data = self.physical(table, count * entry_bytes)
        entries = struct.unpack(f"<{count}{'Q' if entry_bytes == 8 else 'I'}", data)
        page = 1 << shift
        lines, index, present = [], 0, 0
        while index < count:
            entry = entries[index]
            end = index + 1
            if entry & PRESENT:
                step = page if entry & LARGE else 0
                while step and end < count and entries[end] == entry + (end - index) * step:
                    end += 1
                present += end - index
                where = f"{index:03x}" + (f"-{end - 1:03x}" if end > index + 1 else "")
                first, last = start + index * page, start + end * page - 1
                bits = named_bits(entry, ENTRY_BITS) + (" PS" if entry & LARGE else "")
                to = entry & 0xFFFFFFFFFF000
                to = f"physical {to:08x}" if entry & LARGE else f"table at {to:08x}"
                lines.append(f"{indent}  [{where}] = {entry:0{entry_bytes * 2}x}  "
                             f"{first:08x}-{last:08x} -> {to}  {bits}")
            index = end
        return lines + [f"{indent}  {present} of {count} entries are present"]

    # What the loader told the kernel.

    def boot_info(self, address=None):
        """boot_info by the names of its fields, or None where there is none."""
        text = header("boot_info.h")
        body = re.search(r"^struct boot_info \{(.*?)^\};", text, re.M | re.S).group(1)
        names = re.findall(r"^    uint32_t (\w+);", body, re.M)
        if address is None:
            address = constant("BOOT_INFO_ADDR")
        values = struct.unpack(f"<{len(names)}I", self.physical(address, 4 * len(names)))
        info = dict(zip(names, values))
        magic = int(re.search(r"^#define BOOT_MAGIC (\w+)", text, re.M).group(1), 0)
        return info if info["magic"] == magic else None

    def memory_maps(self):
        """From the kernel's copies once it has them: it gives the loader's memory away."""
        kernel = {name: address - constant("PAGE_OFFSET")
                  for name, address in symbols("kernel").items()}
        info = self.boot_info(kernel["boot_info"])
        if info:
            raw, sanitised = (
                (kernel[name], int.from_bytes(self.physical(kernel[name + "_count"], 4), "little"))
                for name in ("boot_raw_map", "boot_map"))
        else:
            info = self.boot_info()
            if not info or not info["map_count"]:
                return ["the loader has not asked the BIOS yet: that is step memory-map"]
            raw = info["raw_map_phys"], info["raw_map_count"]
            sanitised = info["map_phys"], info["map_count"]
        lines = [f"INT 15h {MAP_SOURCES.get(info['map_source'], 'unknown')} gave {raw[1]} ranges; "
                 f"sanitised, they are {sanitised[1]}",
                 "map base             length           type"]
        for name, (address, count) in (("raw", raw), ("map", sanitised)):
            for base, length, kind, _ in struct.iter_unpack("<QQII",
                                                            self.physical(address, count * 24)
                                                            if count else b""):
                lines.append(f"{name} {base:016x} {length:016x} {kind} "
                             f"{MEMORY_TYPES.get(kind, 'unknown')}")
        return lines


class Walk:
    """The way of a linear address through the page tables."""

    def __init__(self, machine, address, registers):
        self.address, self.steps, self.physical = address, [], None
        self.page_bytes, self.paging = 0, bool(registers["CR0"] & CR0_PG)
        self.writable = self.user = self.executable = True
        if not self.paging:
            self.physical = address
            return
        pae, pse = registers["CR4"] & CR4_PAE, registers["CR4"] & CR4_PSE
        self.mode = "PAE" if pae else "classic"
        self.entry_bytes = 8 if pae else 4
        self.levels = [("pgd", 30, 2), ("pmd", 21, 9), ("pte", 12, 9)] if pae else \
                      [("pgd", 22, 10), ("pte", 12, 10)]
        table = registers["CR3"] & (~0x1F if pae else ~0xFFF)
        for name, shift, bits in self.levels:
            index = address >> shift & (1 << bits) - 1
            entry = int.from_bytes(machine.physical(table + index * self.entry_bytes,
                                                    self.entry_bytes), "little")
            rights = not (pae and name == "pgd")
            last = name == "pte" or rights and bool(entry & LARGE) and bool(pae or pse)
            self.steps.append((name, table, index, entry, last, rights))
            self.page_bytes = 1 << shift
            if not entry & PRESENT:
                return
            if rights:
                self.writable &= bool(entry & WRITE)
                self.user &= bool(entry & USER)
                self.executable &= not entry & NX
            if last:
                offset = self.page_bytes - 1
                self.physical = entry & 0xFFFFFFFFFF000 & ~offset | address & offset
                return
            table = entry & 0xFFFFFFFFFF000

    def split(self):
        """The index bits of each level and those of the offset: "  11.000000000.100000000.000..." """
        bits, digits, at = f"{self.address:032b}", [], 0
        for _, shift, _ in self.levels[:len(self.steps)]:
            digits.append(bits[at:32 - shift])
            at = 32 - shift
        return "  " + ".".join(digits + [bits[at:]])

    def __str__(self):
        if not self.paging:
            return f"linear {self.address:08x}: paging is off, so it is physical {self.address:08x}"
        indexes = " ".join(f"{name} {index:03x}," for name, _, index, *_ in self.steps)
        lines = [f"linear {self.address:08x}, {self.mode} paging: {indexes} "
                 f"offset {self.address & self.page_bytes - 1:x}", self.split()]
        for name, table, index, entry, last, rights in self.steps:
            line = f"  {name} at {table:08x} [{index:03x}] = {entry:0{self.entry_bytes * 2}x}  "
            if not entry & PRESENT:
                lines.append(line + "not present")
                continue
            line += named_bits(entry, ENTRY_BITS if rights else POINTER_BITS)
            lines.append(line + ((" PS" if name != "pte" else "") if last else " -> table"))
        if self.physical is None:
            return "\n".join(lines + ["not mapped"])
        lines.append(f"physical {self.physical:08x}, {self.page_bytes // 1024} KB page, "
                     f"R{'W' if self.writable else '-'}{'X' if self.executable else '-'}, "
                     f"{'user' if self.user else 'supervisor only'}")
        return "\n".join(lines)


# ---- the sources and what was built from them --------------------------------------------------

def header(name):
    with open(os.path.join(REPOSITORY, "include/ascent", name), encoding="utf-8") as file:
        return file.read()


def constant(name):
    """A number of layout.h."""
    return int(re.search(rf"^#define {name} (\w+)", header("layout.h"), re.M).group(1), 0)


def boot_info_names(prefix):
    """{value: "rest of the name"} for the constants of boot_info.h with this prefix."""
    return {int(value, 0): name for name, value in
            re.findall(rf"\b{prefix}(\w+) (?:= )?(0x\w+|\d+)", header("boot_info.h"))}


def symbol_table(part):
    """[(address, name)] of build/PART.elf, or of a program as "user/init", in order."""
    path = f"build/{part}" + ("" if "/" in part else ".elf")
    with open(os.path.join(REPOSITORY, path), "rb") as file:
        elf = file.read()
    (sections_at,) = struct.unpack_from("<I", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 46)
    sections = [struct.unpack_from("<10I", elf, sections_at + i * size) for i in range(count)]
    table = next(section for section in sections if section[1] == 2)  # SHT_SYMTAB
    names = sections[table[6]][4]
    return sorted((value, elf[names + name:elf.index(b"\0", names + name)].decode())
                  for name, value, *_ in
                  struct.iter_unpack("<IIIBBH", elf[table[4]:table[4] + table[5]]) if name)


def symbols(part):
    """{name: address}. The parts have names in common."""
    return {name: address for address, name in symbol_table(part)}
