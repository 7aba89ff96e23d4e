"""How long a kernel takes to load, from docs/figures/load.json, which bench/load.py --docs writes."""

import json
import os

from . import sources
from .svg import MARGIN, Figure, text_width

RUN = os.path.join(sources.REPOSITORY, "docs/figures/load.json")
MEGABYTES = "32"
NAMES = {"ide": "IDE", "ahci": "AHCI", "virtio-blk": "virtio", "usb-xhci": "USB", "nvme": "NVMe"}
BARE, FIRMWARE = "bare reader", "firmware only"


def loading(run):
    figure = Figure("A kernel of 32 MB, from the start of the machine to its first instruction",
                    "For each bus and each loader, how many times as long as a boot sector takes that only "
                    "reads as many bytes.")
    left, right, row = 250, 640, 18
    longest = max(times / cells[MEGABYTES][BARE] for cells in run["results"].values()
                  for times in cells[MEGABYTES].values())
    scale = (right - left) / longest
    y = figure.bottom + 10
    for disk, cells in run["results"].items():
        figure.text(MARGIN, y + 14, NAMES[disk], "strong", 12)
        top = y
        for name, time in cells[MEGABYTES].items():
            if name in (BARE, FIRMWARE):
                continue
            times = time / cells[MEGABYTES][BARE]
            figure.text(MARGIN + 60, y + 14, name, "", 12)
            figure.rect(left, y + 4, times * scale, row - 8, "bar" if "Ascent" in name else "on")
            figure.rect(left + times * scale + 3, y + 3, text_width("0.00", 11) + 4, row - 6, "page")
            figure.text(left + times * scale + 5, y + 14, f"{times:.2f}", "", 11)
            y += row
        figure.line(left + scale, top, left + scale, y)
        y += 8
    figure.bottom = y
    figure.caption("Times of the bare reader (the line), firmware counted on both sides. Ascent, "
                   "\"no checksum\" is what the other two do.")
    return figure


def figures():
    try:
        with open(RUN, encoding="ascii") as file:
            yield "loading", loading(json.load(file))
    except FileNotFoundError:
        raise sources.Contradiction("no docs/figures/load.json: bench/load.py --docs") from None
