"""Bit layouts: descriptors, control registers, paging-structure entries, error code."""

import re

from . import sources
from .bits import Field, defined, draw_row, draw_rows, legend, must_be, reserved
from .sources import Contradiction
from .svg import MARGIN, WIDTH, Figure, hexadecimal

CONTROL = "kernel/cpu/control.h"
PAGING = "kernel/mm/paging.h"
FAULT = "kernel/cpu/fault.c"
GDT = "kernel/cpu/gdt.c"
IDT = "kernel/cpu/idt.c"
DESCRIPTOR = "kernel/monitor/descriptor.c"
COLOURED = "Coloured: what the code of Ascent sets or reads by name. No name: reserved or ignored. "

# The bits of the SDM: high, low, name, meaning.
CR0_BITS = [
    (31, 31, "PG", "paging"), (30, 30, "CD", "cache disable"), (29, 29, "NW", "not write-through"),
    (18, 18, "AM", "alignment mask"), (16, 16, "WP", "read-only pages bind ring 0 too"),
    (5, 5, "NE", "x87 errors are exceptions"), (4, 4, "ET", "extension type: always 1"),
    (3, 3, "TS", "task switched"), (2, 2, "EM", "emulation: no x87"),
    (1, 1, "MP", "monitor coprocessor"), (0, 0, "PE", "protection enable"),
]
CR4_BITS = [
    (25, 25, "UINTR", ""), (24, 24, "PKS", ""), (23, 23, "CET", ""), (22, 22, "PKE", ""),
    (21, 21, "SMAP", "ring 0 does not access user pages"),
    (20, 20, "SMEP", "ring 0 does not execute user pages"), (19, 19, "KL", ""),
    (18, 18, "OSXSAVE", ""), (17, 17, "PCIDE", ""), (16, 16, "FSGSBASE", ""), (14, 14, "SMXE", ""),
    (13, 13, "VMXE", ""), (12, 12, "LA57", ""), (11, 11, "UMIP", "SGDT, SIDT, STR in ring 0 only"),
    (10, 10, "OSXMMEXCPT", ""), (9, 9, "OSFXSR", ""), (8, 8, "PCE", ""),
    (7, 7, "PGE", "global pages"), (6, 6, "MCE", ""), (5, 5, "PAE", "64-bit entries, three levels"),
    (4, 4, "PSE", "4 MB pages"), (3, 3, "DE", ""), (2, 2, "TSD", ""), (1, 1, "PVI", ""),
    (0, 0, "VME", ""),
]
# The names of the code for bits of an entry.
ENTRY_BITS = {"P": (0, "PTE_PRESENT"), "R/W": (1, "PTE_WRITE"), "U/S": (2, "PTE_USER"),
              "PWT": (3, "PTE_PWT"), "PCD": (4, "PTE_PCD"), "A": (5, "PTE_ACCESSED"),
              "D": (6, "PTE_DIRTY"), "PS": (7, "PTE_LARGE"), "G": (8, "PTE_GLOBAL"),
              "XD": (63, "PTE_NX")}
SOFTWARE_BITS = {"PTE_SWAPPED": 9, "PTE_HIDDEN": 10}  # with P = 0, where the SDM has no bits
ENTRY_MEANINGS = {"P": "present", "R/W": "writable", "U/S": "ring 3 may access",
                  "PWT": "write-through", "PCD": "cache disable", "A": "accessed: set at a use",
                  "D": "dirty: set at a write", "PS": "1: maps a page itself", "G": "global",
                  "XD": "execute disable"}
FAULT_BITS = [(0, "P", "PF_PRESENT", "0: not present, 1: a right was missing"),
              (1, "W/R", "PF_WRITE", "1: write"), (2, "U/S", "PF_USER", "1: from ring 3"),
              (3, "RSVD", "PF_RESERVED", "a reserved bit was set in an entry"),
              (4, "I/D", "PF_FETCH", "1: instruction fetch"),
              (5, "PK", "PF_PROTECTION_KEY", ""), (6, "SS", "PF_SHADOW_STACK", ""),
              (7, "HLAT", "PF_HLAT", ""), (15, "SGX", "PF_SGX", "")]


def control_register(name, title, description, table):
    fields = defined(CONTROL, sources.defines(CONTROL), name.upper() + "_", table)
    figure = Figure(title, description)
    draw_rows(figure, fields, 32)
    legend(figure, [field for field in fields if field.on])
    figure.caption(COLOURED + "SDM 3A §2.5.")
    return figure


def cr0():
    return control_register("cr0", "CR0", "The bits of control register CR0, bit 31 at the left. "
                            "PE turns protected mode on, PG paging.", CR0_BITS)


def cr4():
    return control_register("cr4", "CR4", "The bits of control register CR4, bit 31 at the left. "
                            "PSE allows 4 MB pages, PAE turns three-level tables on.", CR4_BITS)


def entry_fields(names, lowest_address=None, address=""):
    """The fields of an entry with these of the one-bit names, and an address down to a bit."""
    constants = sources.defines(PAGING)
    known = {constant for _, constant in ENTRY_BITS.values()} | set(SOFTWARE_BITS)
    for name, bit in SOFTWARE_BITS.items():
        must_be(PAGING, name, constants.get(name, 1 << bit), 1 << bit)
    for name in constants:
        if name.startswith("PTE_SWAP_"):  # a field of an entry that the processor does not look at
            continue
        if name.startswith("PTE_") and name not in known:
            raise Contradiction(f"{PAGING}: {name} is not a bit of the SDM that the figure knows")
    fields = []
    for name in names.split():
        bit, constant = ENTRY_BITS[name]
        on = constant in constants
        if on:
            must_be(PAGING, constant, constants[constant], 1 << bit)
        fields.append(Field(bit, bit, name, ENTRY_MEANINGS[name], on))
    if lowest_address is not None:
        fields.append(Field(31, lowest_address, address, "", True))
    return fields


def address_bits(mode):
    mask = sources.paging_modes()[mode]["address_mask"]
    return mask.bit_length() - 1, (mask & -mask).bit_length() - 1


def cr3():
    modes = sources.paging_modes()
    figure = Figure("CR3",
                    "CR3 holds the physical address of the first paging structure: in 32-bit "
                    "paging the page directory, in PAE paging the table of four pointers.")
    for mode, low, heading, name in (("classic", 12, "32-bit paging",
                                      "page directory, physical address 31..12"),
                                     ("PAE", 5, "PAE paging",
                                      "page-directory-pointer table, physical address 31..5")):
        must_be("kernel/mm/paging.c", mode + " root_mask", modes[mode]["root_mask"],
                Field(31, low, "").mask())
        fields = [Field(31, low, name, "", True)]
        if mode == "classic":
            fields += [Field(4, 4, "PCD"), Field(3, 3, "PWT")]
        draw_rows(figure, fields, 32, "ignored", heading)
    figure.caption("PCD and PWT: how the directory itself is cached. " + COLOURED
                   + "SDM 3A §4.3 table 4-3, §4.4 table 4-7.")
    return figure


def pde():
    high, low = address_bits("classic")
    must_be("kernel/mm/paging.c", "classic address_mask", (high, low), (31, 12))
    figure = Figure("Page-directory entry, 32-bit paging",
                    "The two forms of a page-directory entry: one points to a page table, the "
                    "other maps a page of 4 MB.")
    table = entry_fields("P R/W U/S PWT PCD A PS", low, "page table, physical address 31..12")
    draw_rows(figure, table + [reserved(6, 6, "ignored"), reserved(11, 8, "ignored")], 32,
              heading="points to a page table (PS = 0)")
    large = entry_fields("P R/W U/S PWT PCD A D PS G", 22, "page, 31..22")
    shift = sources.paging_modes()["classic"]["levels"][0][1]
    must_be("kernel/mm/paging.c", "classic pgd shift", shift, 22)
    draw_rows(figure, large + [Field(20, 13, "page, 39..32"), Field(12, 12, "PAT"),
                               reserved(11, 9, "ignored")], 32, heading="maps a 4 MB page (PS = 1)")
    legend(figure, large[:-1], 3)
    figure.caption("PAT chooses a memory type. With P = 0 all other bits are ignored. " + COLOURED
                   + "SDM 3A §4.3 tables 4-4, 4-5.")
    return figure


def pte():
    figure = Figure("Page-table entry, 32-bit paging",
                    "A page-table entry: the physical address of a page of 4 KB and its rights.")
    fields = entry_fields("P R/W U/S PWT PCD A D G", address_bits("classic")[1],
                          "page, physical address 31..12")
    draw_rows(figure, fields + [Field(7, 7, "PAT"), reserved(11, 9, "ignored")], 32)
    legend(figure, fields[:-1], 3)
    figure.caption("PAT chooses a memory type. With P = 0 all other bits are ignored. " + COLOURED
                   + "SDM 3A §4.3 table 4-6.")
    return figure


def pae_entries():
    high, low = address_bits("PAE")
    must_be("kernel/mm/paging.c", "PAE address_mask", (high, low), (51, 12))
    figure = Figure("Entries of PAE paging", "The four kinds of entry in PAE paging, 64 bits each: "
                    "pointer to a page directory, pointer to a page table, 2 MB page, 4 KB page.")
    top = [Field(high, 32, "physical address 51..32", "", True)]
    kinds = [
        ("PDPTE: points to a page directory; no rights here",
         "P PWT PCD", 12, "page directory, 31..12",
         [reserved(2, 1), reserved(8, 5), reserved(11, 9, "ignored")]),
        ("PDE: points to a page table (PS = 0)", "P R/W U/S PWT PCD A PS XD", 12,
         "page table, 31..12",
         [reserved(6, 6, "ignored"), reserved(11, 8, "ignored")]),
        ("PDE: maps a 2 MB page (PS = 1)", "P R/W U/S PWT PCD A D PS G XD", 21, "page, 31..21",
         [Field(12, 12, "PAT"), reserved(11, 9, "ignored")]),
        ("PTE: maps a 4 KB page", "P R/W U/S PWT PCD A D G XD", 12, "page, 31..12",
         [Field(7, 7, "PAT"), reserved(11, 9, "ignored")]),
    ]
    for heading, names, lowest, address, others in kinds:
        draw_rows(figure, entry_fields(names, lowest, address) + top + others, 64, heading=heading)
        figure.bottom += 6
    figure.caption("XD counts only with EFER.NXE = 1. Address bits that the processor does not "
                   "have are reserved. " + COLOURED + "SDM 3A §4.4 tables 4-8 to 4-11.")
    return figure


def page_fault_error():
    constants = sources.defines(FAULT)
    names = {constant for _, _, constant, _ in FAULT_BITS}
    for name in constants:
        if name.startswith("PF_") and name not in names:
            raise Contradiction(f"{FAULT}: {name} is not a bit of the SDM that the figure knows")
    fields = []
    for bit, name, constant, meaning in FAULT_BITS:
        if constant in constants:
            must_be(FAULT, constant, constants[constant], 1 << bit)
        fields.append(Field(bit, bit, name, meaning, constant in constants))
    figure = Figure("Error code of a page fault",
                    "The error code that the processor pushes at a page fault, exception 14: what "
                    "kind of access failed and why.")
    draw_rows(figure, fields, 32)
    legend(figure, [field for field in fields if field.on])
    figure.caption("CR2 holds the linear address. " + COLOURED + "SDM 3A §4.7.")
    return figure


def descriptor():
    constants = sources.defines(GDT)
    dpl = int(re.search(r"#define DPL\(ring\) \(\(ring\) << (\d+)\)", sources.read(GDT)).group(1))
    for name, value, mask in (("PRESENT", constants["PRESENT"] << 8, 1 << 15),
                              ("DPL", 3 << dpl + 8, 3 << 13),
                              ("CODE_OR_DATA", constants["CODE_OR_DATA"] << 8, 1 << 12),
                              ("FLAGS_FLAT", constants["FLAGS_FLAT"] << 20, 3 << 22)):
        must_be(GDT, name, value, mask)
    if max(constants["TYPE_CODE"], constants["TYPE_DATA"]) > 15:
        raise Contradiction(f"{GDT}: a type has four bits")
    high = [Field(31, 24, "base 31..24", "", True),
            Field(23, 23, "G", "limit in pages of 4 KB", True),
            Field(22, 22, "D/B", "32-bit segment", True), Field(21, 21, "L", "64-bit code; 0 here"),
            Field(20, 20, "AVL", "for the kernel's use"), Field(19, 16, "limit 19..16", "", True),
            Field(15, 15, "P", "present", True),
            Field(14, 13, "DPL", "privilege level: the ring", True),
            Field(12, 12, "S", "1: code or data, 0: system", True),
            Field(11, 8, "type", "code/data, rights, accessed", True),
            Field(7, 0, "base 23..16", "", True)]
    low = [Field(31, 16, "base 15..0", "", True), Field(15, 0, "limit 15..0", "", True)]
    figure = Figure("Segment descriptor",
                    "The eight bytes of a segment descriptor: base and limit in pieces, and the "
                    "attributes of the segment.")
    for heading, fields in (("bytes 4 to 7", high), ("bytes 0 to 3", low)):
        draw_rows(figure, fields, 32, heading=heading)
    legend(figure, high)
    figure.caption(COLOURED + "SDM 3A §3.4.5.")
    return figure


def selector():
    constants = sources.defines(sources.LAYOUT) | sources.defines("kernel/cpu/gdt.h")
    must_be(DESCRIPTOR, "SELECTOR_TI", sources.defines(DESCRIPTOR)["SELECTOR_TI"], 1 << 2)
    fields = [Field(15, 3, "index", "which descriptor of the table", True),
              Field(2, 2, "TI", "table: 0 GDT, 1 LDT", True),
              Field(1, 0, "RPL", "requested privilege level", True)]
    figure = Figure("Segment selector", "The 16 bits of a segment selector: index of a descriptor, "
                    "table, requested privilege level; and the selectors of Ascent taken apart.")
    figure.bottom = draw_row(figure, fields, figure.bottom + 10)
    legend(figure, fields, 2)
    rows = [(name, constants[name]) for name in constants
            if re.fullmatch(r"(LOADER|KERNEL|USER)_[CD]S(16)?|.*TSS_SELECTOR", name)]
    y = figure.bottom + 34
    columns = (MARGIN, 300, 400, 520, 600)
    for x, head in zip(columns, ("name", "value", "index", "TI", "RPL")):
        figure.text(x, y, head, "muted", 11)
    for name, value in rows:
        y += 20
        figure.text(columns[0], y, name, "mono", 12)
        for x, text in zip(columns[1:],
                           (hexadecimal(value, 4), value >> 3, value >> 2 & 1, value & 3)):
            figure.text(x, y, str(text), "mono", 12)
    figure.caption("The value is index * 8 + TI * 4 + RPL: with TI and RPL 0 it is the offset of "
                   "the descriptor in the table. SDM 3A §3.4.2.")
    return figure


def gdtr():
    figure = Figure("GDTR and IDTR",
                    "The 48 bits that LGDT and LIDT read from memory: limit, then base.")
    figure.bottom = draw_row(figure, [Field(47, 16, "base: linear address of the table", "", True),
                                      Field(15, 0, "limit: its bytes - 1", "", True)],
                             figure.bottom + 10)
    x, cell = MARGIN, (WIDTH - 2 * MARGIN) / 6
    y = figure.bottom + 30
    figure.text(x, y, "in memory, at the operand of LGDT or LIDT", "strong", 13)
    for at, name in enumerate(("limit 7..0", "limit 15..8", "base 7..0", "base 15..8",
                               "base 23..16", "base 31..24")):
        figure.text(x + at * cell + cell / 2, y + 24, f"byte {at}", "muted", 11, "middle")
        figure.box(x + at * cell, y + 30, cell, 36, name, "on")
    figure.caption("In 16-bit code LGDT takes only 24 bits of the base unless it has an "
                   "operand-size prefix: o32 lgdt. SDM 3A §2.4.1, §2.4.3.")
    return figure


def gate():
    constants = sources.defines(IDT)
    must_be(IDT, "GATE_PRESENT", constants["GATE_PRESENT"] << 8, 1 << 15)
    must_be(IDT, "GATE_DPL3", constants["GATE_DPL3"] << 8, 3 << 13)
    must_be(IDT, "GATE_INTERRUPT_32", constants["GATE_INTERRUPT_32"], 0b01110)
    must_be(IDT, "GATE_TASK", constants["GATE_TASK"], 0b00101)
    common = [Field(15, 15, "P", "present", True),
              Field(14, 13, "DPL", "ring that may use INT n", True)]
    figure = Figure("Gates of the IDT",
                    "An interrupt gate: the selector and offset of the handler. A task gate: the "
                    "selector of a task-state segment.")
    interrupt = common + [Field(31, 16, "offset 31..16", "", True),
                          Field(12, 8, "0 1 1 1 0", "", True),
                          Field(7, 5, "0 0 0")]
    draw_rows(figure, interrupt, 32, heading="interrupt gate, bytes 4 to 7")
    draw_rows(figure,
              [Field(31, 16, "segment selector", "", True), Field(15, 0, "offset 15..0", "", True)],
              32, heading="interrupt gate, bytes 0 to 3")
    draw_rows(figure, common + [Field(12, 8, "0 0 1 0 1", "", True)], 32,
              heading="task gate, bytes 4 to 7")
    draw_rows(figure, [Field(31, 16, "TSS segment selector", "", True)], 32,
              heading="task gate, bytes 0 to 3")
    legend(figure, common)
    figure.caption("Bits 12 to 8 say which kind of gate. An interrupt gate clears IF; bit 11 is "
                   "D: a 32-bit handler. The kernel has a task gate for #DF only. SDM 3A §6.11.")
    return figure


def figures():
    yield "descriptor", descriptor()
    yield "selector", selector()
    yield "gdtr", gdtr()
    yield "gate", gate()
    yield "cr0", cr0()
    yield "cr3", cr3()
    yield "cr4", cr4()
    yield "pde", pde()
    yield "pte", pte()
    yield "pae-entries", pae_entries()
    yield "page-fault-error", page_fault_error()
