"""faults.py: reads QEMU's log of exceptions (-d int,cpu_reset), and says in plain words what
happened.

For scripts/why, which runs the machine and leaves it stopped, so that its registers, tables and
memory can be looked at (x86.Machine). Manual: SDM 3A §6.13 to §6.15, §4.7."""

import functools
import os
import re
import shutil
import subprocess

import x86
from x86 import exception_name

DOUBLE_FAULT, PAGE_FAULT, GENERAL_PROTECTION = 8, 14, 13
FETCH, USER, WRITE, RESERVED, PRESENT = 16, 4, 2, 8, 1

# What the exceptions without an error code mean, and where to look.
MEANING = {
    0: ("DIV or IDIV by zero, or the quotient is too large for its register.",
        "the divisor: the instruction is a division, and the register or memory behind it is 0."),
    1: ("A breakpoint register or EFLAGS.TF asked for it.", "who has set EFLAGS.TF or DR7."),
    2: ("The hardware raised it: memory parity, a watchdog.", "what the chipset has to say."),
    3: ("INT3 (byte CCh): a breakpoint, or code that ran into fill bytes.",
        "whether a breakpoint was meant; else how execution got there."),
    4: ("INTO found EFLAGS.OF set.", "the addition or subtraction before INTO."),
    5: ("BOUND found an index outside its bounds.", "the index, and the two bounds in memory."),
    6: ("The bytes there are no instruction of this processor.",
        "whether execution jumped into data, whether 16-bit code is read as 32-bit code or the "
        "other way round, and whether the processor has this instruction. UD2 (0f 0b) is set aside "
        "for code that must not be reached."),
    7: ("An x87, MMX or SSE instruction while CR0.TS or CR0.EM is 1.",
        "CR0: clear TS and EM, or compile with -mgeneral-regs-only."),
    8: ("An exception came while another one was being delivered.", "the first of the two."),
    16: ("The x87 reported an error at its next instruction.", "the x87 instructions before it."),
    17: ("A misaligned address in ring 3, with EFLAGS.AC and CR0.AM set.", "the address."),
    18: ("The processor found a hardware error.", "the machine-check registers."),
    19: ("An SSE instruction raised an unmasked error.", "MXCSR."),
}


class Exception_:
    """One `v=..` record of the log, with the processor as it was."""

    def __init__(self, head, dump):
        self.vector, self.code = int(head["v"], 16), int(head["e"], 16)
        self.software = head["i"] == "1"
        self.registers = x86.parse_registers(dump)


class Log:
    """The end of the log: how the last trouble began, and what came of it."""

    RECORD = re.compile(
        r"^ *\d+: v=(?P<v>[0-9a-f]+) e=(?P<e>[0-9a-f]+) i=(?P<i>\d) .*\n"
        r"(?P<dump>(?:(?!check_exc|Triple|Serv| *\d+: v=|SMM|CPU Reset).*\n?)*)", re.M)
    CHECK = re.compile(r"^check_exception old: (0x[0-9a-f]+) new (0x[0-9a-f]+)$", re.M)

    def __init__(self, text):
        events = [(match.start(), "record", Exception_(match, match["dump"]))
                  for match in self.RECORD.finditer(text)]
        events += [(match.start(), "check", (int(match[1], 16), int(match[2], 16)))
                   for match in self.CHECK.finditer(text)]
        events += [(match.start(), "irq", int(match[1], 16)) for match in
                   re.finditer(r"^Servicing hardware INT=(0x[0-9a-f]+)$", text, re.M)]
        events.sort(key=lambda event: event[0])
        self.triple = bool(re.search(r"^Triple fault", text, re.M))
        self.chain = []  # the vectors: the first, then what delivering it raised
        self.record = None  # of the first; real mode leaves none
        self.records = []  # all of the chain
        self.during = None  # the interrupt that could not be delivered, if it began so
        self.software = False  # ... and whether it was an INT
        self._read([event[1:] for event in events])

    def _read(self, events):
        last = next((at for at in range(len(events) - 1, -1, -1)
                     if self._is_exception(*events[at])), None)
        if last is None:
            return
        first = last
        for at in range(last, -1, -1):
            kind, value = events[at]
            if kind == "check":
                first = at
                if value[0] > 0xFF:  # ffffffff: no other was being delivered
                    break
            elif kind == "irq":
                break
        for kind, value in events[first:last + 1]:
            if kind == "check":
                self.chain.append(value[1])
            elif not self.records or value.vector != self.records[-1].vector:
                self.records.append(value)
        if not self.chain:  # INT3, INTO: not raised, but called
            self.chain = [self.records[-1].vector]
        self.record = next((record for record in self.records
                            if record.vector == self.chain[0]), None)
        for kind, value in reversed(events[max(0, first - 2):first]):
            if kind == "irq" or (kind == "record" and (value.software or value.vector >= 0x20)):
                vector = value if kind == "irq" else value.vector
                # Only when it is what the first error code names, where there is one.
                if not self.record or self.record.code == vector * 8 + 2:
                    self.during = vector
                    self.software = kind == "record" and value.software
                break

    @staticmethod
    def _is_exception(kind, value):
        return kind == "check" or (kind == "record" and value.vector < 0x20)


# ---- places in the source ----------------------------------------------------------------------

def part_of(address):
    """(ELF, address in it) of code at a linear address, or None: the BIOS, or no code at all."""
    start, offset = x86.constant("KERNEL_PHYS"), x86.constant("PAGE_OFFSET")
    loader, stage1 = x86.constant("STAGE2_ADDR"), x86.constant("STAGE1_ADDR")
    for virtual in (address, address + offset):
        if offset + start <= virtual < symbols("kernel").get("__kernel_end", 0):
            return "kernel", virtual
    if stage1 <= address < stage1 + x86.constant("SECTOR_SIZE"):
        return "stage1", address
    if loader <= address < x86.constant("CRC_TABLES_ADDR"):
        return "stage2", address
    return None


@functools.cache
def symbols(part):
    return x86.symbols(part)


def function_at(part, address):
    """"handover+46" """
    below = [symbol for symbol in x86.symbol_table(part)
             if symbol[0] <= address and not symbol[1].startswith(("__", "."))]
    value, name = below[-1] if below else (address, "?")
    return f"{name}+{address - value:#x}"


def source_at(part, address):
    """"stage2/handover.asm:62", or None."""
    # Code of a NASM macro has the lines of its definition: we look for where it was used.
    places = [place for place in addr2line(part, range(address, address - 24, -1)) if place]
    if not places:
        return None
    macro = macro_around(places[0])
    before = next((place for place in places if not macro_around(place)), None)
    if not macro or not before:
        return places[0]
    path, line = before.split(":")
    lines = source_lines(path)
    for number in range(int(line) + 1, len(lines) + 1):
        if lines[number - 1].split()[:1] == [macro]:
            return f"{path}:{number}"
    return places[0]


def addr2line(part, addresses):
    """"path:line" or None for each address."""
    names = [os.environ.get("CROSS", "none-") + "addr2line", "i686-elf-addr2line",
             "i686-linux-gnu-addr2line", "addr2line"]
    tool = next((name for name in names if shutil.which(name)), None)
    if not tool:
        return []
    elf = os.path.join(x86.REPOSITORY, f"build/{part}.elf")
    output = subprocess.run([tool, "-e", elf, *map(hex, addresses)], capture_output=True, text=True,
                            check=False).stdout
    matches = (re.match(r"(?:.*/)?((?:stage1|stage2|kernel|include)/\S+:\d+)", line)
               for line in output.splitlines())
    return [match and match[1] for match in matches]


@functools.cache
def source_lines(path):
    try:
        with open(os.path.join(x86.REPOSITORY, path), encoding="utf-8") as file:
            return file.read().splitlines()
    except OSError:
        return []


def macro_around(place):
    """The name of the NASM macro whose definition this line is in, or None."""
    path, line = place.split(":")
    name = None
    for text in source_lines(path)[:int(line)] if path.endswith(".asm") else ():
        words = text.split()
        if words[:1] == ["%macro"]:
            name = words[1]
        elif words[:1] == ["%endmacro"]:
            name = None
    return name


def source_text(place):
    path, line = place.split(":")
    lines = source_lines(path)
    text = lines[int(line) - 1] if int(line) <= len(lines) else ""
    return re.sub(r"\s+;.*|\s*/\*.*", "", text).strip()


def place_of(registers):
    """[source line, function and address]."""
    address = (registers["CS"][1] + registers["EIP"]) & 0xFFFFFFFF
    where = f"CS:EIP {registers['CS'][0]:04x}:{registers['EIP']:08x}"
    part = part_of(address)
    if part:
        place = source_at(*part)
        first = f"{place}  {source_text(place)}".rstrip() if place else "build/" + part[0] + ".elf"
        return [first, f"{function_at(*part)}, {where}"]
    if 0xC0000 <= address < 0x100000:
        return ["code of the BIOS", where]
    return ["no code of ours: execution has gone astray", where]


def mode_of(registers):
    cr0 = registers["CR0"]
    paging = "paging on" if cr0 & x86.CR0_PG else "paging off"
    mode = f"protected mode, {paging}" if cr0 & x86.CR0_PE else "real mode"
    return f"{mode}, {x86.code_bits(registers)}-bit code"


# ---- what happened -----------------------------------------------------------------------------

def title(vector, record):
    name = x86.EXCEPTIONS.get(vector, ("", "reserved"))[1]
    text = f"{exception_name(vector)}: {name} (vector {vector})"
    if record and vector in x86.HAS_ERROR_CODE:
        text += f", error code {record.code:04x}"
    return text


def explain(log, machine, registers):
    """(where, why, then, hint) of the first exception of the chain; lines, sentences. `registers`
    serve where the log has none."""
    vector = log.chain[0]
    registers = log.record.registers if log.record else registers
    if log.during is not None:
        why, hint = undelivered(log.during, log.software, registers)
    elif vector == PAGE_FAULT and log.record:
        why, hint = page_fault(log.record, machine)
    elif vector in x86.SELECTOR_ERROR and log.record:
        why, hint = selector(log.record, machine)
    else:
        why, hint = ([text] for text in MEANING.get(vector, ("", "the manual: SDM 3A §6.15.")))
        if vector == 6:
            why = why + bytes_there(machine, registers)
    return place_of(registers) + [mode_of(registers)], why, delivery(log, machine, registers), hint


def bytes_there(machine, registers):
    try:
        data = machine.linear((registers["CS"][1] + registers["EIP"]) & 0xFFFFFFFF, 8, registers)
    except x86.NotMapped:
        return []
    return ["The bytes there: " + data.hex(" ")]


def undelivered(vector, software, registers):
    """An interrupt that the table has no entry for."""
    base, limit = registers["IDT"]
    # IRQ 0 is vector 8 to the BIOS, 20h to our kernel.
    source = {0x08: " (IRQ 0, the timer)", 0x09: " (IRQ 1, the keyboard)",
              0x20: " (IRQ 0, the timer)", 0x21: " (IRQ 1, the keyboard)"}.get(vector, "")
    what = f"Interrupt {vector:02x}h came{source}"
    if software:
        what = f"INT {vector:02x}h was executed"
    kind = "IDT" if registers["CR0"] & x86.CR0_PE else "interrupt table"
    hint = "the number behind INT, and how many gates the IDT has." if software else (
        "who has let interrupts in (STI, EFLAGS.IF; the PICs' masks) while there is no table for "
        "them.")
    return ([f"{what}, and the processor looked for entry {vector:02x}h of the {kind} at "
             f"{base:08x}: it lies beyond the limit in IDTR, {limit:x}h."], [hint])


def selector(record, machine):
    """#TS, #NP, #SS, #GP: SDM 3A §6.13."""
    code, registers = record.code, record.registers
    if code == 0:
        return (["Error code 0: it is not about one descriptor. A privileged instruction, a null "
                 "selector, an offset beyond a segment's limit, or a reserved bit of a control "
                 "register."], ["the instruction itself: what it may not do in this state."])
    table, index, external = x86.selector_error(code)
    base, limit = registers["IDT" if table == "IDT" else "GDT"]
    why = [f"Error code {code:04x} names entry {index:x}h of the {table}"
           + (", while an event from outside was delivered." if external else ".")]
    if table == "LDT":
        return why, ["the selector: bit 2 (TI) is set, and there is no LDT."]
    if index * 8 + 7 > limit:
        why.append(f"The {table} at {base:08x} ends before it: the limit in {table}R is "
                   f"{limit:x}h.")
        if table == "IDT":
            return why, ["who raised this vector, and how many gates the IDT has."]
        return why, [f"{table}R (LGDT: base and limit), and the selector {code & ~7:04x}."]
    try:
        if table == "IDT":
            return why, [f"the gate: {'; '.join(machine.idt(registers)[:1])}."]
        descriptor = machine.descriptor(code & 0xFFF8, registers)
    except x86.NotMapped as error:
        return why + [f"The {table} cannot be read: {error}."], [f"the base in {table}R."]
    why.append(f"Selector {code & ~7:04x} is: base {descriptor.base:08x}, limit "
               f"{descriptor.limit:08x}, {descriptor}.")
    if not descriptor.present:
        return why, [f"the descriptor at {base + index * 8:08x}: its P bit (bit 7 of byte 5) is 0."]
    return why, ["whether that register may hold such a segment: code in CS, writable data in SS, "
                 "and the privilege level."]


def page_fault(record, machine):
    """SDM 3A §4.7. The walk is done now, on the tables as the machine left them."""
    code, registers = record.code, record.registers
    address = registers["CR2"]
    fetch = code & FETCH or address == (registers["CS"][1] + registers["EIP"]) & 0xFFFFFFFF
    access = "fetched an instruction at" if fetch else "wrote to" if code & WRITE else "read"
    why = [f"The processor {access} linear address {address:08x}, which is in CR2. "
           f"Error code {code:x}: {x86.page_fault_bits(code)}."]
    walk = machine.walk(address, registers)
    if code & RESERVED:
        why.append("A bit that must be 0 is set in an entry on the way.")
        hint = "the entry: bits above the physical address, or NX without EFER.NXE."
    elif code & PRESENT:
        why.append("The page is there, but " + (
            "execution is forbidden (NX)." if code & FETCH else
            "ring 3 may not touch it (U/S = 0)." if code & USER and not walk.user else
            "it is read-only (R/W = 0, and CR0.WP makes that count in ring 0)." if code & WRITE else
            "this ring may not touch it."))
        hint = "the pointer; which rights each part of the kernel has, `mem` says at its prompt."
    else:
        why.append(missing_entry(walk))
        hint = missing_hint(address, fetch, registers, machine)
    return why + str(walk).splitlines(), [hint]


def missing_entry(walk):
    if walk.physical is not None:
        return "The tables map it now: they were changed, or CR3 was loaded, after the fault."
    name, table, index, entry, *_ = walk.steps[-1]
    kind = {"pgd": "page directory", "pmd": "page directory", "pte": "page table"}[name]
    if name == "pgd" and walk.mode == "PAE":
        kind = "page directory pointer table"
    return f"Entry {index:03x}h of the {kind} at {table:08x} is {entry:x}: P = 0, not present."


def missing_hint(address, fetch, registers, machine):
    offset = x86.constant("PAGE_OFFSET")
    for name in ("kernel_stack_guard", "double_fault_stack_guard"):
        if 0 <= address - symbols("kernel").get(name, 0) < 4096:
            return (f"the depth of calls: the address is in {name}, the page below a stack that is "
                    "unmapped on purpose.")
    directory = "\n".join(machine.page_directory(registers))
    if not re.search(r"-> (physical|table)", directory):
        info = machine.boot_info()
        built = (f" The loader built its directory at {info['page_directory_phys']:08x}."
                 if info else "")
        return (f"CR3 ({registers['CR3']:08x}): no entry at all is present in the table that it "
                f"points to.{built}")
    if fetch and address < offset:
        return ("the identity map: CR0.PG = 1 makes EIP a linear address, and the next instruction "
                "still lies at its physical address. It has to be mapped there "
                "(stage2/pm/page_tables.c), until the jump to C0000000h and above.")
    if fetch:
        return ("the map at C0000000h: the kernel is linked there, and the jump to it needs its "
                "entries (stage2/pm/page_tables.c).")
    if 0 < registers["ESP"] - address <= 64:
        return f"ESP ({registers['ESP']:08x}): it was a push, and the stack is not mapped."
    if address < 4096:
        return "a null pointer: page 0 is not mapped on purpose."
    if address < offset:
        return ("a physical address used as a pointer, or a damaged one: the kernel maps nothing "
                "below C0000000h.")
    return "the pointer; what is mapped is listed by `mem` at the kernel's prompt."


# ---- what came of it ---------------------------------------------------------------------------

def delivery(log, machine, registers):
    """How an exception became a triple fault (SDM 3A §6.15, interrupt 8)."""
    if not log.triple:
        return [f"Delivering {exception_name(a)} raised {exception_name(b)}: together that is #DF, "
                "the double fault." for a, b in zip(log.chain, log.chain[1:])]
    name = exception_name(log.chain[0])
    cause = no_gate(log.chain[0], machine, registers)
    if cause is None and len(log.chain) > 1:
        cause = f"Its gate is there, but delivering it raised {exception_name(log.chain[1])}"
    return [f"{cause or 'No handler could be called'}: so the {name} could not be delivered.",
            "That raised #DF, the double fault, which could not be delivered either.",
            "A third failure is a triple fault: the processor stops, and the PC resets."]


def no_gate(vector, machine, registers):
    """Why there is no handler for a vector, or None when there is one."""
    base, limit = registers["IDT"]
    real = not registers["CR0"] & x86.CR0_PE
    last = vector * 4 + 3 if real else vector * 8 + 7
    if limit == 0:
        return "There is no IDT (the limit in IDTR is 0)"
    if last > limit:
        return f"Gate {vector:x}h lies beyond the limit of the IDT, {limit:x}h"
    if real:
        return None
    try:
        low, high = (int.from_bytes(machine.linear(base + vector * 8 + at, 4, registers), "little")
                     for at in (0, 4))
    except x86.NotMapped:
        return f"The IDT at {base:08x} is not mapped"
    return None if high & 0x8000 else f"Gate {vector:x}h of the IDT is not present"


def table_of(log):
    """The exceptions of the chain, a line each."""
    for record in log.records:
        registers = record.registers
        yield (f"{exception_name(record.vector)} e={record.code:04x} at "
               f"{registers['CS'][0]:04x}:{registers['EIP']:08x} CR0={registers['CR0']:08x} "
               f"CR2={registers['CR2']:08x} CR3={registers['CR3']:08x}")
    if not log.records:
        yield "in real mode QEMU logs no registers; those shown are of the stopped machine"
    if log.triple:
        yield "triple fault"
