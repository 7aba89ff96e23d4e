"""What the screen of a step marks as changed, held against QEMU: its registers and its memory at this
stop and at the stop before. A class that is told of each stop in turn."""

import re

from step import registers as said_registers
from step import table
from x86 import CR0_PG, Segment
from x86 import Machine as Outside

FIRST_GDT, FIRST_DIRECTORY, KERNEL_GDT, KERNEL_IDT = 8, 12, 16, 17
PAGE_DIRECTORY, DIRECTORY_STEPS = 0x1C000, (12, 13, 14, 15)
PAGE_STEPS = (18, 19, 21)
MARK = re.compile("\033\\[([07])m")
VGA_MARKED = 0x1F
NAMES = {1: "P", 2: "RW", 0x20: "A", 0x40: "D", 0x80: "PS"}


def rows_of(screen, number):
    """The 25 rows of a stop: [(text, the columns that are marked)]."""
    lines = screen[screen.index(f"@STEP {number:02d} "):].splitlines()[1:26]
    rows = []
    for line in lines:
        text, marked, on = "", set(), False
        for part in re.split("(\033\\[[07]m)", line):
            match = MARK.fullmatch(part)
            if match:
                on = match.group(1) == "7"
                continue
            marked |= set(range(len(text), len(text) + len(part))) if on else set()
            text += part
        rows.append((text, marked))
    return rows


class Marks:
    def __init__(self, machine):
        self.machine = machine
        self.outside = Outside(machine.hmp)
        self.gdt = self.idt = b""  # as they were at the stop before
        self.directory = None
        self.pages = {}            # linear address: the entry when it was last shown
        self.said = None           # the @STEP line of the stop before

    def check(self, number, stepper):
        name, jump = (table()[number - 1][key] for key in ("name", "jump"))
        self.rows = rows_of(stepper.screen, number)
        self.on_the_screen()
        said = said_registers(re.search(rf"^@STEP {number:02d} .*$", stepper.screen, re.M).group())
        self.places(name, jump, said)
        self.said = said
        if number < FIRST_GDT:
            return
        self.cpu = self.outside.registers()
        self.gdt = self.descriptors(number)
        self.idt = self.gates(number)
        if number >= FIRST_DIRECTORY and number in DIRECTORY_STEPS:
            self.directory = self.entries(name)
        if number in PAGE_STEPS:
            self.walks()

    def on_the_screen(self):
        """What COM1 marks, the VGA screen shows in its other colours."""
        cells = self.machine.read_physical(0xB8000, 80 * 25 * 2)
        for index, (text, marked) in enumerate(self.rows):
            colours = cells[index * 160 + 1:index * 160 + 160:2]
            assert {at for at, colour in enumerate(colours) if colour == VGA_MARKED} == marked, text

    def places(self, name, jump, said):
        """EIP and ESP have their value before, where the machine has jumped or changed the stack."""
        for register in ("eip", "esp"):
            row, marked = next(row for row in self.rows if row[0].startswith(f"  {register.upper()} "))
            shown = re.match(r"  \w+ +(?:(\w{8}) -> )?(\w{8}) ", row)
            assert shown[2] == said[register].upper()
            if self.said is None:
                continue
            before = self.said[register].upper()
            if name == "syscall":  # by what the processor has pushed, which lies on the stack
                at = int(said["at"], 16) + (0 if register == "eip" else 12)
                before = self.machine.hmp(f"x /1xw {at:#x}").split("0x")[1].strip().upper()
            moved = before != shown[2] and (jump or before[:3] != shown[2][:3])
            assert shown[1] == (before if moved else None), row
            assert bool(marked & set(range(10, 31))) == moved, row

    def descriptors(self, number):
        base, limit = self.cpu["GDT"]
        now = self.outside.linear(base, limit + 1, self.cpu)
        for row, marked in self.rows if number <= 11 or number == KERNEL_GDT else ():
            shown = re.match(r"(..) (\w\w)  ((?:\w\w ){8})(.*)$", row)
            if not shown:
                continue
            at = int(shown[2], 16)
            entry = now[at:at + 8]
            assert bytes.fromhex(shown[3]) == entry
            assert bool(marked) == (self.gdt[at:at + 8] != entry), row
            segment = Segment(int.from_bytes(entry[:4], "little"), int.from_bytes(entry[4:], "little"))
            words = shown[4].split()
            assert ("A" in words) == bool(segment.code_data and segment.type & 1), row
            assert ("busy" in words) == (not segment.code_data and segment.type == 11), row
            users = [register for register in ("CS", "DS") if at and self.cpu[register][0] == at]
            assert shown[1].strip() == "".join(users), row
        return now

    def gates(self, number):
        base, limit = self.cpu["IDT"]
        now = self.outside.linear(base, limit + 1, self.cpu)
        if number != KERNEL_IDT:
            return now
        gate = r"  (\w\w) .{20,22}((?:\w\w ){8}) selector"
        rows = [(re.match(gate, row), marked) for row, marked in self.rows]
        rows = [(shown, marked) for shown, marked in rows if shown]
        assert len(rows) == 6
        for shown, marked in rows:
            at = int(shown[1], 16) * 8
            assert bytes.fromhex(shown[2]) == now[at:at + 8]
            assert bool(marked) == (self.idt[at:at + 8] != now[at:at + 8])
        return now

    def entries(self, step):
        """The page directory: A and D are those of memory, and an entry is marked that was another."""
        now = self.outside.physical(PAGE_DIRECTORY, 4096)
        paging = self.cpu["CR0"] & CR0_PG
        assert any("CR0.PG is 0" in row for row, _ in self.rows) == (not paging)
        entry_row = r"  \[(\w{3})\] (\w{8}) (\w{8})-.*  (P.*)$"
        shown = [(re.match(entry_row, row), marked) for row, marked in self.rows]
        shown = [(match, marked) for match, marked in shown if match]
        assert len(shown) >= 4, "of each map"
        for match, marked in shown:
            at, entry = int(match[1], 16) * 4, int(match[2], 16)
            assert entry == int.from_bytes(now[at:at + 4], "little"), match[0]
            assert int(match[3], 16) == at << 20
            assert match[4].split() == [name for bit, name in NAMES.items() if entry & bit], match[0]
            before = 0 if self.directory is None else int.from_bytes(self.directory[at:at + 4], "little")
            assert bool(marked) == (entry != before), match[0]
        used = [int(match[1], 16) for match, marked in shown if int(match[2], 16) & 0x20]
        assert used == {"pg-set": [0], "kernel-entry": [0, 0x300]}.get(step, []), "the map that EIP is in"
        return now

    def walks(self):
        """What a walk finds: rights, A and D as in the entry of the page."""
        for row, marked in self.rows:
            shown = re.match(r"  (\w{8}) [a-z].{25,28}(not mapped|physical (\w{8})  (R..)(.*))$", row)
            if not shown:
                continue
            linear = int(shown[1], 16)
            walk = self.outside.walk(linear, self.cpu)
            entry = walk.steps[-1][3] if walk.physical is not None else 0
            assert (shown[2] == "not mapped") == (entry == 0), row
            if entry:
                assert int(shown[3], 16) == walk.physical
                assert shown[5].replace("for ring 3 too", "").split() == [
                    name for bit, name in ((0x20, "A"), (0x40, "D")) if entry & bit], row
            assert bool(marked) == (self.pages.get(linear, 0) != entry), row
            self.pages[linear] = entry
