"""Memory management, seen from outside: what the kernel says of frames, addresses and rights, held
against QEMU's view of the same memory; and its own tests, on machines from 4 MB to 8 GB.

`info tlb` shows page tables, not what the processor remembers of them. Of that, only the suites
tables and kmap tell, and the lesson stale."""

import functools
import os
import re
import subprocess
import sys

import pytest
import rows
from gdb import address_of
from image import DISK, REPOSITORY, Image
from qemu import Qemu
from rows import disk_arguments
from test_outside import MODES, PAGE_OFFSET
from test_selftest import DEBUG_EXIT, PASSED

sys.path.insert(0, os.path.join(REPOSITORY, "bench"))
from startup import SIZES, instructions, ram_arguments  # noqa: E402

PAGE = 4096
X86_64 = "qemu-system-x86_64"
MAGIC = 0xA5CE2717  # what the lesson highmem leaves
LESSONS = ["alias", "stale", "large", "fragments", "pressure", "kmalloc", "highmem"]


def qemu(image, *arguments, **options):
    return Qemu(*arguments, *disk_arguments(image), **options)


def owners(machine):
    """What `mem` lists: {use: frames}, and the total."""
    text = machine.command("mem")
    rows_ = re.findall(r"^ +(\d+) +(\d+)  (.+)$", text, re.M)
    assert all(int(kilobytes) == int(frames) * 4 for frames, kilobytes, _ in rows_)
    *uses, (total, _, verdict) = rows_
    assert verdict == f"sum, equal to the total of {total}", text
    uses = {name: int(frames) for frames, _, name in uses}
    assert sum(uses.values()) == int(total)
    return uses, int(total)


def configured(machine):
    """The total that this machine must have, by QEMU's memory and the BIOS's map."""
    return rows.expected_kilobytes(machine.ram(), rows.raw_map(machine)) // 4


# ---- every frame taken and given back ----------------------------------------------------------

def memory_sizes():
    """Of the rows about memory, what the loader takes for certain and this machine can fill."""
    sizes = {row["memory"] for row in rows.load() if row["name"].startswith("memory-")
             and isinstance(row["memory"], int) and 4 <= row["memory"] <= 8192}
    assert min(sizes) == 4 and max(sizes) == 8192
    for megabytes in sorted(sizes):
        yield pytest.param(megabytes, marks=[pytest.mark.quick] if megabytes in (4, 64) else [])


def selftest(image, cmdline, *arguments):
    with qemu(image.cmdline(cmdline).path, *DEBUG_EXIT, *arguments, program=X86_64) as machine:
        status = machine.wait_exit(150)
        machine.wait_for(r"\Z")
        assert status == PASSED, machine.serial[-3000:]
        assert "not ok" not in machine.serial
        return machine.serial


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("megabytes", memory_sizes())
def test_every_frame(image, megabytes, mode):
    """Not more than 8 GB: the test writes to all of it, so the host must have as much."""
    report = selftest(image, f"selftest=buddy {mode}", "-m", str(megabytes))
    assert re.search(r"^ok \d+ buddy.exhaustion$", report, re.M)


@pytest.mark.parametrize("suite", [
    pytest.param("kmap", marks=pytest.mark.quick), "vmalloc", "pressure", "tables"])
@pytest.mark.parametrize("mode", MODES)
def test_with_highmem(image, suite, mode):
    report = selftest(image, f"selftest={suite} {mode}", "-m", "2G", "-cpu", "max")
    assert "# SKIP" not in report


@pytest.mark.parametrize("megabytes", [16384, pytest.param(65536, marks=pytest.mark.quick)])
@pytest.mark.parametrize("mode", MODES)
def test_more_memory_than_this_machine_has(image, megabytes, mode):
    """64 GB is what PAE reaches; classic paging ends at 4. The sum has all of it."""
    with qemu(image.cmdline(mode).path, *ram_arguments(megabytes), program=X86_64) as machine:
        machine.wait_ready()
        uses, total = owners(machine)
        assert total == configured(machine)
        assert total * PAGE > (megabytes - 1) << 20
        reach = 4096 if mode == "paging=classic" else 65536
        beyond = max(0, sum(end - max(first, reach << 20) for first, end in machine.ram()
                            if end > reach << 20)) // PAGE
        assert uses.get("beyond reach", 0) == beyond
        assert machine.command("lesson highmem 500").startswith("a5ce2717 written")
        assert owners(machine)[1] == total


# ---- sums --------------------------------------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("mode", MODES)
def test_sum_after_each_lesson(image, mode):
    with qemu(image.cmdline(mode).path, "-cpu", "max", "-m", "128") as machine:
        machine.wait_ready()
        total = owners(machine)[1]
        assert total == configured(machine)
        machine.command("lesson alias")  # classic mode keeps the table of these addresses
        before = owners(machine)
        for lesson in LESSONS:
            machine.command("lesson " + lesson, 60)
            assert owners(machine) == before, lesson
        assert before[1] == total


@pytest.mark.quick
@pytest.mark.parametrize("mode", MODES)
def test_sum_after_the_selftests(image, mode):
    """Without isa-debug-exit the monitor comes after them."""
    with qemu(image.cmdline("selftest=all " + mode).path, "-cpu", "max", "-m", "64") as machine:
        machine.wait_ready(60)
        assert re.search(r"^# selftest: (\d+) of \1 passed$", machine.serial, re.M)
        assert owners(machine)[1] == configured(machine)


# ---- contiguous memory, and memory without an address -------------------------------------------

def physical(machine, address):
    """By QEMU's walk through the tables, or None."""
    answer = re.search(r"gpa: (?:0x)?([0-9a-f]+)", machine.hmp(f"gva2gpa {address:#x}"))
    return int(answer.group(1), 16) if answer else None


@pytest.mark.quick
@pytest.mark.parametrize("size", ["", " 400000", " 300001", " 801"])
def test_kmalloc_is_contiguous(ready, size):
    """The direct map stays when the memory is given back. 801h bytes are the first whole frames."""
    answer = ready.command("lesson kmalloc" + size)
    first, last, low, high = (int(word, 16) for word in re.search(
        r": (\w{8})-(\w{8}), physical (\w{8})-(\w{8})$", answer, re.M).groups())
    assert last - first + 1 == int(size or "400000", 16)
    assert low == physical(ready, first) and high == physical(ready, last)
    for address in range(first, last, PAGE):
        assert physical(ready, address) == low + address - first


@pytest.mark.quick
def test_kmalloc_ends_at_4_mb(ready):
    assert "no, the most is 400000" in ready.command("lesson kmalloc 400001")


@pytest.mark.quick
@pytest.mark.parametrize("megabytes, at, mode", [
    (2048, "", "paging=pae"), (2048, "", "paging=classic"), (8192, " 1000", "paging=pae")])
def test_highmem(image, megabytes, at, mode):
    """The lesson writes through kmap(); QEMU reads physical memory. 1000h MB is 4 GB."""
    with qemu(image.cmdline(mode).path, "-m", str(megabytes), program=X86_64) as machine:
        machine.wait_ready()
        before, total = owners(machine)
        answer = machine.command("lesson highmem" + at)
        where, virtual = (int(word, 16) for word in re.match(
            r"a5ce2717 written to physical (\w+) through kmap, at (\w+)\n", answer).groups())
        assert where >= int(at or "380", 16) << 20
        assert f"0x{MAGIC:08x}" in machine.hmp(f"xp /1xw {where:#x}")
        assert physical(machine, virtual) == where  # the place keeps its frame
        after, total_after = owners(machine)
        assert total_after == total and after.get("other") == before.get("other")  # given back


@pytest.mark.quick
def test_no_highmem(ready):
    assert ready.command("lesson highmem").startswith("no free frame from 896 MB on")


@pytest.mark.quick
def test_a_megabyte_beyond_all_frame_numbers(ready):
    """1000000h MB are 2^44 bytes, and 2^32 frames: as 32 bits, frame 0."""
    assert ready.command("lesson highmem 1000001") == "no free frame from 16777217 MB on"


# ---- slab_debug --------------------------------------------------------------------------------

def check_reports(serial):
    """As many reports of each kind as the suite says that it has injected, and no other."""
    injected = {kind: int(count) for count, kind in
                re.findall(r"^# injected (\d+): (.+)$", serial, re.M)}
    assert set(injected) == {"overrun", "underrun", "use after free", "double free", "wrong cache",
                             "leak"}
    reported = re.findall(r"^slab: ([a-z ]+): cache \S+, object [0-9a-f]{8}$", serial, re.M)
    assert {kind: reported.count(kind) for kind in injected} == injected
    assert len(re.findall("^slab: ", serial, re.M)) == sum(injected.values()) > 0


@pytest.mark.quick
@pytest.mark.parametrize("cpu", ["max", "486,-pse"])
def test_slab_debug(image, cpu):
    serial = selftest(image, "slab_debug selftest=slab_debug", "-cpu", cpu)
    assert "# SKIP" not in serial
    check_reports(serial)
    for kind in ("overrun", "underrun", "use after free"):  # by whom, in the source
        assert re.search(rf"^slab: {kind}:.*\n  allocated by .* test_slab_debug.c:\d+$", serial,
                         re.M)


def test_slab_debug_reports_nothing_else(image):
    """Every other suite with red zones and poison in each object."""
    check_reports(selftest(image, "slab_debug selftest=all", "-m", "32"))


# ---- page tables by `info tlb` ------------------------------------------------------------------

PROCESSORS = [("max", "paging=pae"), ("max", "paging=classic"), ("pentium", "paging=classic"),
              ("pentium3", "paging=pae")]  # the last has PAE and no NX


class Page:
    """A line of `info tlb`. Bit 63 of the address is NX again. Flags are XGPDACTUW: no execution,
    global, large, dirty, accessed, uncached, write-through, user, writable."""

    def __init__(self, address, entry, flags):
        self.address, self.physical = int(address, 16), int(entry, 16) & (1 << 52) - 1
        self.nx, self.is_global, self.large, _, _, self.uncached, self.through, self.user, \
            self.writable = (flag != "-" for flag in flags)


@pytest.fixture(scope="module", params=PROCESSORS, ids=" ".join)
def tables(request, tmp_path_factory):
    """A machine with HIGHMEM whose kmap() has been used, and its pages."""
    cpu, mode = request.param
    image = Image(tmp_path_factory.mktemp("tables")).cmdline(mode)
    with qemu(image.path, "-cpu", cpu, "-m", "2G") as machine:
        machine.wait_ready()
        assert "through kmap, at ff8" in machine.command("lesson highmem")
        found = re.findall(r"^([0-9a-f]+): ([0-9a-f]+) ([-XGPDACTUW]{9})$", machine.hmp("info tlb"),
                           re.M)
        machine.pages = [Page(*row) for row in found]
        machine.has_nx = mode == "paging=pae" and cpu == "max"
        machine.large_bytes = 0x200000 if mode == "paging=pae" else 0x400000
        assert ("PAE" in machine.command("pt c0000000")) == (mode == "paging=pae")
        yield machine


@functools.cache
def section(name):
    return address_of(f"__{name}_start", "kernel"), address_of(f"__{name}_end", "kernel")


def within(page, bounds):
    return bounds[0] <= page.address < bounds[1]


@pytest.mark.quick
def test_kernel_pages(tables):
    """Nothing below C0000000, nothing for ring 3, and all of it survives a load of CR3."""
    assert len(tables.pages) > 500
    assert all(page.address >= PAGE_OFFSET and not page.user for page in tables.pages)
    pge = bool(int(re.search(r"CR4=(\w+)", tables.hmp("info registers")).group(1), 16) & 1 << 7)
    assert all(page.is_global == pge for page in tables.pages)


@pytest.mark.quick
def test_large_pages(tables):
    """All of the direct map but its first part, where rights differ from page to page."""
    large = [page for page in tables.pages if page.large]
    assert large[-1].address + tables.large_bytes == 0xF8000000
    assert all(page.address % tables.large_bytes == 0 == page.physical % tables.large_bytes
               for page in large)
    assert [page.address for page in large] == list(
        range(large[0].address, 0xF8000000, tables.large_bytes))
    assert large[0].address <= PAGE_OFFSET + 0x800000
    assert not [page for page in tables.pages if not page.large
                and large[0].address <= page.address < 0xF8000000]


@pytest.mark.quick
def test_rights_of_the_kernel(tables):
    text = [page for page in tables.pages if within(page, section("text"))]
    rodata = [page for page in tables.pages if within(page, section("rodata"))]
    assert text and rodata
    assert not [page for page in text if page.writable or page.nx]
    assert not [page for page in rodata if page.writable]
    assert [page.nx for page in tables.pages if page not in text] == \
        [tables.has_nx] * (len(tables.pages) - len(text))
    data = [page for page in tables.pages if within(page, section("data"))]
    assert data and all(page.writable for page in data)
    guards = {address_of("kernel_stack_guard", "kernel"),
              address_of("double_fault_stack_guard", "kernel")}
    assert not guards & {page.address for page in tables.pages}


@pytest.mark.quick
def test_only_devices_are_uncached(tables):
    """Video memory in the direct map, and the screen in the fixmap."""
    uncached = {page.address for page in tables.pages if page.uncached}
    assert uncached == {page.address for page in tables.pages if page.through}
    assert uncached == set(range(0xC00A0000, 0xC00C0000, PAGE)) | {0xFFC00000}


@pytest.mark.quick
def test_pt_agrees(tables):
    """The monitor's walk and QEMU's, for pages of each kind and what lies between them."""
    by_address = {page.address: page for page in tables.pages}
    chosen = [0, 0xBFFFF000, 0xC0000000, 0xC0001000, 0xC00B8000, 0xC00F0000, 0xC0100000,
              section("rodata")[0], section("data")[0], address_of("kernel_stack_guard", "kernel"),
              0xC0800000, 0xF7C00000, 0xF8000000, 0xF8800000, 0xFF800000, 0xFF801000, 0xFFC00000,
              0xFFC01000, 0xFFFFF000]
    for address in chosen:
        walk = tables.command(f"pt {address:x}")
        page = by_address.get(address)
        assert ("not mapped" in walk) == (page is None), walk
        if not page:
            continue
        where, kilobytes, rights = re.search(
            r"^physical (\w+), (\d+) KB page, (...), supervisor only", walk, re.M).groups()
        assert int(where, 16) == page.physical
        assert int(kilobytes) == (tables.large_bytes if page.large else PAGE) // 1024
        assert rights == "R" + ("W" if page.writable else "-") + ("-" if page.nx else "X")
        entry = walk.splitlines()[-2]
        for name, flag in {"G": page.is_global, "PCD": page.uncached, "PWT": page.through,
                           "PS": page.large, "NX": page.nx}.items():
            assert (name in entry.split()) == flag, walk


# ---- the TLB itself ----------------------------------------------------------------------------

STALE = """\
read: 11111111. Now its entry is changed to frame {other}, which holds 22222222
read without INVLPG: 11111111, the old frame: the TLB has not seen the change
read after INVLPG:   22222222
"""


BOCHS = {"emulator": "bochs", "bios": "/usr/share/bochs/BIOS-bochs-latest",
         "cpu": "p4_prescott_celeron_336", "memory": 64}


@pytest.mark.quick
@pytest.mark.parametrize("row", [
    {"cpu": "max"}, {"cpu": "486,-pse"}, BOCHS, {"emulator": "v86", "memory": 64},
], ids=["qemu", "qemu-486", "bochs", "v86"])
def test_stale_translation(row):
    """All three emulators have a TLB that remembers: each would show a missing flush."""
    with rows.start(row, DISK) as machine:
        machine.wait_ready(60)
        answer = machine.command("lesson stale")
        other = re.search(r"changed to frame (\w+)", answer).group(1)
        assert answer.split("\n", 1)[1].strip() == STALE.format(other=other).strip()


@pytest.mark.parametrize("suite", [pytest.param("tables", marks=pytest.mark.quick), "all"])
@pytest.mark.parametrize("mode", MODES)
def test_flushes_on_bochs(image, suite, mode):
    """In QEMU a load of CR3 drops global pages too; here they stay, as in a processor."""
    with rows.start(BOCHS, image.cmdline(f"selftest={suite} {mode}").path) as machine:
        machine.wait_ready(90)
        assert re.search(r"^# selftest: (\d+) of \1 passed$", machine.serial, re.M), \
            machine.serial[-3000:]


# ---- misuse, by GDB ----------------------------------------------------------------------------

def call(name, *arguments):
    """Another function in place of the monitor, whose return address is on the stack already."""
    registers = ["eax", "edx", "ecx"]  # where the kernel's functions expect arguments
    return [f"set ${register} = {value}" for register, value in zip(registers, arguments)] + \
        [f"set $eip = {name}"]


def call_and_return(name, *arguments):
    """The same, but it comes back to where we are, with what it answers in EAX."""
    return ["set $here = $pc", "set $esp = $esp - 4", "set {int}$esp = $here",
            *call(name, *arguments), "thbreak *$here", "continue"]


TAKE = [*call_and_return("alloc_pages", 0, 3, "OWNER_OTHER"), "set $page = (struct page *)$eax"]


@pytest.mark.quick
@pytest.mark.parametrize("commands, panic", [
    (call("early_alloc", 4096),
     r"early allocator: used after the buddy allocator took over, by \w+"),
    ([*TAKE, *call_and_return("free_pages", "$page", 3), *call("free_pages", "$page", 3)],
     r"free_pages: double free: frame \w+ is free already, in the block of order \d+ at \w+$"),
    ([*TAKE, *call("free_pages", "$page", 2)],
     r"free_pages: wrong order 2: frame \w+ was allocated with order 3: owner other$"),
    ([*TAKE, *call("free_pages", "$page + 1", 3)],
     r"free_pages: frame \w+ is in the middle of the block of order 3 at \w+: owner other$"),
], ids=["early allocator", "double free", "wrong order", "middle"])
def test_misuse_is_named(commands, panic):
    with qemu(DISK, "-m", "64", paused=True) as machine:
        script = ["set confirm off", "file build/kernel.elf", "target remote " + machine.gdb_socket,
                  "hbreak monitor_main", "continue", "delete", *commands, "detach"]
        words = [word for line in script for word in ("-ex", line)]
        subprocess.run(["gdb", "-nx", "-batch", *words], check=True, timeout=60, cwd=REPOSITORY,
                       stdin=subprocess.DEVNULL, capture_output=True)
        machine.wait_for("^Kernel panic: " + panic)


# ---- how long it takes -------------------------------------------------------------------------

@pytest.mark.parametrize("mode", [pytest.param(MODES[0], marks=pytest.mark.quick), MODES[1]])
def test_startup_is_linear(image, mode):
    """Instructions from the kernel's entry to interrupts on: what two small machines need for each
    megabyte is enough for the large ones."""
    path = image.cmdline(mode).path
    small, medium = instructions(path, 256), instructions(path, 1024)
    each = (medium - small) / (1024 - 256)
    for megabytes in SIZES:
        bound = 1.3 * (medium + max(0, megabytes - 1024) * each)
        assert instructions(path, megabytes) <= bound, megabytes
