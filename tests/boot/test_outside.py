"""What the kernel says of its memory, compared with what QEMU sees from outside."""

import random
import re

import pytest
from qemu import Qemu
from rows import disk_arguments

PAGE_OFFSET = 0xC0000000
MODES = ["paging=pae", "paging=classic"]


@pytest.fixture(params=MODES)
def machine(request, image):
    with Qemu("-cpu", "max", *disk_arguments(image.cmdline(request.param).path)) as qemu:
        qemu.wait_ready()
        qemu.pae = request.param == "paging=pae"
        yield qemu


def mappings(machine):
    """`info mem`: [(first, end, rights)]."""
    found = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) [0-9a-f]+ (\S+)$", machine.hmp("info mem"), re.M)
    assert found
    return [(int(first, 16), int(end, 16), rights) for first, end, rights in found]


@pytest.mark.quick
def test_nothing_below_page_offset(machine):
    assert min(first for first, _, _ in mappings(machine)) >= PAGE_OFFSET


@pytest.mark.quick
def test_nothing_writable_and_executable(machine):
    """The flags of `info tlb` start with X where NX is set, and end with W where writable."""
    rows = re.findall(r"^([0-9a-f]+): ([0-9a-f]+) ([-A-Z]{9})$", machine.hmp("info tlb"), re.M)
    assert len(rows) > 20
    assert all(flags[7] == "-" for _, _, flags in rows), "no page of the kernel is for ring 3"
    if machine.pae:
        assert not [row for row in rows if row[2][8] == "W" and row[2][0] != "X"]
        assert [row for row in rows if row[2][0] == "-" and row[2][8] == "-"], "text is executable"


@pytest.mark.quick
def test_va2pa_agrees_with_gva2gpa(machine):
    chosen = random.Random(20)
    regions = mappings(machine)
    addresses = [PAGE_OFFSET + 0x100000, PAGE_OFFSET + 0xB8000, PAGE_OFFSET, 0, 0xFFFFFFFF]
    while len(addresses) < 24:
        first, end, _ = chosen.choice(regions)
        addresses.append(chosen.randrange(first, end))
    for address in addresses:
        answer = re.search(r"gpa: (?:0x)?([0-9a-f]+)", machine.hmp(f"gva2gpa {address:#x}"))
        said = re.search(r"^physical ([0-9a-f]+)", machine.command(f"va2pa {address:x}"), re.M)
        assert bool(answer) == bool(said), hex(address)
        assert not answer or int(answer.group(1), 16) == int(said.group(1), 16), hex(address)


@pytest.mark.quick
def test_protection_bits(machine):
    """CR0.WP and CR4 as QEMU sees them."""
    registers = machine.hmp("info registers")
    cr0 = int(re.search(r"CR0=([0-9a-f]+)", registers).group(1), 16)
    cr4 = int(re.search(r"CR4=([0-9a-f]+)", registers).group(1), 16)
    assert cr0 & 1 << 16 and cr0 & 1 << 31 and not cr0 & 3 << 29
    assert bool(cr4 & 1 << 5) == machine.pae
    assert cr4 & 1 << 7 and cr4 & 1 << 20 and cr4 & 1 << 21


def test_descriptor_tables(ready):
    """GDT and IDT as the monitor decodes them lie where GDTR and IDTR point."""
    registers = ready.hmp("info registers")
    for name in ("GDT", "IDT"):
        base, limit = re.search(name + r"= +([0-9a-f]+) ([0-9a-f]+)", registers).groups()
        assert f"{name} at {base}, limit {int(limit, 16):x}" in ready.command(name.lower())


def test_physical_memory_agrees(ready):
    """The monitor's dump of the kernel's text is what lies at that physical address."""
    dump = ready.command("x c0100000 64")
    data = bytes.fromhex("".join(re.search(r"^\S+  ([0-9a-f ]{48})", line).group(1)
                                 for line in dump.splitlines()))
    assert data == ready.read_physical(0x100000, 64)


def test_steps_agree_with_registers(ready):
    """The last step's CR3 and GDTR are those that the processor has now."""
    last = [line for line in ready.serial.splitlines() if line.startswith("@STEP 20")][0]
    registers = ready.hmp("info registers")
    cr3 = re.search(r"CR3=([0-9a-f]+)", registers).group(1)
    gdt = re.search(r"GDT= +([0-9a-f]+) ([0-9a-f]+)", registers).groups()
    assert f"cr3={cr3} " in last
    assert f"gdtr={gdt[0]}/{int(gdt[1], 16):04x}" in last


@pytest.mark.quick
def test_memory_sums(ready):
    """Every use of frames that `mem` lists adds up to the total."""
    rows = re.findall(r"^ +(\d+) +(\d+)  (.+)$", ready.command("mem"), re.M)
    uses = [int(frames) for frames, _, name in rows if not name.startswith("sum")]
    (total,) = [int(frames) for frames, _, name in rows if name.startswith("sum")]
    assert sum(uses) == total and max(uses) <= total
