"""Kernels that are not ours: told apart by what they hold, loaded by their own protocols, handed what
these say. Each field that is wrong has a name (test_errors.py)."""

import re
import struct
import zlib

import bare_bones
import pytest
from bochs import Bochs
from gdbstub import Stub
from image import EXIT_CODE, elf, lz4
from other_kernels import LOADED, SAY, linux, multiboot, multiboot_header
from qemu import Qemu
from rows import disk_arguments
from v86 import V86

HANDOFF = 0x1E000
MULTIBOOT_LOADED = 0x2BADB002
COMMON = list(range(1, 12))


def boot(image, kernel, *lines, arguments=("-m", "64")):
    """Boots it up to its first word; the machine."""
    image.write_file("BOOT/OTHER", kernel)
    image.config("\n".join(["kernel = BOOT/OTHER", *lines, ""]))
    machine = Qemu(*arguments, *disk_arguments(image.path))
    machine.wait_for("^!$")
    machine.wait_halted()
    return machine


def registers(machine):
    text = machine.hmp("info registers")
    values = {name: int(value, 16) for name, value in
              re.findall(r"\b(E[A-Z]{2}|CR\d|EFL) *=([0-9a-f]{8})", text)}
    for name, selector, base, limit, kind in re.findall(
            r"^([CDEFGS]S) =(\w{4}) (\w{8}) (\w{8}) (\w{8})", text, re.M):
        values[name] = (int(selector, 16), int(base, 16), int(limit, 16), int(kind, 16) >> 8 & 0xFF)
    return values


def words(machine, address, count):
    return struct.unpack(f"<{count}I", machine.read_physical(address, 4 * count))


def text_at(machine, address):
    return machine.read_physical(address, 512).split(b"\0")[0].decode()


def is_flat(machine, state, code, data):
    assert state["CR0"] & 0x80000001 == 1, "protected mode without paging"
    assert not state["EFL"] & 0x20200, "IF and VM are 0"
    assert state["CS"][:3] == (code, 0, 0xFFFFFFFF) and state["CS"][3] & 0x9A == 0x9A
    for name in ("DS", "ES", "FS", "GS", "SS"):
        assert state[name][:3] == (data, 0, 0xFFFFFFFF) and state[name][3] & 0x9A == 0x92


# ---- Multiboot ---------------------------------------------------------------------------------

@pytest.mark.quick
def test_multiboot(image):
    """Multiboot specification 0.6.96 §3.2 and §3.3."""
    image.write_file("BOOT/ONE", b"1" * 5000)
    image.write_file("BOOT/TWO", b"2" * 100)
    image.write_file("BOOT/RD", b"r" * 4097)
    with boot(image, multiboot(), "cmdline = hello world", "initrd = BOOT/RD",
              "module = BOOT/ONE first", "module = BOOT/TWO") as machine:
        state = registers(machine)
        assert (state["EBP"], state["EBX"]) == (MULTIBOOT_LOADED, HANDOFF)
        is_flat(machine, state, 0x08, 0x10)
        assert machine.steps() == [*COMMON, 26, 27]
        assert "\nkernel: BOOT/OTHER, Multiboot, 8 KB to 00100000\n" in machine.serial
        assert re.findall(r"^(initrd|module): (\S+),", machine.serial, re.M) == [
            ("initrd", "BOOT/RD"), ("module", "BOOT/ONE"), ("module", "BOOT/TWO")]
        info = words(machine, HANDOFF, 29)
        assert info[0] == 0x124F
        assert info[1] == 639 and abs(info[2] - 63 * 1024) < 1024
        assert info[3] == 0x8000FFFF
        assert text_at(machine, info[4]) == "BOOT/OTHER hello world"
        assert text_at(machine, info[16]) == "Ascent"
        check_modules(machine, info[5], info[6])
        check_map(machine, info[11], info[12])
        assert info[22:27] == (0xB8000, 0, 160, 80, 25) and info[27] & 0xFFFF == 0x0210


def interrupt_masks(machine):
    return re.findall(r"imr=(\w\w)", machine.hmp("info pic"))


CURSOR, CLOCK = range(0x450, 0x460), range(0x46C, 0x471)  # of the BIOS data area


def low_memory(machine):
    """Interrupt vectors, and what the BIOS keeps for itself."""
    return {at: byte for start, length in ((0, 0x500), (0x9FC00, 0x400))
            for at, byte in enumerate(machine.read_physical(start, length), start)}


@pytest.mark.parametrize("kernel, masked", [(multiboot(), False), (linux(), True), (linux(real=True), False)],
                         ids=["multiboot", "linux", "real"])
def test_bios_is_whole(image, kernel, masked):
    """A Multiboot kernel may call it, and the interrupt controllers have "the normal BIOS/DOS values" (§3.2):
    one that keeps the masks that it finds would have neither timer nor keyboard. Linux's own setup masks
    all of them."""
    image.write_file("BOOT/OTHER", kernel)
    image.config("kernel = BOOT/OTHER\n")
    with Qemu(*disk_arguments(image.path), paused=True) as machine:
        stub = Stub(machine.gdb_socket)
        stub.break_at(0x7C00)
        stub.go()
        masks, memory = interrupt_masks(machine), low_memory(machine)
        stub.step_over(0x7C00)
        stub.unbreak(0x7C00)
        stub.leave()
        machine.wait_for("^!$")
        machine.wait_halted()
        assert masks != ["ff", "ff"]
        assert interrupt_masks(machine) == (["ff", "ff"] if masked else masks)
        changed = {at for at, byte in low_memory(machine).items() if byte != memory[at]}
        assert changed <= {*CURSOR, *CLOCK}


def check_modules(machine, count, address):
    assert count == 3
    ends = [LOADED]
    expected = [(b"r" * 4097, "BOOT/RD"), (b"1" * 5000, "BOOT/ONE first"), (b"2" * 100, "BOOT/TWO")]
    for i, (data, string) in enumerate(expected):
        start, end, name, reserved = words(machine, address + 16 * i, 4)
        assert start % 4096 == 0 and start >= ends[-1] and reserved == 0
        assert machine.read_physical(start, end - start) == data
        assert text_at(machine, name) == string
        ends.append(end)


def check_map(machine, length, address):
    data = machine.read_physical(address, length)
    ranges = [struct.unpack_from("<IQQI", data, at) for at in range(0, length, 24)]
    assert {size for size, *_ in ranges} == {20}
    assert any(base == 0x100000 and kind == 1 and base + size > 60 * 2**20
               for _, base, size, kind in ranges)
    assert [base for _, base, *_ in ranges] == sorted(base for _, base, *_ in ranges)


def test_multiboot_without_anything(image):
    """Flags 0, no module, no command line: xv6 asks for no more."""
    with boot(image, multiboot(multiboot_header(0))) as machine:
        info = words(machine, HANDOFF, 7)
        assert info[5] == 0 and text_at(machine, info[4]) == "BOOT/OTHER"


TEXT_MODE = struct.pack("<5I4I", 0, 0, 0, 0, 0, 1, 80, 25, 0)


@pytest.mark.parametrize("header", [multiboot_header(7, rest=TEXT_MODE),
                                    multiboot_header(0x80020003)],
                         ids=["text mode", "optional bits"])
def test_multiboot_flags(image, header):
    """A text mode there is; bits from 16 on, but for 16, ask for nothing."""
    boot(image, multiboot(header)).close()


@pytest.mark.parametrize("vaddr, entry", [(0xC0100000, 0xC010000C), (0xC0100000, 0x10000C)],
                         ids=["virtual", "physical"])
def test_multiboot_entry(image, vaddr, entry):
    """As an address of the segment where it was linked, or where it lies."""
    with boot(image, multiboot(entry=entry, vaddr=vaddr)) as machine:
        assert registers(machine)["EIP"] & 0xFFFFF000 == LOADED


def test_multiboot_header_anywhere(image):
    """The last place where it may be: the twelve bytes end at 8192."""
    code = SAY.ljust(4096 - 12, b"\0") + multiboot_header()
    with boot(image, multiboot(segments=[(LOADED, code, {"vaddr": LOADED})], entry=LOADED)) as machine:
        assert machine.steps()[-1] == 27


VERSION_2 = struct.pack("<IIIIHHI", 0xE85250D6, 0, 24, -(0xE85250D6 + 24) & 0xFFFFFFFF, 0, 0, 8)


@pytest.mark.parametrize("front", [bytes(4096) + multiboot_header(), b"\0\0" + multiboot_header(), VERSION_2],
                         ids=["too far", "not aligned", "version 2"])
def test_no_multiboot_header(image, front):
    """Then it is an ELF file like any other: ours, and this one is not linked for that."""
    image.write_file("BOOT/OTHER", multiboot(segments=[(LOADED, front + SAY, {"vaddr": LOADED})],
                                             entry=LOADED + 20))
    image.config("kernel = BOOT/OTHER\n")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^E40 .*\n.* Multiboot .* of version 1, .* first 8192 bytes")


@pytest.mark.parametrize("flags, says", [
    (["-Wl,--build-id=none"], "^!$"),
    (["-Wl,--build-id=none", "-Wl,-n,-z,max-page-size=0x200000"], "^!$"),
    (["-Wl,--build-id=none", "-g3"], "^!$"),
    (["-Wl,--build-id"], r"^E40 .*\n.* -n --build-id=none\."),
    (["-Wl,--build-id=none", "-Wl,-z,max-page-size=0x200000"], "^E38 .*\n.* -z max-page-size=4096: "),
], ids=["plain", "nmagic", "debug", "build-id", "2 MB pages"])
def test_bare_bones(image, flags, says):
    """What GCC and ld make of a beginner's kernel boots, or the error says which flag it needs: a build ID
    takes a page in front of .text, and large pages put the ELF headers at physical address 0."""
    image.write_file("BOOT/OTHER", bare_bones.build(image.folder, *flags))
    image.config("kernel = BOOT/OTHER\n")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for(says)


def test_note_wins(image):
    """A kernel for both protocols is ours, and gets paging."""
    note = struct.pack("<III8sI", 7, 4, 1, b"Ascent\0\0", 0)
    kernel = elf([(LOADED, multiboot_header() + EXIT_CODE, {}), (0x101000, note, {"type": 4})],
                 entry=0xC010000C)
    image.kernel(kernel)
    with Qemu("-device", "isa-debug-exit,iobase=0xf4", *disk_arguments(image.path)) as machine:
        assert machine.wait_exit() == 0x21
        assert machine.steps()[-1] == 14


# ---- Linux's format ----------------------------------------------------------------------------

@pytest.mark.quick
def test_linux(image):
    """boot.rst, "32-bit Boot Protocol"."""
    kernel = linux()
    image.write_file("BOOT/RD", b"r" * 4097)
    with boot(image, kernel, "cmdline = hello world", "initrd = BOOT/RD") as machine:
        state = registers(machine)
        is_flat(machine, state, 0x10, 0x18)
        assert (state["ESI"], state["EBP"], state["EDI"], state["EBX"]) == (HANDOFF, 0, 0, 0)
        assert state["EIP"] & 0xFFFFF000 == LOADED
        assert machine.steps() == [*COMMON, 28, 29, 30]
        params = machine.read_physical(HANDOFF, 4096)
        assert params[0x1F1:0x210] == kernel[0x1F1:0x210] and params[0x211:0x218] == kernel[0x211:0x218]
        assert params[0x22C:0x264] == kernel[0x22C:0x264]
        assert not any(params[0x264:0x2D0]), "what lies behind the header is cleared"
        assert params[0x210] == 0xFF and params[0x1EF] == 0
        initrd, size = struct.unpack_from("<II", params, 0x218)
        assert size == 4097 and initrd % 4096 == 0 and initrd > 60 * 2**20
        assert machine.read_physical(initrd, size) == b"r" * 4097
        assert text_at(machine, struct.unpack_from("<I", params, 0x228)[0]) == "hello world"
        assert (params[6], params[7], params[0xE], params[0xF]) == (3, 80, 25, 1)
        ranges = [struct.unpack_from("<QQI", params, 0x2D0 + 20 * i) for i in range(params[0x1E8])]
        assert any(base == 0x100000 and kind == 1 for base, _, kind in ranges)


@pytest.mark.parametrize("fields, place", [
    ({"relocatable": 1, "pref_address": 0x1000000}, 0x1000000),
    ({"relocatable": 1, "pref_address": 0x1080000, "kernel_alignment": 0x200000}, 0x1200000),
    ({"version": 0x0202, "header_end": 0x2A}, LOADED),
    ({"version": 0x0209, "pref_address": 0x2000000}, LOADED),
], ids=["preferred", "aligned", "2.02", "before 2.10"])
def test_linux_place(image, fields, place):
    with boot(image, linux(**fields)) as machine:
        assert registers(machine)["EIP"] & 0xFFFFF000 == place


def test_linux_below_its_wish(image):
    """boot.rst, "pref_address": loaded below, a kernel moves itself there; and here is no RAM."""
    image.kernel(linux(relocatable=1, pref_address=0x10000000, kernel_alignment=0x200000))
    with Qemu("-m", "64", *disk_arguments(image.path)) as machine:
        machine.wait_for("^E77 ")


def test_linux_whole_file_before_2_04(image):
    """syssize had two bytes then: of 1 MB and more it says nothing."""
    payload = SAY.ljust(0x108000, b"e")
    with boot(image, linux(version=0x0202, header_end=0x2A, payload=payload, syssize=0x800)) as machine:
        assert machine.read_physical(LOADED, len(payload)) == payload


def test_linux_initrd_limit(image):
    """As high as the kernel takes it: initrd_addr_max is the last byte; and not over the kernel."""
    image.write_file("BOOT/RD", b"r" * 8192)
    with boot(image, linux(initrd_addr_max=0x1FFFFFF), "initrd = BOOT/RD") as machine:
        assert words(machine, HANDOFF + 0x218, 1) == (0x2000000 - 8192,)
    image.write_file("BOOT/OTHER", linux(initrd_addr_max=0x10FFFF))
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^E44 initrd or module: no room in memory ")


@pytest.mark.quick
def test_linux_real(image):
    """A file without 32-bit entry: its real-mode part runs, with the BIOS as it was."""
    image.write_file("BOOT/RD", b"r" * 100)
    with boot(image, linux(real=True), "cmdline = hello world", "initrd = BOOT/RD") as machine:
        state = registers(machine)
        assert machine.steps() == [*range(1, 7), 31]
        assert not state["CR0"] & 1 and not state["EFL"] & 0x200
        assert state["CS"][:2] == (0x3020, 0x30200)
        assert {state[name][0] for name in ("DS", "ES", "FS", "GS", "SS")} == {0x3000}
        assert state["ESP"] == 0xE000
        header = machine.read_physical(0x30000, 0x264)
        (cmdline,) = struct.unpack_from("<I", header, 0x228)
        assert text_at(machine, cmdline) == "hello world"
        assert header[0x210] == 0xFF and header[0x211] == 0x81
        assert struct.unpack_from("<H", header, 0x224) == (0xE000 - 0x200,)
        initrd, size = struct.unpack_from("<II", header, 0x218)
        assert machine.read_physical(initrd, size) == b"r" * 100
        assert machine.read_physical(LOADED, len(SAY)) == SAY


@pytest.mark.parametrize("syssize, steps", [(0x12340000, [*range(1, 7), 31]),
                                            (0x12340001, [*COMMON, 28, 29, 30])],
                         ids=["no size", "a size"])
def test_linux_without_32_bit_code_before_2_04(image, syssize, steps):
    """As memdisk's header has it: code32_start says where its data lie, which are no code."""
    kernel = linux(version=0x0203, header_end=0x2E, syssize=syssize)
    with boot(image, kernel) as machine:
        assert machine.steps() == steps


# ---- beside the rest of the loader --------------------------------------------------------------

@pytest.mark.parametrize("kernel, kind, last", [(multiboot(), "Multiboot", 27), (linux(), "Linux", 30),
                                                (linux(real=True), "Linux in real mode", 31)],
                         ids=["multiboot", "linux", "real"])
def test_packed(image, kernel, kind, last):
    """What is packed is what it is."""
    image.write_file("BOOT/RD", b"r" * 5000)
    with boot(image, lz4(kernel, "--content-size"), "initrd = BOOT/RD") as machine:
        assert f"\nkernel: BOOT/OTHER, {kind}, " in machine.serial
        assert machine.steps()[-1] == last


CHOICES = """[damaged]
kernel = BOOT/DAMAGED
[no initrd]
kernel = BOOT/LINUX
initrd = BOOT/NOTHING
[no module]
kernel = BOOT/MULTI
module = BOOT/NOTHING
[linux]
kernel = BOOT/LINUX
[multiboot]
kernel = BOOT/MULTI
module = BOOT/LINUX again
[ours]
kernel = BOOT/KERNEL.ELF
initrd = BOOT/INITRD.CPI
cmdline = init=none
"""


@pytest.mark.parametrize("choice, last", [("4", 30), ("5", 27), ("6", 20)],
                         ids=["linux", "multiboot", "ours"])
def test_after_errors(image, choice, last):
    """A kernel of one kind boots after others of other kinds have failed at each place."""
    image.write_file("BOOT/DAMAGED", multiboot(multiboot_header(checksum=1)))
    image.write_file("BOOT/LINUX", linux())
    image.write_file("BOOT/MULTI", multiboot())
    with Qemu("-m", "64", *disk_arguments(image.config(CHOICES).path)) as machine:
        at = 0
        for error, key in (("^E64 ", "2"), (r"^E14 .*\(BOOT/NOTHING", "3"),
                           (r"^E14 .*\(BOOT/NOTHING", choice)):
            at = machine.wait_for(error, start=at).end()
            at = machine.wait_for("^start: ", start=at).end()
            machine.send(key + "\r")
        machine.wait_for(rf"^@STEP {last} ", 30)
        if choice == "5":
            info = words(machine, HANDOFF, 7)
            assert info[5] == 1
            assert text_at(machine, words(machine, info[6] + 8, 1)[0]) == "BOOT/LINUX again"


@pytest.mark.parametrize("kernel", [multiboot(), linux(), linux(real=True)],
                         ids=["multiboot", "linux", "real"])
def test_checksum(image, kernel):
    """kernel_crc32 is that of the file, whatever kind it is; also where nobody wants all of its bytes."""
    kernel += b"not loaded"
    boot(image, kernel, f"kernel_crc32 = {zlib.crc32(kernel):08x}").close()
    image.write_file("BOOT/OTHER", kernel[:-1] + b"D")
    with Qemu(*disk_arguments(image.path)) as machine:
        machine.wait_for("^E42 kernel: checksum wrong ")


def test_whole_file_is_no_ram(image):
    """A kernel whose memory would reach into the hole of video memory and ROMs, or behind the end."""
    for paddr, memsz in ((0x9F000, 0x2000), (0x3F00000, 0x200000)):
        image.kernel(multiboot(segments=[(LOADED, multiboot_header() + SAY, {"vaddr": LOADED}),
                                         (paddr, b"x", {"memsz": memsz})]))
        with Qemu("-m", "64", *disk_arguments(image.path)) as machine:
            machine.wait_for(r"^E37 kernel: segment is not in usable RAM \(BOOT/KERNEL.ELF, segment 1\)")


@pytest.mark.parametrize("emulator", [Bochs, V86])
@pytest.mark.parametrize("kernel, last", [(multiboot(), 27), (linux(), 30), (linux(real=True), 31)],
                         ids=["multiboot", "linux", "real"])
def test_other_emulators(image, emulator, kernel, last):
    image.write_file("BOOT/OTHER", kernel)
    with emulator(image.config("kernel = BOOT/OTHER\n").path) as machine:
        machine.wait_for("^!$", 60)
        assert machine.steps()[-1] == last
