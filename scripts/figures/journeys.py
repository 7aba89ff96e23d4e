"""The way from power-on to the kernel, and the ways of an address."""

from . import sources
from .bits import Field, draw_row, must_be
from .svg import MARGIN, WIDTH, Figure, hexadecimal, size_name

PLACE_NAMES = {"STAGE1": "stage 1", "REAL": "real mode", "PROTECTED": "protected\nmode",
               "PAGING": "paging", "HIGHER_HALF": "higher\nhalf", "KERNEL": "kernel", "RING3": "ring 3"}


def rail():
    """The places on the way, with the steps that lead to each."""
    figure = Figure("From the BIOS to programs",
                    "Eight places in a row, from the BIOS over stage 1, real mode, protected mode, "
                    "paging, the higher half and the kernel to ring 3, and the steps taken at each.")
    steps = sources.steps()
    wide = (WIDTH - 2 * MARGIN) / 8
    y = figure.bottom + 18
    for at, place in enumerate([None] + sources.PLACES):
        x = MARGIN + at * wide
        if at:
            figure.arrow(x - 12, y + 21, x + 5, y + 21)
        figure.box(x + 5, y, wide - 17, 42, PLACE_NAMES[place] if place else "BIOS",
                   "on" if place else "box", 11, radius=6)
        names = [(number, name) for number, name, of in steps if of == place]
        if not names:
            text = "no step of ours" if place is None else "none"
            figure.label(x + 5, y + 52, wide - 17, 26, text.replace(" of", "\nof"), "muted", 10)
        for row, (number, name) in enumerate(names):
            figure.text(x + 5 + (wide - 17) / 2, y + 62 + row * 34, f"{number:02d}",
                        "strong accent", 13, "middle")
            figure.text(x + 5 + (wide - 17) / 2, y + 75 + row * 34, name, "", 10.5, "middle")
    figure.caption("Each number is a step of include/ascent/steps.def: the place is where the "
                   "machine is once the step is done.")
    return figure


def three_addresses():
    layout = sources.defines(sources.LAYOUT)
    selector, phys = layout["LOADER_CS"], layout["KERNEL_PHYS"]
    linear = layout["PAGE_OFFSET"] + phys
    figure = Figure("Three kinds of address",
                    "A logical address goes through the segmentation unit and becomes linear; a "
                    "linear address goes through the paging unit and becomes physical.")
    y = 62
    places = [(24, 130, "logical", f"{selector:04X}:{linear:08X}", True),
              (197, 104, "segmentation\nunit", "", False),
              (345, 86, "linear", hexadecimal(linear), True),
              (474, 72, "paging\nunit", "", False),
              (590, 86, "physical", hexadecimal(phys), True)]
    for at, (x, wide, name, value, address) in enumerate(places):
        if address:
            figure.rect(x, y, wide, 58, "on", 6)
            figure.text(x + wide / 2, y + 23, name, "strong", 13, "middle")
            figure.text(x + wide / 2, y + 43, value, "mono", 12, "middle")
        else:
            figure.box(x, y, wide, 58, name, "box", 12)
        if at:
            before = places[at - 1][0] + places[at - 1][1]
            figure.arrow(before + 3, y + 29, x - 3, y + 29)
    for x, text in ((249, "GDT: base, limit,\nrights of descriptor\nselector / 8"),
                    (510, "page tables from CR3;\nthe TLB remembers\nanswers")):
        figure.line(x, y + 58, x, y + 74)
        figure.label(x - 75, y + 76, 150, 50, text, "muted", 11)
    for x, text in ((88, "selector:offset,\nwhat a program names"), (388, "base + offset"),
                    (633, "what goes\nto memory")):
        figure.label(x - 60, y + 76, 120, 36, text, "muted", 11)
    figure.caption("With the flat segments of Ascent the base is 0: linear address and offset are "
                   "the same number. With CR0.PG = 0 linear and physical are the same too. SDM 3A "
                   "§3.1.")
    return figure


def hex_row(figure, right, y, digits, cell, on=True):
    """Hexadecimal digits in boxes, the last one ending at `right`."""
    for at, digit in enumerate(reversed(digits)):
        if digit != " ":
            figure.box(right - (at + 1) * cell, y, cell, 30, digit, "on" if on else "off", 15,
                       "mono")


def real_mode_address():
    stage1 = sources.defines(sources.LAYOUT)["STAGE1_ADDR"]
    figure = Figure("Addresses in real mode",
                    "The physical address is segment times 16 plus offset: two examples, the "
                    "second of which needs a twenty-first bit.")
    cell = 30
    for right, segment, offset in ((300, 0x0000, stage1), (640, 0xFFFF, 0x0010)):
        total = segment * 16 + offset
        y = 66
        figure.text(right - 6 * cell, y, f"{segment:04X}:{offset:04X}", "mono strong", 15)
        hex_row(figure, right, y + 14, f"{segment:04X}0", cell)
        hex_row(figure, right, y + 52, f"{offset:04X}", cell, False)
        figure.line(right - 6 * cell - 4, y + 91, right + 4, y + 91)
        hex_row(figure, right, y + 100, f"{total:05X}", cell)
        for at, text in ((14, "segment * 16"), (52, "+ offset"), (100, "= physical")):
            figure.text(right - 6 * cell - 10, y + at + 20, text, "muted", 12, "end")
        if total >> 20:
            figure.text(right - 5.5 * cell, y + 146, "bit 20", "accent strong", 11, "middle")
            figure.line(right - 5.5 * cell, y + 131, right - 5.5 * cell, y + 136)
        figure.bottom = y + 150
    figure.paragraph("16 bits shifted by 4 plus 16 bits make 21 bits. An 8086 has 20 address "
                     "lines and drops the last carry: FFFF:0010 is 00000. Later processors have a "
                     "line A20, and a gate that holds it at 0 until software opens it: then "
                     "FFFF:0010 is 100000, the first byte above 1 MB.")
    figure.caption("SDM 3B §20.1.1.")
    return figure


def address_split():
    modes = sources.paging_modes()
    layout = sources.defines(sources.LAYOUT)
    example = layout["PAGE_OFFSET"] + layout["KERNEL_PHYS"] + 0x42
    names = {("classic", "pgd"): "directory", ("classic", "pte"): "table",
             ("PAE", "pgd"): "dir. ptr", ("PAE", "pmd"): "directory", ("PAE", "pte"): "table"}
    figure = Figure("A linear address, taken apart",
                    "Which bits of a linear address choose an entry at each level and which are "
                    "the offset in the page, in 32-bit and in PAE paging.")
    for mode, heading in (("classic", "32-bit paging"), ("PAE", "PAE paging")):
        for large in (False, True):
            levels = []
            for level in modes[mode]["levels"]:
                levels.append(level)
                if large and level[3]:
                    break
            fields, high = [], 31
            for level, shift, bits, _ in levels:
                must_be("kernel/mm/paging.c", f"{mode} {level} shift", shift, high + 1 - bits)
                value = example >> shift & (1 << bits) - 1
                fields.append((Field(high, shift, names[mode, level], "", True), level, bits,
                               value))
                high = shift - 1
            offset_bits = high + 1
            fields.append((Field(high, 0, "offset"), "", offset_bits,
                           example & (1 << offset_bits) - 1))
            y = figure.bottom + 22
            figure.text(MARGIN, y, f"{heading}, {size_name(1 << offset_bits)} page", "strong", 13)
            bottom = draw_row(figure, [field for field, _, _, _ in fields], y + 12)
            cell = (WIDTH - 2 * MARGIN) / 32
            for field, level, bits, value in fields:
                middle = MARGIN + (31 - (field.high + field.low) / 2) * cell
                text = f"{level} {value:03X}h" if level else f"{value:x}h"
                figure.text(middle, bottom + 14, text, "mono muted", 11, "middle")
            figure.bottom = bottom + 18
    figure.caption(f"Below each part its value in {example:08X}h: the index, with the kernel's "
                   "name of the level, and the offset. SDM 3A §4.3, §4.4.")
    return figure


def figures():
    yield "rail", rail()
    yield "three-addresses", three_addresses()
    yield "real-mode-address", real_mode_address()
    yield "address-split", address_split()
