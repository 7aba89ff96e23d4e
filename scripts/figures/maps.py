"""Maps: of the disk, of physical memory, of the kernel's address space."""

import re

from . import sources
from .bits import must_be
from .sources import Contradiction
from .svg import MARGIN, WIDTH, Figure, hexadecimal, size_name

REGIONS = "kernel/mm/regions.h"
LEFT = 130  # of the bands of a map; the addresses are beside them


def bands(figure, rows, end, note_width=150):
    """Bands from the lowest address down the page: (address or None, text, note, kind, height)."""
    y = figure.bottom + 16
    wide = WIDTH - MARGIN - note_width - LEFT
    for address, text, note, kind, height in rows:
        if address is not None:
            figure.text(LEFT - 10, y + 5, hexadecimal(address), "mono muted", 12, "end")
        figure.rect(LEFT, y, wide, height, kind)
        figure.text(LEFT + 12, y + height / 2 + 4, text, "", 12.5)
        figure.label(LEFT + wide + 6, y, note_width - 6, height, note, "muted", 11)
        y += height
    figure.text(LEFT - 10, y + 5, end, "mono muted", 12, "end")
    figure.reach(y + 6)


def memory_map():
    constants = sources.defines(sources.LAYOUT)
    rows = []
    table = sources.comment_rows(sources.LAYOUT, "interrupt vectors")
    starts = [address for address, _ in table] + [1 << 32]
    # Where a part ends before the next one begins.
    lengths = {"BOOT_INFO_ADDR": constants["BOOT_INFO_MAX"],
               "STAGE2_BSS_ADDR": constants["STAGE2_BSS_MAX"],
               "STACK_TOP": constants["STACK_TOP"] - constants["STACK_BOTTOM"],
               "CONFIG_ADDR": constants["CONFIG_AREA_MAX"],
               "STAGE1_ADDR": constants["SECTOR_SIZE"],
               "ENTRY_STATE_ADDR": constants["STAGE1_ADDR"] - constants["ENTRY_STATE_ADDR"],
               "STAGE2_ADDR": constants["STAGE2_REAL_MAX"],
               "STAGE2_PM_ADDR": constants["STAGE2_PM_MAX"],
               "PAGE_DIRECTORY_ADDR": constants["PAGE_SIZE"],
               "BOUNCE_ADDR": constants["BOUNCE_SIZE"]}
    for at, (address, text) in enumerate(table):
        text, constant = re.fullmatch(r"(.*?)(?:\s+([A-Z][A-Z0-9_]{5,}))?", text).groups()
        if constant:
            if constant not in constants:
                raise Contradiction(f"layout.h: the comment names {constant}, which is not defined")
            inside = constant == "STACK_TOP" and constants["STACK_BOTTOM"] == address
            if constants[constant] != address and not inside:
                raise Contradiction(f"layout.h: the comment has {constant} at {address:X}")
        length = lengths.get(constant, starts[at + 1] - address)
        if address + length > starts[at + 1]:
            raise Contradiction(f"layout.h: {constant} reaches into what follows")
        if constant == "LOADER_END":
            rows.append((address, text, size_name(constants["LOW_MEMORY_END"] - address), "off",
                         34))
            rows.append((constants["LOW_MEMORY_END"],
                         f"video memory (text at {hexadecimal(constants['VGA_TEXT_ADDR'])}), ROMs",
                         size_name(constants["HIGH_MEMORY_START"] - constants["LOW_MEMORY_END"]),
                         "box", 34))
            continue
        if at == len(table) - 1:
            note, text = constant, text + ", initrd, free memory"
        else:
            note = f"{size_name(length)}\n{constant}" if constant else size_name(length)
        rows.append((address, text, note, "on" if constant else "box", 36))
    figure = Figure("Physical memory while the loader runs",
                    "A column of the regions of physical memory, address 0 at the top, up to the "
                    "kernel at 1 MB.")
    bands(figure, rows, "end of RAM")
    figure.caption("Not to scale. Coloured: written by Ascent. Sizes are upper bounds. "
                   "From include/ascent/layout.h.")
    return figure


def kernel_map():
    constants = sources.defines(sources.LAYOUT) | sources.defines("kernel/mm/addr.h")
    table = sources.comment_rows(REGIONS, "C0000000  page 0")
    offset = constants["PAGE_OFFSET"]
    expected = {"page 0": offset, "kernel .text": offset + constants["KERNEL_PHYS"],
                "video memory": offset + constants["LOW_MEMORY_END"],
                "nothing yet": offset + constants["DIRECT_MAP_MAX"]}
    rows = []
    for address, text in table:
        for start, value in expected.items():
            if text.startswith(start):
                must_be(REGIONS, f"the comment's address of {start!r}", address, value)
        text, rights = re.fullmatch(r"(.*?)(?:\s{2,}([RWX ]+))?", text).groups()
        kind = "dashed" if not rights else "on" if "W" not in rights else "box"
        rows.append((address, text, rights or "not mapped", kind, 34))
    figure = Figure("The kernel's address space",
                    "A column of the regions of the kernel's linear address space with their "
                    "rights; nothing is mapped below PAGE_OFFSET.")
    bands(figure, rows, "FFFFFFFF", 100)
    figure.caption("Not to scale. R, W, X: read, write, execute; coloured where the kernel itself "
                   "cannot write. Dashed: an access is a page fault. From kernel/mm/regions.h.")
    return figure


def disk_image():
    c = sources.defines(sources.LAYOUT)
    sector, stage2_end = c["SECTOR_SIZE"], c["STAGE2_LBA"] + c["STAGE2_MAX_SECTORS"]
    figure = Figure("The disk image",
                    "The disk as a row of sectors: stage 1, stage 2, free sectors, the FAT "
                    "partition; below it sector 0 and the header of stage 2 in detail.")
    y = 74
    figure.text(MARGIN, y - 8, "sector", "muted", 11)
    parts = [(MARGIN, 90, "0", "stage 1\n(MBR)", "on"),
             (MARGIN + 90, 140, f"{c['STAGE2_LBA']}", "stage 2", "on"),
             (MARGIN + 230, 110, f"{stage2_end}", "free", "off"),
             (MARGIN + 340, 312, f"{c['PARTITION_LBA']}",
              "partition 1: FAT\nBOOT/BOOT.CFG, KERNEL.ELF, INITRD.CPI", "box")]
    for x, wide, lba, name, kind in parts:
        figure.text(x + (38 if lba == "0" else 2), y - 8, lba, "mono muted", 11)
        figure.box(x, y, wide, 48, name, kind)

    def detail(title, x, wide, y, from_x, from_wide, fields):
        figure.band([(from_x, 122), (from_x + from_wide, 122), (x + wide, y), (x, y)])
        figure.text(x, y - 10, title, "strong", 12)
        for name, first in fields:
            figure.text(x - 8, y + 20, first, "mono muted", 11, "end")
            figure.box(x, y, wide, 30, name, "on", 12)
            y += 30
        return y

    table_end = c["MBR_TABLE_OFFSET"] + 16 * c["MBR_TABLE_ENTRIES"]
    if table_end != c["MBR_SIGNATURE_OFFSET"] or c["MBR_SIGNATURE_OFFSET"] + 2 != sector:
        raise Contradiction("layout.h: the partition table does not end at the signature of the "
                            "MBR")
    y = 196
    left, right = MARGIN + 40, 400
    detail("sector 0", left, 230, y, MARGIN, 90, [
        ("code of stage 1", "0"), ("disk signature", f"{c['STAGE1_MAX_BYTES']}"),
        (f"partition table, {c['MBR_TABLE_ENTRIES']} * 16 bytes", f"{c['MBR_TABLE_OFFSET']}"),
        (f"{c['MBR_SIGNATURE'] & 255:02X} {c['MBR_SIGNATURE'] >> 8:02X}",
         f"{c['MBR_SIGNATURE_OFFSET']}")])
    fields = [("magic “AST2”", "MAGIC"), ("version", "VERSION"),
              ("length in sectors", "SECTORS"), ("CRC-32 of the other sectors", "CRC"),
              ("makes this sector add up to 0", "SUM")]
    must_be("layout.h", "STAGE2_MAGIC", c["STAGE2_MAGIC"], int.from_bytes(b"AST2", "little"))
    detail("stage 2", right, 250, y, MARGIN + 90, 140,
           [(name, str(c["STAGE2_HEADER_" + constant])) for name, constant in fields]
           + [("code and data", str(c["STAGE2_HEADER_SIZE"]))])
    figure.caption(f"Sectors have {sector} bytes; in the details the offset of the first byte is "
                   "at the left. Not to scale. From include/ascent/layout.h.")
    return figure


def identity_and_higher_half():
    c = sources.defines(sources.LAYOUT)
    offset, mapped, kernel = c["PAGE_OFFSET"], c["LOADER_MAP_MIN"], c["KERNEL_PHYS"]
    figure = Figure("One memory at two addresses",
                    "The loader maps the first megabytes of physical memory twice: at linear "
                    "address 0, the identity map, and at PAGE_OFFSET, the higher half.")
    left, right, wide = 120, 470, 150
    y0, height = 84, 74
    y1 = y0 + height + 90
    bottom = y1 + height + 40
    figure.text(left, y0 - 14, "linear addresses", "strong", 13)
    figure.text(right, y0 - 14, "physical memory", "strong", 13)
    middle = (y0 + y1) / 2
    for at in (y0, y1):
        figure.band([(left + wide, at), (right, middle), (right, middle + height),
                     (left + wide, at + height)])
    figure.box(left, y0, wide, height, "identity map", "on")
    figure.box(left, y0 + height, wide, y1 - y0 - height, "not mapped", "dashed", 12, "muted")
    figure.box(left, y1, wide, height, "higher half", "on")
    figure.box(left, y1 + height, wide, bottom - y1 - height, "not mapped", "dashed", 12, "muted")
    figure.rect(right, middle, wide, height, "on")
    kernel_y = middle + 26
    figure.line(right, kernel_y, right + wide, kernel_y)
    figure.label(right, middle, wide, 26, "loader", "", 12)
    figure.label(right, kernel_y, wide, height - 26, "kernel", "", 12)
    figure.box(right, middle + height, wide, 46, "more memory", "off", 12, "muted")
    for x, y, value in ((left, y0, 0), (left, y0 + height, mapped), (left, y1, offset),
                        (left, y1 + height, offset + mapped), (left, bottom, 0xFFFFFFFF)):
        figure.text(x - 8, y + 4, hexadecimal(value), "mono muted", 12, "end")
    for y, value in ((middle, 0), (kernel_y, kernel), (middle + height, mapped)):
        figure.text(right + wide + 6, y + 4, hexadecimal(value), "mono muted", 11)
    figure.bottom = bottom + 6
    figure.paragraph("When CR0.PG becomes 1, EIP and ESP are still low: the identity map keeps "
                     f"them valid. Then the loader jumps to {hexadecimal(offset + kernel)} and "
                     "above, where the kernel is linked. Later the kernel removes the identity "
                     "map.")
    figure.caption(f"At least {size_name(mapped)}, more where the kernel is larger. From "
                   "LOADER_MAP_MIN and PAGE_OFFSET in include/ascent/layout.h.")
    return figure


def elf_load():
    c = sources.defines(sources.LAYOUT)
    phys, virt = c["KERNEL_PHYS"], c["PAGE_OFFSET"] + c["KERNEL_PHYS"]
    segments = sources.kernel_segments()
    figure = Figure("From the ELF file to memory",
                    "The segments of the kernel file, copied to the physical address p_paddr, and "
                    "mapped at the virtual address p_vaddr.")
    file_x, phys_x, virt_x, wide = 44, 296, 532, 130
    top, each, bss = 94, 44, 44
    for x, title in ((file_x, "file"), (phys_x, "physical memory"), (virt_x, "linear addresses")):
        figure.text(x, top - 20, title, "strong", 13)
    figure.box(file_x, top, wide, 30, "ELF header", "box")
    figure.box(file_x, top + 30, wide, 30, "program headers", "box")
    start = top + 60
    for at, (name, rights) in enumerate(segments):
        y, to = start + at * each, top + 20 + at * each
        figure.band([(file_x + wide, y), (phys_x, to), (phys_x, to + each),
                     (file_x + wide, y + each)])
        figure.band([(phys_x + wide, to), (virt_x, to), (virt_x, to + each),
                     (phys_x + wide, to + each)])
        figure.box(file_x, y, wide, each, f".{name}", "on")
        figure.box(phys_x, to, wide, each, f".{name}", "on")
        figure.box(virt_x, to, wide, each, f".{name}\n{' '.join(rights)}", "on")
    end = top + 20 + len(segments) * each
    figure.band([(phys_x + wide, end), (virt_x, end), (virt_x, end + bss),
                 (phys_x + wide, end + bss)])
    figure.box(phys_x, end, wide, bss, ".bss: zeros", "dashed")
    figure.box(virt_x, end, wide, bss, ".bss\nR W", "dashed")
    for x, value in ((phys_x, phys), (virt_x, virt)):
        figure.text(x, top + 12, hexadecimal(value), "mono muted", 11)
    for x, text in ((file_x + wide, "stage 2 copies\np_filesz bytes\nto p_paddr"),
                    (phys_x + wide, "page tables\nmap them\nat p_vaddr")):
        gap = phys_x - file_x - wide if x == file_x + wide else virt_x - phys_x - wide
        figure.label(x, end + bss + 12, gap, 44, text, "muted", 11)
    figure.label(phys_x, end + bss + 12, wide, 44,
                 "p_memsz > p_filesz:\nthe rest is filled\nwith zeros", "muted", 11)
    figure.label(virt_x, end + bss + 12, wide, 44, "p_vaddr = PAGE_OFFSET\n+ p_paddr", "muted", 11)
    figure.caption("Segments from linker/kernel.ld. ELF §2-2.")
    return figure


def figures():
    yield "memory-map", memory_map()
    yield "kernel-map", kernel_map()
    yield "disk-image", disk_image()
    yield "identity-and-higher-half", identity_and_higher_half()
    yield "elf-load", elf_load()
