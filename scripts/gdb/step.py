"""step.py: GDB stops before and after each step of steps.def, and shows what changed.

Before: at the line of source that makes the step. After: where the code records it, at the entry of
step(), pm_step(), step_record() or step_record_event(). `make step-gdb` loads this with GDB at 7C00;
docs/debugging.md explains it.

The lines that make the steps of the first program run many times: they stop GDB only when the step
before has been made, and for ring 3. At IRET the kernel records the step before it is made, as it
cannot afterwards: GDB stops at the IRET itself, and at the first instruction of ring 3."""

import struct

import gdb
import steps
import x86
from commands import machine

STEPS = {step["number"]: step for step in steps.table() + steps.others()}
NUMBER = {step["name"]: step["number"] for step in STEPS.values()}
LAST = steps.last()
OTHERS_LAST = [NUMBER[name] for name in steps.LAST_OF_OTHERS]
BOOT_LAST = NUMBER["irq-on"]  # those that follow are the first program's
VECTOR_PF = 14
INT_80H = ("user/lib/start.asm", "syscall.enter")  # the line and its symbol, of our own init

before_at = {}  # address: number of the step
after_at = set()  # where a step is recorded, with its number in EAX
state = {}  # registers at ("before" or "after", number)
position = None  # "before" or "after", and the number
over = False  # no step comes any more
held_back = None  # a list, when `next-step` wants the block for itself


# ---- what changed ------------------------------------------------------------------------------

CONTROL = (("CR0", x86.CR0_BITS), ("CR3", {}), ("CR4", x86.CR4_BITS), ("EFER", x86.EFER_BITS),
           ("EFL", {9: "IF"}))
SEGMENTS = ("CS", "DS", "ES", "FS", "GS", "SS", "TR")


def cached(old, new):
    """What changed in the half of a segment register that no instruction shows: what the descriptor
    said when the register was loaded."""
    for name, a, b in (("base", old[1], new[1]), ("limit", old[2], new[2])):
        if a != b:
            yield f"{name} {a:08x} -> {b:08x}"
    if (old[3] ^ new[3]) & x86.CACHE_BIG:
        a, b = ("32" if segment[3] & x86.CACHE_BIG else "16" for segment in (old, new))
        yield f"{a}-bit -> {b}-bit"


def changes(old, new):
    for name, bits in CONTROL:
        a, b = old.get(name, 0), new.get(name, 0)
        named = x86.changed_bits(a, b, bits)
        if named or (a != b and name == "CR3"):
            label = "EFLAGS" if name == "EFL" else name
            yield f"{label:6} {a:08x} -> {b:08x}  {named}".rstrip()
    if old["CPL"] != new["CPL"]:
        yield f"CPL    {old['CPL']} -> {new['CPL']}"
    if old["A20"] != new["A20"]:
        yield f"A20    {old['A20']} -> {new['A20']}"
    for name in ("GDT", "IDT"):
        if old[name] != new[name]:
            yield (f"{name}R   {old[name][0]:08x}/{old[name][1]:04x} -> "
                   f"{new[name][0]:08x}/{new[name][1]:04x}  base/limit")
    alike = {}
    for name in SEGMENTS:
        what = ", ".join(cached(old[name], new[name]))
        if what or old[name][0] != new[name][0]:
            what = "  in its cache: " + what if what else ""
            alike.setdefault(f"{old[name][0]:04x} -> {new[name][0]:04x}{what}", []).append(name)
    for what, names in alike.items():
        yield f"{' '.join(names):6} {what}"
    if old.get("PIC") != new.get("PIC"):
        yield (f"PICs   masks {old['PIC'] >> 8:02x} {old['PIC'] & 255:02x} -> "
               f"{new['PIC'] >> 8:02x} {new['PIC'] & 255:02x}  second, first; 1 = IRQ held back")


def loader_directory(_):
    return machine.page_directory({"CR4": 0}, machine.boot_info()["page_directory_phys"])


def entry_state(_):
    """What stage 1 pushes before anything else: struct entry_state in stage2/step.c."""
    words = struct.unpack("<11H", machine.physical(x86.constant("ENTRY_STATE_ADDR"), 22))
    _, _, sp, _, cs, drive, ss, _, es, ds, flags = words
    return [f"recorded only now. The BIOS entered with CS {cs:04x}, DS {ds:04x}, ES {es:04x}, "
            f"SS:SP {ss:04x}:{sp:04x}, FLAGS {flags:04x}, DL {drive & 255:02x} (drive)"]


def cpu(_):
    flags = machine.boot_info()["cpu_flags"]
    names = x86.boot_info_names("BOOT_CPU_")
    return ["the processor has " + (" ".join(name for bit, name in names.items() if flags & bit) or
                                    "nothing that a 486 lacks")]


def a20(_):
    method = x86.boot_info_names("A20_").get(machine.boot_info()["a20_method"], "unknown")
    return ["A20 " + {"WAS_ON": "was on from the start"}.get(
        method, "came on by " + method.lower().replace("_", " "))]


def kernel_loaded(_):
    info = machine.boot_info()
    return [f"kernel at physical {info['kernel_phys']:08x}-{info['kernel_phys_end'] - 1:08x}, "
            f"entry point {info['kernel_entry']:08x}"]


def kernel_entry(registers):
    return [f"EIP is {registers['EIP']:08x}, ESP {registers['ESP']:08x}"]


def trap_frame(registers):
    """struct pt_regs of ring 3, at the top of the kernel stack that the TSS names."""
    names = ("cr2", "edi", "esi", "ebp", "unused_esp", "ebx", "edx", "ecx", "eax", "ds", "es", "fs",
             "gs", "vector", "error_code", "eip", "cs", "eflags", "esp", "ss")
    (esp0,) = struct.unpack("<I", machine.linear(registers["TR"][1] + 4, 4, registers))
    words = machine.linear(esp0 - 4 * len(names), 4 * len(names), registers)
    return dict(zip(names, struct.unpack(f"<{len(names)}I", words)), esp0=esp0)


def iret_frame(registers):
    words = struct.unpack("<5I", machine.linear(registers["ESP"], 20, registers))
    return [f"at ESP {registers['ESP']:08x}: EIP {words[0]:08x}, CS {words[1]:04x}, EFLAGS "
            f"{words[2]:08x}, ESP {words[3]:08x}, SS {words[4]:04x}: CPL will be {words[1] & 3}"]


def ring3(registers):
    return [f"EIP is {registers['EIP']:08x}, SS:ESP {registers['SS'][0]:04x}:{registers['ESP']:08x}: "
            f"the program's", f"TSS.ESP0 is {trap_frame(registers)['esp0']:08x}: where it comes back"]


def page_fault(registers):
    frame = trap_frame(registers)
    return [f"CR2 {frame['cr2']:08x}, error code {frame['error_code']:x} "
            f"({x86.page_fault_bits(frame['error_code'])}), EIP {frame['eip']:08x}"]


def page_that_came(registers):
    return page_fault(registers) + str(machine.walk(trap_frame(registers)["cr2"], registers)).splitlines()


def system_call(registers):
    frame = trap_frame(registers)
    return [f"EAX {frame['eax']:08x} EBX {frame['ebx']:08x} ECX {frame['ecx']:08x} EDX {frame['edx']:08x}",
            f"pushed below TSS.ESP0 {frame['esp0']:08x}: SS {frame['ss']:04x}, ESP {frame['esp']:08x}, "
            f"EFLAGS {frame['eflags']:08x}, CS {frame['cs']:04x}, EIP {frame['eip']:08x}"]


# What a step made, beside registers.
MADE = {
    1: entry_state, 3: cpu, 4: a20, 5: lambda _: machine.memory_maps(), 6: kernel_loaded,
    8: machine.gdt, 12: loader_directory, 15: kernel_entry, 16: machine.gdt, 17: machine.idt,
    18: machine.page_directory, 19: machine.page_directory, 21: machine.page_directory, 22: ring3,
    23: page_that_came, 24: system_call, 25: page_that_came,
}

# What is there before it.
THERE = {22: iret_frame, 23: page_fault, 25: page_fault}


# ---- the blocks --------------------------------------------------------------------------------

def instruction(code, registers):
    """The next instruction as GDB decodes it now, where it is the one of the source."""
    line = gdb.execute("disassemble /r $pc,+1", to_string=True).splitlines()[1].replace("=>", "")
    place, data, text = (" ".join(part.split()) for part in line.split("\t", 2))
    if text.startswith(code.replace("o32 ", "").replace("iretd", "iret").split()[0]):
        yield f"  {place} {data}  {text}  ({x86.code_bits(registers)}-bit code)"


def block_before(number, registers):
    step = STEPS[number]
    lines = [f"before {number:02} {step['name']}  {step['file']}:{step['line']}  {step['code']}"]
    lines += instruction(step["code"], registers)
    lines.append(f"  then: {step['happened']}")
    lines.append(f"  without it: {step['without']}")
    if position and number == 1:
        lines.insert(0, "The machine has reset, and begins again. `make why` says why it did.")
    if number > 2:
        lines += ["  since the last step: " + line
                  for line in changes(state.get(("after", number - 1), registers), registers)]
    if number in THERE:
        lines += ["  " + line for line in THERE[number](registers)]
    return lines


def block_after(number, registers):
    step = STEPS[number]
    lines = [f"after {number:02} {step['name']}  {step['happened']}"]
    changed = list(changes(state.get(("before", number), registers), registers))
    if number == 1:
        changed = []  # between them lies all of stage 1
    lines += ["  " + line for line in changed]
    if number in MADE:
        lines += ["  " + line for line in MADE[number](registers)]
    elif not changed:
        lines.append("  no control, segment or table register has changed")
    return lines


def show(lines):
    if held_back is None:
        print("\n".join([""] + lines))
    else:
        held_back.extend(lines)


def place_of(registers):
    """("before" or "after", number) of the step that the machine is at, or None."""
    address = (registers["CS"][1] + registers["EIP"]) & 0xFFFFFFFF
    if address in before_at:
        return "before", before_at[address]
    if position == ("before", NUMBER["ring3"]) and registers["CPL"] == 3:
        return "after", NUMBER["ring3"]
    if address in after_at:
        return "after", registers["EAX"]  # the argument: all is compiled with -mregparm=3
    return None


def at_stop(_=None):
    """At every stop of GDB: is this place a step?"""
    global position, over
    registers = machine.registers()
    place = place_of(registers)
    if place is None:
        if registers["EIP"] == MONITOR and position and position[1] < LAST:
            over = True
            show(["That was the last step: no program runs, and the kernel's monitor begins."])
        return
    when, number = position = place
    # the jump to another kernel is recorded before it is made, and nothing of ours runs after it
    over = position == ("after", LAST) or (when == "before" and number in OTHERS_LAST)
    show((block_before if when == "before" else block_after)(number, registers))
    state[position] = registers
    if position == ("before", NUMBER["ring3"]):
        (entry,) = struct.unpack("<I", machine.linear(registers["ESP"], 4, registers))
        stop = gdb.Breakpoint(f"*{entry:#x}", gdb.BP_HARDWARE_BREAKPOINT, internal=True, temporary=True)
        stop.silent = True


# ---- commands ----------------------------------------------------------------------------------

class NextStep(gdb.Command):
    """Lets the machine run to the next stop: before or after a step, or a breakpoint of yours.

`continue` does the same with more words from GDB."""

    def invoke(self, argument, from_tty):
        global held_back
        if over:
            print("That was the last step. `continue` lets the kernel run; Ctrl+C stops it.")
            return
        held_back = []
        try:
            said = gdb.execute("continue", to_string=True)
        finally:
            block, held_back = held_back, None
        print("\n".join([""] + block) if block else said.rstrip())


def function_entries(name):
    """Addresses of all functions of this name, in front of their prologues."""
    for place in gdb.decode_line(name)[1] or ():
        block = gdb.block_for_pc(place.pc)
        while not block.function:
            block = block.superblock
        yield block.start


def addresses_of(step):
    if step["file"] == INT_80H[0]:
        return [x86.symbols("user/init")[INT_80H[1]]]
    places = gdb.decode_line(f"{step['file']}:{step['line']}")[1]
    if BOOT_LAST < step["number"] <= LAST:
        return [place.pc for place in places]  # a function that is built in at several places
    place = places[0]
    # A line that is nothing but a call, built in here, is unknown to GDB: it gives the next one.
    before = gdb.block_for_pc(place.pc - 1)
    if place.line != step["line"] and before and str(before.function) == step["code"].split("(")[0]:
        return [before.start]
    return [place.pc]


def is_of_ring3(number, registers):
    if number in (NUMBER["cr3-switch"], NUMBER["syscall"]):
        return True
    if number == NUMBER["ring3"]:
        return struct.unpack("<2I", machine.linear(registers["ESP"], 8, registers))[1] & 3 == 3
    return trap_frame(registers)["vector"] == VECTOR_PF


class Stop(gdb.Breakpoint):
    """Hardware: loading code writes over the others."""

    def __init__(self, address):
        super().__init__(f"*{address:#x}", gdb.BP_HARDWARE_BREAKPOINT, internal=True)
        self.address = address
        self.silent = True

    def stop(self):
        number = before_at.get(self.address, 0)
        if number <= BOOT_LAST or number > LAST:
            return self.address not in after_at or machine.registers()["EAX"] != NUMBER["ring3"]
        return position == ("after", number - 1) and is_of_ring3(number, machine.registers())


MONITOR = gdb.block_for_pc(gdb.decode_line("monitor_main")[1][0].pc).start
for step in STEPS.values():
    before_at.update(dict.fromkeys(addresses_of(step), step["number"]))
for name in ("step", "step_record", "step_record_event"):
    after_at.update(function_entries(name))
STOPS = [Stop(address) for address in (*before_at, *after_at, MONITOR)]

NextStep("next-step", gdb.COMMAND_RUNNING)
gdb.execute("alias ns = next-step")
gdb.events.stop.connect(at_stop)
print("\nstep by step: next-step (ns) or continue; "
      "look around with gdt, idt, pd, pt, e820, where16.\n`help user-defined` lists the commands.")
at_stop()
