"""Kernels of other protocols made to measure: a Multiboot kernel, and files of Linux's format, with or
without a 32-bit entry point. Each says "!" on COM1 and halts, with what it was handed in registers."""

import struct

from image import PAGE_BYTES, elf

SAY = bytes.fromhex("66BAF803 B021 EE B00A EE FA F4 EBFC")  # mov dx, 3F8h; '!', newline; cli; hlt
SAY_16 = bytes.fromhex("BAF803 B021 EE B00A EE FA F4 EBFC")
KEEP_EAX = bytes.fromhex("89C5")  # mov ebp, eax
LOADED = 0x100000


def multiboot_header(flags=3, magic=0x1BADB002, checksum=None, rest=b""):
    if checksum is None:
        checksum = -(magic + flags) & 0xFFFFFFFF
    return struct.pack("<III", magic, flags, checksum) + rest


def multiboot(header=None, entry=None, segments=None, **changes):
    """EAX goes to EBP before it speaks."""
    header = multiboot_header() if header is None else header
    code = header + KEEP_EAX + SAY
    segments = segments or [(LOADED, code, {"vaddr": LOADED, **changes})]
    return elf(segments, entry=LOADED + len(header) if entry is None else entry)


# Documentation/arch/x86/boot.rst: name: (offset in the file, format).
FIELDS = {"setup_sects": (0x1F1, "B"), "syssize": (0x1F4, "I"), "boot_flag": (0x1FE, "H"),
          "header_end": (0x201, "B"), "magic": (0x202, "4s"), "version": (0x206, "H"),
          "loadflags": (0x211, "B"), "code32_start": (0x214, "I"), "initrd_addr_max": (0x22C, "I"),
          "kernel_alignment": (0x230, "I"), "relocatable": (0x234, "B"), "xloadflags": (0x236, "H"),
          "cmdline_size": (0x238, "I"), "pref_address": (0x258, "Q"), "init_size": (0x260, "I")}


def linux(real=False, payload=SAY, **fields):
    """A bzImage with this behind its real-mode part; `real`: one that has no 32-bit entry."""
    body = payload.ljust(PAGE_BYTES, b"\0")
    values = {"setup_sects": 2, "syssize": len(body) // 16, "boot_flag": 0xAA55, "header_end": 0x62,
              "magic": b"HdrS", "version": 0x020F, "loadflags": 1,
              "code32_start": 0 if real else LOADED, "initrd_addr_max": 0x37FFFFFF,
              "kernel_alignment": 0x1000, "relocatable": 0, "xloadflags": 0, "cmdline_size": 2047,
              "pref_address": LOADED, "init_size": 0x10000, **fields}
    front = bytearray(3 * 512)
    for name, value in values.items():
        offset, layout = FIELDS[name]
        struct.pack_into("<" + layout, front, offset, value)
    front[0x200] = 0xEB
    front[0x264:0x264 + len(SAY_16)] = SAY_16
    return bytes(front) + body
