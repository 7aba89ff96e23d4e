"""Figures of programs, chapters 20 to 25: what docs/figures/run.json has of some that ran under QEMU."""

import re

from . import sources
from .registers import ENTRY_BITS
from .sources import Contradiction
from .svg import MARGIN, WIDTH, Figure, hexadecimal, size_name

REGS = "kernel/cpu/regs.h"
SEEN = "Values from a run under QEMU. "
FLAG_IF = 0x200
INT_BYTES = 2
RIGHT = WIDTH - MARGIN


def agree(what, value, expected):
    if value != expected:
        raise Contradiction(f"run.json: {what} is {value}, not {expected}")


def upper(values):
    return [value.upper() for value in values]


def value_row(figure, x, y, wide, value, name, kind="on", height=24):
    """A dword on a stack, with its name at the right in the box."""
    figure.rect(x, y, wide, height, kind)
    figure.text(x + 10, y + height / 2 + 4.5, value, "mono", 12)
    figure.text(x + wide - 8, y + height / 2 + 4.5, name, "muted", 11, "end")


def side_arrow(figure, x1, y1, x2, y2):
    """An arrow that goes right, up or down, and right again."""
    middle = (x1 + x2) / 2
    figure.path(f"M{x1} {y1}H{middle}V{y2}", "arrow")
    figure.arrow(middle, y2, x2, y2)


# ---- chapter 20 ----

def stack_switch(run):
    call = run["call"]
    before, after, frame = call["before"], call["after"], upper(call["frame"])
    esp0, step = int(call["esp0"], 16), 4
    agree("ESP in ring 0", int(after["esp"], 16), esp0 - 5 * step)
    agree("the frame", [int(value, 16) for value in frame[1:]],
          [int(before[name], 16) for name in ("cs", "eflags", "esp", "ss")])
    agree("EIP in the frame", int(frame[0], 16), int(before["eip"], 16) + INT_BYTES)
    figure = Figure("Through a gate, from ring 3 to ring 0",
                    "The program's stack stays as it is. TR names the TSS, its fields SS0 and ESP0 the "
                    "kernel's stack, on which the processor puts five dwords.")
    y = 84
    figure.text(MARGIN, y - 18, "the program's stack", "strong", 13)
    figure.box(MARGIN, y, 150, 44, "left alone,\nwhatever ESP is", "box", 12)
    figure.box(MARGIN, y + 44, 150, 60, "not used yet", "dashed", 12, "muted")
    figure.text(MARGIN, y + 124, f"SS:ESP = {int(before['ss'], 16):04X}:{before['esp'].upper()}", "mono", 11)
    figure.text(250, y - 18, "TSS, which TR names", "strong", 13)
    for at, (name, value) in enumerate((("...", ""), ("SS0", call["ss0"][-4:].upper()),
                                        ("ESP0", call["esp0"].upper()), ("...", ""))):
        value_row(figure, 250, y + at * 26, 150, value, name, "on" if value else "box", 26)
    left, wide = 500, 176
    figure.text(left - 76, y - 18, "the kernel's stack of this task", "strong", 13)
    for at, (value, name) in enumerate(zip(reversed(frame), ("SS", "ESP", "EFLAGS", "CS", "EIP"))):
        value_row(figure, left, y + at * 26, wide, value, name, "on", 26)
        figure.text(left - 6, y + at * 26 + 20, hexadecimal(esp0 - (at + 1) * step), "mono muted", 11, "end")
    figure.box(left, y + 130, wide, 32, "empty", "dashed", 12, "muted")
    figure.text(left - 6, y + 4, call["esp0"].upper(), "mono accent", 11, "end")
    side_arrow(figure, 402, y + 65, left - 62, y)
    figure.text(left - 6, y + 140, "= ESP", "accent strong", 11, "end")
    figure.bottom = y + 166
    y = figure.bottom + 26
    columns = (("", 24), ("CS", 170), ("SS", 240), ("ESP", 310), ("EIP", 420), ("EFLAGS", 530), ("IF", 640))
    for name, x in columns:
        figure.text(x, y, name, "muted", 11)
    for row, (what, now) in enumerate((("at INT 80h", before), ("in the kernel", after))):
        values = [what] + [f"{int(now[name], 16):0{digits}X}" for name, digits in
                           (("cs", 4), ("ss", 4), ("esp", 8), ("eip", 8), ("eflags", 8))]
        values.append(str(int(bool(int(now["eflags"], 16) & FLAG_IF))))
        for value, (name, x) in zip(values, columns):
            figure.text(x, y + 22 + row * 20, value, "mono" if name else "", 12)
    figure.bottom = y + 46
    figure.paragraph("EIP on the stack is that of the instruction behind INT 80h. IRET takes the five dwords "
                     "back, and the kernel's stack is empty again: so ESP0 is always its top.")
    figure.caption(SEEN + "SDM 3A §6.12.1, §7.2.1.")
    return figure


# ---- chapter 21 ----

def address_space(run):
    areas, pages = run["space"]["areas"], run["space"]["pages"]
    layout = sources.defines(sources.LAYOUT)
    offset = layout["PAGE_OFFSET"]
    figure = Figure("The address space of a process",
                    "The areas of a program, from 0 to PAGE_OFFSET, each with the pages that its page "
                    "tables have, and above them the kernel, the same for all.")
    y = figure.bottom + 34
    area_x, area_wide, page_x = 108, 210, 392
    figure.text(area_x, y - 10, "areas: what is meant", "strong", 13)
    figure.text(page_x, y - 10, "page tables: what there is", "strong", 13)
    end, bottom, whole = 0, y, 0

    def band(address, height, text, kind):
        nonlocal bottom
        figure.text(area_x - 8, bottom + 5, hexadecimal(address), "mono muted", 11, "end")
        figure.box(area_x, bottom, area_wide, height, text, kind, 12, "muted" if kind == "dashed" else "")
        bottom += height

    for start, stop, rights, name in areas:
        start, stop = int(start, 16), int(stop, 16)
        if start > end:
            band(end, 26, "nothing" if end else "nothing: null pointers fault", "dashed")
        inside = [page for page in pages if start <= int(page[0], 16) < stop]
        count = (stop - start) // layout["PAGE_SIZE"]
        whole += count
        height = 14 + 18 * max(1, len(inside))
        top = bottom
        band(start, height, f"{rights}  {name or 'no file'}", "on")
        if not inside:
            text = f"{count} page{'s' if count > 1 else ''}, not touched yet"
            figure.text(page_x, top + height / 2 + 4, text, "muted", 11)
        for at, (address, frame, _, what) in enumerate(inside):
            line = top + 20 + at * 18
            figure.arrow(area_x + area_wide + 6, line - 4, page_x - 8, line - 4)
            figure.text(page_x, line, f"{address.upper()}: frame {frame.upper()}", "mono", 11)
            what = re.sub(":.*", "", what).replace("page of zeros", "the page of zeros")
            rest = f", 1 of {count}" if at == 0 and len(inside) < count else ""
            figure.text(page_x + 160, line, what + rest, "muted", 11)
        end = stop
    agree("the end of the stack", end, offset)
    top = bottom
    band(end, 56, f"the kernel: {size_name((1 << 32) - offset)}", "box")
    figure.text(page_x, top + 24, "the same tables in each process,", "muted", 11)
    figure.text(page_x, top + 40, "and no page with U/S = 1", "muted", 11)
    figure.text(area_x - 8, bottom + 5, "FFFFFFFF", "mono muted", 11, "end")
    figure.bottom = bottom + 8
    figure.caption(SEEN + "The program is maps. Not to scale: below the kernel lie "
                   f"{size_name(offset)}, and this program's areas are {whole} pages of it, of which "
                   f"{len(pages)} exist.")
    return figure


# ---- chapters 22 and 23: entries of page tables ----

CELLS = ("D", "A", "U/S", "R/W", "P")
CELL, FRAME, ENTRY_HEIGHT = 26, 62, 28
ENTRY_WIDE = FRAME + len(CELLS) * CELL


def entry_head(figure, x, y):
    figure.text(x + FRAME / 2, y, "frame", "muted", 10, "middle")
    for at, name in enumerate(CELLS):
        figure.text(x + FRAME + (at + 0.5) * CELL, y, name, "muted", 10, "middle")


def frame_of(state):
    return int(state["entry"], 16) >> 12 & 0xFFFFF


def entry_row(figure, x, y, state):
    """An entry with the bits that matter here."""
    entry = int(state["entry"], 16)
    figure.box(x, y, FRAME, ENTRY_HEIGHT, f"{frame_of(state):X}", "on" if entry else "off", 12,
               "mono" if entry else "mono muted")
    for at, name in enumerate(CELLS):
        bit = entry >> ENTRY_BITS[name][0] & 1
        figure.box(x + FRAME + at * CELL, y, CELL, ENTRY_HEIGHT, str(bit), "on" if bit else "off", 12,
                   "mono" if bit else "mono muted")


def first_touch(run):
    figure = Figure("A page that is touched for the first time",
                    "The entry of a page table before and after a page fault: at a write it gets a frame of "
                    "its own, at a read the page of zeros, without the right to write.")
    y = figure.bottom + 22
    left, right, frame_x = MARGIN, MARGIN + ENTRY_WIDE + 56, MARGIN + 2 * ENTRY_WIDE + 96
    for access, what, note in (("write", "a write to", "of its own,\nfilled with zeros"),
                               ("read", "a read of", "the page of zeros,\none frame for all")):
        fault = run["touch"][access]
        before, after = fault["before"]["own"], fault["after"]["own"]
        if int(before["entry"], 16) or bool(int(after["entry"], 16) & 2) != (access == "write"):
            raise Contradiction(f"run.json: the first {access} has other entries than chapter 22 says")
        figure.text(left, y, f"{what} {fault['address']:08X}", "strong", 13)
        entry_head(figure, left, y + 24)
        entry_head(figure, right, y + 24)
        entry_row(figure, left, y + 30, before)
        entry_row(figure, right, y + 30, after)
        figure.text(left + ENTRY_WIDE + 28, y + 38, "#PF", "accent strong", 11, "middle")
        figure.arrow(left + ENTRY_WIDE + 6, y + 44, right - 6, y + 44)
        figure.arrow(right + ENTRY_WIDE + 6, y + 44, frame_x - 6, y + 44)
        figure.box(frame_x, y + 20, RIGHT - frame_x, 48, f"frame {frame_of(after):X}\n{note}",
                   "on" if access == "write" else "box", 11)
        y += 96
    figure.bottom = y - 22
    figure.paragraph("The fault goes by the area, not by the entry: an entry of 0 says only that there is no "
                     "page yet. A later write to the second page is a fault again, now with P = 1: then "
                     "it, too, gets a frame of its own.")
    figure.caption(SEEN + "The program is maps. A and D are set with the entry, as the access comes next; "
                   "the processor would set them else. SDM 3A §4.6, §4.8.")
    return figure


def copy_on_write(run):
    new, child, parent = (run["copy"][name] for name in ("new", "child", "parent"))
    figure = Figure("One page, from fork() to the last write",
                    "The entries of parent and child for one page, and the frames that they name, at four "
                    "moments: before fork(), after it, after a write of the child, after one of the parent.")
    stages = [("the parent has written", new["after"]["first"], None),
              ("after fork()", child["before"]["first"], child["before"]["own"]),
              ("the child has written", child["after"]["first"], child["after"]["own"]),
              ("the child has ended,\nthe parent writes again", parent["after"]["own"], None)]
    shared, copies = stages[1][1:], stages[2][1:]
    if frame_of(shared[0]) != frame_of(shared[1]) or frame_of(copies[0]) == frame_of(copies[1]):
        raise Contradiction("run.json: frames that chapter 23 does not know")
    first, second = 24, 24 + ENTRY_WIDE + 26
    frame_x = second + ENTRY_WIDE + 34
    y = figure.bottom + 24
    figure.text(first, y, f"parent, entry of {new['address']:08X}", "strong", 12)
    figure.text(second, y, "child, the same address", "strong", 12)
    figure.text(frame_x, y, "frames", "strong", 12)
    y += 22
    for text, of_parent, of_child in stages:
        figure.text(first, y + 10, text.replace("\n", " "), "accent strong", 12)
        y += 28
        entry_head(figure, first, y)
        entry_row(figure, first, y + 6, of_parent)
        if of_child:
            entry_head(figure, second, y)
            entry_row(figure, second, y + 6, of_child)
        else:
            figure.label(second, y + 6, ENTRY_WIDE, ENTRY_HEIGHT, "-", "muted")
        frames = {frame_of(state): state["references"] for state in (of_parent, of_child) if state}
        wide = (RIGHT - frame_x - 8 * (len(frames) - 1)) / len(frames)
        for at, (frame, count) in enumerate(sorted(frames.items())):
            figure.box(frame_x + at * (wide + 8), y - 4, wide, 42, f"{frame:X}\ncount {count}", "on", 12)
        y += 56
    figure.bottom = y - 14
    figure.caption(SEEN + "The program is cow; this is the first of its 64 pages. count: references to the "
                   "frame. With one alone a write needs no copy, only R/W again.")
    return figure


# ---- chapter 24 ----

def regs_names():
    """The fields of struct pt_regs, from the lowest address."""
    body = re.search(r"^struct pt_regs \{\n(.*?)^\};", sources.read(REGS), re.M | re.S)[1]
    return [name for line in re.findall(r"uint32_t ([\w, ]+);", body) for name in line.split(", ")]


PUSHED_BY = {"ss": "processor", "error_code": "stub", "gs": "isr_common", "eax": "PUSHAD",
             "cr2": "isr_common"}
OF_A_CALL = {"eax": "number, answer", "ebx": "argument 1", "ecx": "argument 2", "edx": "argument 3"}


def system_call(run):
    call = run["call"]
    names, values = regs_names(), call["regs"]
    agree("fields of struct pt_regs", len(names), len(values))
    now = dict(zip(names, values))
    for name in ("eax", "ebx", "ecx", "edx", "esp", "ss"):
        agree(name + " in the frame", now[name], call["before"][name])
    figure = Figure("The way of a system call",
                    "Left the program: registers before and after INT 80h. In the middle the kernel's "
                    "functions on the way. Right the kernel's stack with the program's registers.")
    top, row = 88, 21
    figure.text(MARGIN, top - 20, "ring 3", "strong", 13)
    figure.text(212, top - 20, "ring 0", "strong", 13)
    figure.text(444, top - 20, "the kernel's stack", "strong", 13)
    bottom = top + row * len(names)
    before, after = call["before"], call["answer"]
    asked = [(name.upper(), before[name].upper()) for name in ("eax", "ebx", "ecx", "edx")]
    figure.rect(MARGIN, top, 150, 118, "on", 6)
    for at, (name, value) in enumerate(asked):
        figure.text(MARGIN + 12, top + 22 + at * 20, f"{name} {value}", "mono", 12)
    figure.text(MARGIN + 12, top + 106, "INT 80h", "accent strong", 13)
    figure.rect(MARGIN, bottom - 64, 150, 64, "on", 6)
    figure.text(MARGIN + 12, bottom - 40, f"EAX {after['eax'].upper()}", "mono", 12)
    figure.text(MARGIN + 12, bottom - 16, "the next instruction", "", 12)
    path = [("gate 80h", "ESP0, five dwords"), ("isr_common", "saves the rest"),
            ("trap_dispatch()", "handlers[80h]"), ("dispatch()", f"syscalls[{int(before['eax'], 16)}]"),
            ("sys_write()", "does it"), ("return_to_ring3()", "signals, next task?"),
            ("POPAD, IRET", "registers back")]
    high, gap = 42, (bottom - top - 42 * len(path)) / (len(path) - 1)
    for at, (name, what) in enumerate(path):
        y = top + at * (high + gap)
        figure.rect(212, y, 150, high, "box", 6)
        figure.text(287, y + 18, name, "strong", 12, "middle")
        figure.text(287, y + 34, what, "muted", 11, "middle")
        if at:
            figure.arrow(287, y - gap + 1, 287, y - 1)
    figure.arrow(MARGIN + 152, top + 101 - 80, 210, top + 21)
    figure.arrow(210, bottom - 21, MARGIN + 152, bottom - 21)
    left, wide = 444, 152
    for at, name in enumerate(reversed(names)):
        y = top + at * row
        pusher = PUSHED_BY.get(name)
        value_row(figure, left, y, wide, now[name].upper(), name, "on" if name in OF_A_CALL else "box", row)
        if pusher:
            figure.line(left - 76, y, left, y)
            figure.text(left - 6, y + 15, pusher, "muted", 11, "end")
        if name in OF_A_CALL:
            figure.text(left + wide + 6, y + 15, OF_A_CALL[name], "accent", 10)
    figure.bottom = bottom + 8
    figure.paragraph("What the handler sees of the program is on this stack, and nothing else: it takes its "
                     "arguments from there, and writes the answer over the saved EAX.")
    figure.caption(SEEN + f"The program is hello, its call write(1, {before['ecx'].upper()}h, "
                   f"{int(before['edx'], 16)}). Fields of struct pt_regs, the first pushed at the top.")
    return figure


# ---- chapter 25 ----

FRAME_NAMES = ("edi", "esi", "ebx", "ebp", "return address")


def task_stacks(run):
    shell, child = run["switch"]["shell"], run["switch"]["child"]
    regs_bytes, frame_bytes = 4 * len(regs_names()), 4 * len(FRAME_NAMES)
    figure = Figure("Two kernel stacks, and the switch between them",
                    "Left the kernel stack of the task that goes, right that of the one that comes. Both end "
                    "in the same five dwords; in between ESP goes from one to the other.")
    if child["goes on in"] != "task_first_run":
        raise Contradiction("run.json: the child has run before")
    agree("ESP of a new task", int(child["esp"], 16), int(child["top"], 16) - regs_bytes - frame_bytes)
    wide, top, height = 176, 96, 26
    left, right = MARGIN + 70, RIGHT - wide
    ends = []
    for x, task, title in ((left, shell, "the shell: goes"), (right, child, "its child: comes")):
        y = top
        figure.text(x, y - 18, title, "strong", 13)
        figure.text(x - 6, y + 5, task["top"].upper(), "mono muted", 11, "end")
        figure.box(x, y, wide, 46, f"registers of ring 3\nstruct pt_regs, {regs_bytes} bytes", "box", 12)
        y += 46
        calls = int(task["top"], 16) - regs_bytes - frame_bytes - int(task["esp"], 16)
        if calls:
            figure.box(x, y, wide, 46, f"its calls, the last is\nswitch_to(): {calls} bytes", "box", 12)
            y += 46
        for value, name in reversed(list(zip(task["frame"], FRAME_NAMES))):
            value_row(figure, x, y, wide, value.upper(), name, "on", height)
            y += height
        figure.text(x - 6, y - 8, task["esp"].upper(), "mono strong", 11, "end")
        ends.append(y)
        figure.box(x, y, wide, 30, "free", "dashed", 12, "muted")
        figure.text(x, y + 48, f"ret: into {task['goes on in']}()", "", 12)
    middle = (left + wide + right) / 2 - 34
    for at, (text, kind) in enumerate((("push, 4 times", "mono"), ("mov [eax], esp", "mono"),
                                       ("mov esp, edx", "mono strong"), ("pop, 4 times", "mono"),
                                       ("ret", "mono"))):
        figure.text(middle, top + 22 + at * 17, text, kind, 11.5, "middle")
    figure.arrow(left + wide + 8, ends[0] - 92, left + wide + 8, ends[0] - 2)
    figure.arrow(right + wide + 10, ends[1] - 2, right + wide + 10, ends[1] - 5 * height + 2)
    figure.text(left + wide + 14, ends[0] + 26, "ESP", "accent strong", 12)
    side_arrow(figure, left + wide + 8, ends[0] + 10, right - 72, ends[1] - 12)
    figure.bottom = ends[0] + 54
    figure.paragraph("The shell has called and waits in the middle of its calls. The child has never called "
                     "anything: its five dwords were written by thread_prepare(), as if it had.")
    figure.caption(SEEN + "The shell waits for hello, its child. "
                   + ("" if shell["goes on in"] == "switch_to" else
                      f"The compiler has made switch_to() a part of {shell['goes on in']}(). ")
                   + "Not to scale. SDM 1 §6.4.1.")
    return figure


def figures(run):
    yield "stack-switch", stack_switch(run)
    yield "address-space", address_space(run)
    yield "first-touch", first_touch(run)
    yield "copy-on-write", copy_on_write(run)
    yield "system-call", system_call(run)
    yield "task-stacks", task_stacks(run)
