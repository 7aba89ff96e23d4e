"""Figures of one boot under QEMU, from docs/figures/run.json."""

import json
import math
import os
import struct

from . import programs, sources
from .registers import CONTROL, ENTRY_BITS
from .sources import Contradiction
from .svg import MARGIN, Figure, hexadecimal, size_name, text_width

RUN = os.path.join(sources.REPOSITORY, "docs/figures/run.json")


def boot_timeline(run):
    figure = Figure("Where the time of a boot goes",
                    "For each step the share of the time of the boot since the step before it, on "
                    "a logarithmic scale.")
    steps = sources.steps_of_boot()
    times = run["steps_percent"]
    if [name for _, name, _ in steps] != list(times):
        raise Contradiction("run.json has other steps than steps.def: scripts/make-figures --run")
    left, right, row = 190, 630, 21
    smallest = min(percent for percent in times.values() if percent)
    low = math.floor(math.log10(smallest))
    scale = (right - left) / (2 - low)
    top = figure.bottom + 30
    bottom = top + len(steps) * row
    for power in range(low, 3):
        x = left + (power - low) * scale
        figure.line(x, top - 6, x, bottom)
        figure.text(x, top - 12, f"{10 ** power:g} %", "muted", 11, "middle")
    for at, (number, name, _) in enumerate(steps):
        y = top + at * row
        percent = times[name]
        figure.text(MARGIN, y + 14, f"{number:02d}", "strong accent", 12)
        figure.text(MARGIN + 26, y + 14, name, "", 12)
        if not percent:
            figure.text(left + 8, y + 14, "not measured", "muted", 11)
            continue
        long = (math.log10(percent) - low) * scale
        figure.rect(left, y + 4, long, row - 8, "bar")
        text = f"{percent:g}"
        figure.rect(left + long + 3, y + 3, text_width(text, 11) + 6, row - 6, "page")
        figure.text(left + long + 6, y + 14, text, "", 11)
    figure.bottom = bottom + 4
    figure.caption("Per cent of the time from reset to the last step, since the step before; each "
                   "mark is ten times the one to its left. 03 includes the BIOS, stage 1 and the "
                   "load of stage 2: the TSC is read once CPUID has shown that there is one. TSC "
                   "under QEMU with -icount shift=0, where it counts instructions.")
    return figure


def segment_text(low, high):
    """SDM 3A §3.4.5."""
    kind = high >> 8 & 15
    if not high >> 15 & 1:
        return "not present"
    code = kind & 8
    rights = ["read", "read/write", "execute", "execute/read"][bool(code) * 2 + (kind >> 1 & 1)]
    return (f"{'code' if code else 'data'}, {rights}{', accessed' if kind & 1 else ''}, "
            f"{'32' if high >> 22 & 1 else '16'}-bit, ring {high >> 13 & 3}")


def gdt_live(run):
    gdt = run["gdt"]
    base, limit = int(gdt["base"], 16), int(gdt["limit"], 16)
    constants = sources.defines(sources.LAYOUT)
    names = {value: name for name, value in constants.items()
             if name in ("LOADER_CS", "LOADER_DS", "LOADER_CS16", "LOADER_DS16")}
    figure = Figure("The loader's GDT in memory",
                    "The bytes of each descriptor as they lie in memory, and what they mean.")
    figure.paragraph(f"GDTR: base {hexadecimal(base)}, limit {hexadecimal(limit, 4)}: "
                     f"{(limit + 1) // 8} descriptors of 8 bytes.", "", 12, 18)
    cell, left = 27, 172
    y = figure.bottom + 30
    x = left
    for text, cells in (("limit", 2), ("base", 3), ("type", 1), ("flags", 1), ("base", 1)):
        figure.line(x + 3, y - 2, x + cells * cell - 3, y - 2)
        figure.text(x + cells * cell / 2, y - 8, text, "muted", 10, "middle")
        x += cells * cell
    figure.text(MARGIN, y - 8, "selector", "muted", 10)
    y += 4
    for index, text in enumerate(gdt["bytes"]):
        data = bytes.fromhex(text)
        low, high = struct.unpack("<II", data)
        selector = index * 8
        figure.text(MARGIN, y + 19, f"{selector:04X}", "mono strong", 12)
        figure.text(MARGIN + 40, y + 19, names.get(selector, "null"), "mono muted", 11)
        for at, byte in enumerate(data):
            figure.box(left + at * cell, y, cell, 28, f"{byte:02X}",
                       "on" if at in (5, 6) else "box", 12, "mono")
        x = left + 8 * cell + 14
        if low | high:
            whole = low & 0xFFFF | high & 0xF0000
            whole = whole << 12 | 0xFFF if high >> 23 & 1 else whole
            start = low >> 16 | (high & 0xFF) << 16 | high & 0xFF000000
            figure.text(x, y + 11, f"base {hexadecimal(start)}, limit {hexadecimal(whole)}", "", 11)
            figure.text(x, y + 26, segment_text(low, high), "", 11)
        else:
            figure.text(x, y + 18, "null: a use of selector 0 faults", "muted", 11)
        y += 38
    figure.bottom = y - 6
    figure.caption("The lowest byte is at the left. “flags” also holds limit 19..16 in its low "
                   "digit. Read from a machine under QEMU, where GDTR points after step gdt-load. "
                   "SDM 3A §3.4.5.")
    return figure


def page_directory_live(run):
    directory = run["page_directory"]
    entries = {int(index): int(entry, 16) for index, entry in directory["entries"].items()}
    constants = sources.defines(sources.LAYOUT)
    large = constants["LARGE_PAGE_SIZE"]
    names = ["G", "PS", "D", "A", "PCD", "PWT", "U/S", "R/W", "P"]
    figure = Figure("The loader's page directory in memory",
                    "The entries of the page directory that are present, with their bits, and "
                    "what each maps.")
    cr3, cr4 = int(directory["cr3"], 16), int(directory["cr4"], 16)
    pse = bool(cr4 & sources.defines(CONTROL)["CR4_PSE"])
    figure.paragraph(f"CR3: {hexadecimal(cr3)}. Entry n covers linear addresses from n * "
                     f"{size_name(large)} on. CR4: {hexadecimal(cr4)}, PSE is {pse:d}.", "", 12, 18)
    cell, left = 31, 140
    y = figure.bottom + 24
    figure.text(MARGIN, y, "entry", "muted", 10)
    figure.text(left + len(names) * cell + 14, y, "linear", "muted", 10)
    figure.text(left + len(names) * cell + 128, y, "physical", "muted", 10)
    for at, name in enumerate(names):
        figure.text(left + at * cell + cell / 2, y, name, "muted", 10, "middle")
    y += 8

    def gap(first, last):
        nonlocal y
        if first <= last:
            figure.text(MARGIN, y + 15, f"{first:03X} to {last:03X}: 0, not present", "muted", 11)
            y += 28

    expected = 0
    for index, entry in sorted(entries.items()):
        gap(expected, index - 1)
        expected = index + 1
        figure.text(MARGIN, y + 19, f"{index:03X}", "mono strong", 12)
        figure.text(MARGIN + 32, y + 19, hexadecimal(entry), "mono", 12)
        for at, name in enumerate(names):
            bit = entry >> ENTRY_BITS[name][0] & 1
            figure.box(left + at * cell, y, cell, 28, str(bit), "on" if bit else "off", 12,
                       "mono" if bit else "mono muted")
        maps_page = pse and entry >> ENTRY_BITS["PS"][0] & 1
        target = (hexadecimal(entry & -large) + f" {size_name(large)} page" if maps_page
                  else hexadecimal(entry & -constants["PAGE_SIZE"]) + " table")
        x = left + len(names) * cell + 14
        figure.text(x, y + 19, hexadecimal(index * large), "mono", 12)
        figure.arrow(x + 64, y + 15, x + 100, y + 15)
        figure.text(x + 110, y + 19, target, "mono", 11)
        y += 34
    gap(expected, 1023)
    figure.bottom = y - 6
    figure.caption("Read from a machine under QEMU in the first instruction of kmain(). A and D "
                   "are set by the processor: A where it went through the entry, D where it "
                   "wrote. SDM 3A §4.3.")
    return figure


def figures():
    try:
        with open(RUN, encoding="ascii") as file:
            run = json.load(file)
    except FileNotFoundError:
        raise Contradiction("no docs/figures/run.json: scripts/make-figures --run") from None
    yield "boot-timeline", boot_timeline(run)
    yield "gdt-live", gdt_live(run)
    yield "page-directory-live", page_directory_live(run)
    yield from programs.figures(run["programs"])
