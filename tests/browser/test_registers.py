"""The registers that the browser page shows are those that v86 has, and those that QEMU has at the
same step; and what it draws of the tables in memory is what they hold."""

import json
import re

import pytest
from image import SHELL_DISK
from qemu import Qemu
from rows import disk_arguments
from step import LAST, Stepper, table
from x86 import Machine

STEPS = table()
FIRST_GDT = 8  # before gdt-load, GDTR is the BIOS's business
# v86 has no A20 gate, so the machine goes on. Its real mode does not look at the limit of the IDT: a
# tick does harm only from pe-set on, if one comes in the few milliseconds up to the kernel.
NOT_IN_V86 = {"a20": ["stopped"], "irq-off": ["reset", "stopped"]}
# A processor with what v86's has: PAE and PGE, but no NX. And its memory and its BIOS.
LIKE_V86 = ["-cpu", "pentium3", "-m", "16", "-bios", "/usr/share/seabios/bios.bin"]


@pytest.fixture(scope="module")
def stops(site, node):
    lines = [json.loads(line) for line in node("registers.mjs", site)]
    assert lines.pop() == {"phase": "ready"}
    assert [stop["number"] for stop in lines] == [step["number"] for step in STEPS]
    return lines


def guest(stop):
    """What the machine said on COM1."""
    base, limit = stop["registers"]["gdtr"]["now"].split("/")
    return {"cr0": int(stop["registers"]["cr0"]["now"], 16),
            "cr3": int(stop["registers"]["cr3"]["now"], 16),
            "gdtr": (int(base, 16), int(limit, 16))}


def v86(stop):
    cpu = stop["cpu"]
    return {"cr0": cpu["cr0"], "cr3": cpu["cr3"],
            "gdtr": (cpu["gdtr"]["base"], cpu["gdtr"]["limit"])}


def qemu(machine):
    text = machine.hmp("info registers")
    base, limit = re.search(r"GDT= +(\w{8}) (\w{8})", text).groups()
    return {"cr0": int(re.search(r"CR0=(\w{8})", text).group(1), 16),
            "cr3": int(re.search(r"CR3=(\w{8})", text).group(1), 16),
            "gdtr": (int(base, 16), int(limit, 16))}


@pytest.mark.quick
def test_v86_is_as_the_guest_says(stops):
    for stop in stops:
        assert v86(stop) == guest(stop), stop["number"]


@pytest.mark.quick
def test_v86_is_as_qemu(stops):
    with Qemu(*LIKE_V86, *disk_arguments(SHELL_DISK)) as machine:
        while "@" not in machine.serial:
            machine.send("s")
        stepper = Stepper(machine)
        for stop in stops:
            assert stepper.wait() == stop["number"]
            expected = v86(stop)
            for _ in range(500):  # QEMU runs on: it may just be in the BIOS
                real = qemu(machine)
                if stop["number"] < FIRST_GDT:
                    real["gdtr"] = expected["gdtr"]
                if stop["number"] > LAST:  # which frame is free then, depends on the machine
                    real["cr3"] = expected["cr3"]
                if real == expected:
                    break
            assert real == expected, stop["number"]
            stepper.next()


@pytest.mark.quick
def test_hidden_part_of_cs(stops):
    """At pe-set it is still that of real mode, at cs-load it is that of the descriptor."""
    hidden = {stop["number"]: stop["cpu"]["cs"] for stop in stops}
    assert (hidden[9]["bits"], hidden[9]["limit"]) == (16, 0xFFFF)
    assert (hidden[10]["bits"], hidden[10]["limit"]) == (32, 0xFFFFFFFF)


@pytest.mark.quick
def test_gdt(stops):
    kinds = [entry["kind"] for entry in stops[9 - 1]["gdt"]]
    assert kinds == ["null", "32-bit code", "32-bit data", "16-bit code", "16-bit data"]
    kernel = stops[16 - 1]["gdt"]
    assert kernel[1]["kind"] == "32-bit code" and any("TSS" in entry["kind"] for entry in kernel)
    assert kernel[1]["limit"] == 0xFFFFFFFF and kernel[1]["base"] == 0


@pytest.mark.quick
def test_page_tables(stops):
    def ranges(number):
        return [(r["linear"], r["physical"], r["bytes"]) for r in stops[number - 1]["paging"]["ranges"]]

    assert stops[11 - 1]["paging"] is None
    assert ranges(12) == [(0, 0, 0x800000), (0xC0000000, 0, 0x800000)]
    for number in range(12, 26):
        pg = stops[number - 1]["cpu"]["cr0"] >> 31
        assert stops[number - 1]["paging"]["inUse"] == bool(pg), "CR0.PG alone says so"
    assert [stops[number - 1]["paging"]["loaded"] for number in (12, 13)] == [False, True]
    assert stops[18 - 1]["paging"]["mode"] == "PAE paging"
    assert min(linear for linear, _, _ in ranges(18)) == 0
    assert min(linear for linear, _, _ in ranges(19)) == 0xC0000000
    assert all(linear - physical == 0xC0000000 for linear, physical, _ in ranges(19))
    code = [r for r in stops[19 - 1]["paging"]["ranges"]
            if r["linear"] <= 0xC0100000 < r["linear"] + r["bytes"]]
    assert not code[0]["write"]


@pytest.mark.quick
def test_tables_of_qemu(stops):
    """What the page marks in the tables is what differs in QEMU's memory from the stop before: rows of the
    GDT and the IDT, and entries of the page directory that the processor has set A or D in."""
    with Qemu(*LIKE_V86, *disk_arguments(SHELL_DISK)) as machine:
        while "@" not in machine.serial:
            machine.send("s")
        stepper, outside = Stepper(machine), Machine(machine.hmp)
        before = {"gdt": b"", "idt": b"", "directory": b""}
        for stop in stops[:17]:  # up to kernel-idt: what follows depends on the memory that is free
            assert stepper.wait() == stop["number"]
            registers = outside.registers()
            now = {"directory": machine.read_physical(0x1C000, 4096)}
            for name in ("gdt", "idt"):
                base, limit = registers[name.upper()]
                now[name] = outside.linear(base, limit + 1, registers)
                size = 1 if name == "gdt" else 8  # a selector, a vector
                rows = [at // size for at in range(0, limit, 8)
                        if now[name][at:at + 8] != before[name][at:at + 8]]
                if FIRST_GDT < stop["number"] < 17 or (name, stop["number"]) == ("idt", 17):
                    assert stop["news"][name] == rows, (name, stop["number"])
            if stop["number"] in (13, 14, 15):
                entries = [(index, now["directory"][at] & ~before["directory"][at] & 0x60)
                           for index, at in enumerate(range(0, 4096, 4))]
                used = [(f"[{index:03X}]", [bit for bit, mask in (("A", 0x20), ("D", 0x40)) if bits & mask])
                        for index, bits in entries if bits]
                assert [(entry["path"], entry["bits"]) for entry in stop["used"]] == used
                assert bool(used) == (stop["number"] != 13)
            before = now
            stepper.next()


@pytest.mark.quick
def test_into_ring3(stops):
    """What the guest says of the first program, v86's own memory shows: the process's page tables have
    the pages that came, and the kernel half of before."""
    def registers(number):
        return {name: value["now"] for name, value in stops[number - 1]["registers"].items()}

    def page(number, linear):
        return next((r for r in stops[number - 1]["paging"]["ranges"]
                     if r["linear"] <= linear < r["linear"] + r["bytes"]), None)

    assert registers(21)["cr3"] != registers(20)["cr3"]
    assert len({registers(number)["cr3"] for number in range(21, 26)}) == 1
    assert page(21, 0xC0100000) == page(20, 0xC0100000)
    assert {r["linear"] >= 0xC0000000 for r in stops[21 - 1]["paging"]["ranges"]} == {True}
    eip, cs, _, esp, ss = (int(word, 16) for word in registers(22)["frame"].split("/"))
    assert (cs, ss) == (0x1B, 0x23) and page(22, eip) is None, "no page of the program's code yet"
    stack = page(22, esp)
    assert stack["user"] and stack["write"]
    for number in (23, 25):
        came = page(number, int(registers(number)["cr2"], 16))
        entry = int(registers(number)["pte"], 16)
        assert came["user"] and came["write"]
        linear = int(registers(number)["cr2"], 16) & ~0xFFF
        assert came["physical"] + linear - came["linear"] == entry & 0x7FFFFFFFFFFFF000
    assert page(22, int(registers(23)["cr2"], 16)) is None
    assert registers(24)["frame"].split("/")[1] == "0000001b" and stops[24 - 1]["cpu"]["cs"]["cpl"] == 0


@pytest.mark.quick
def test_memory_map(stops):
    assert stops[4 - 1]["map"] == []
    usable = [r for r in stops[5 - 1]["map"] if r["type"] == "usable"]
    assert usable[-1]["base"] == 0x100000
    assert 15 << 20 >= usable[-1]["length"] > 14 << 20


def test_breaks(site, node):
    """What B breaks ends as steps.def says, and Back brings the machine of before."""
    results = {line["number"]: line for line in map(json.loads, node("breaks.mjs", site))}
    for step in STEPS:
        if not step["breaks"]:
            assert step["number"] not in results
            continue
        result = results[step["number"]]
        assert result["asked"] == "asked"
        assert (result["back"], result["whole"]) == (step["number"], "stopped"), step["name"]
        if step["name"] in NOT_IN_V86:
            assert result["stops"][0] == step["number"] + 1, step["name"]
            assert result["phase"] in NOT_IN_V86[step["name"]], step["name"]
        elif step["end"] == "reset":
            assert result["phase"] == "reset", step["name"]
        else:
            assert result["phase"] == "ended", step["name"]
            assert step["end"] in result["screen"], step["name"]
