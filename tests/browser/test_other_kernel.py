"""The machine of the browser page with a kernel of another hand: its steps have their names, and what comes
behind them is no stop and no error. In Node, from what the page loads."""

import json
import os
import subprocess

import other_kernels
import pytest
from image import REPOSITORY, Image

OWN = list(range(1, 12))
KINDS = {"multiboot": (other_kernels.multiboot(), [*OWN, 26, 27]),
         "linux": (other_kernels.linux(), [*OWN, 28, 29, 30]),
         "real": (other_kernels.linux(real=True), [*range(1, 7), 31])}
SEABIOS = "/usr/share/seabios"


@pytest.mark.parametrize("kind", KINDS)
def test_walk(tmp_path, node, kind):
    kernel, numbers = KINDS[kind]
    subprocess.run(["make", "--no-print-directory", "-s", "setup-site",
                    "docs/node_modules/.package-lock.json"], cwd=REPOSITORY, check=True, timeout=600)
    image = Image(tmp_path).write_file("BOOT/OTHER", kernel).config("kernel = BOOT/OTHER\n")
    os.rename(image.path, tmp_path / "other.img")
    subprocess.run(["node", os.path.join(REPOSITORY, "docs/.vitepress/machine-files.mjs"),
                    tmp_path / "machine", SEABIOS, tmp_path / "other.img"], check=True)
    lines = [json.loads(line) for line in node("other_kernel.mjs", tmp_path, "other", str(numbers[-1]))]
    stops = [line for line in lines if line["what"] == "stop"]
    assert [stop["number"] for stop in stops] == numbers
    assert [stop.get("before") for stop in stops] == [None, *numbers[:-1]]
    assert all(stop["paging"] is None for stop in stops), "there are no page tables of ours"
    assert stops[-1]["name"] == {27: "multiboot-entry", 30: "linux-entry", 31: "linux-real"}[numbers[-1]]
    assert stops[-1].get("cs") == {"multiboot": 8, "linux": 0x10, "real": None}[kind]
    after = [(line["what"], line["phase"], line["number"]) for line in lines[len(stops):]]
    last, one_before = numbers[-1], numbers[-2]
    assert after == [("last", "other", last), ("back", "stopped", last), ("back", "stopped", one_before),
                     ("run", "other", one_before), ("link", "stopped", 3), ("link", "stopped", last)]
