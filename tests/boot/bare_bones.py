"""The kernel that learners begin with, in C and GNU assembler with a linker script, as GCC and ld make it by
default or with other flags."""

import os
import subprocess

COMPILER = "i686-linux-gnu-gcc"

START = r"""
.section .note.GNU-stack, "", @progbits
.section .multiboot
.align 4
.long 0x1BADB002, 3, -(0x1BADB002 + 3)
.section .bss
.align 16
.skip 16384
stack_top:
.section .text
.global start
start:
        mov $stack_top, %esp
        push %eax
        call kernel_main
stop:   cli
        hlt
        jmp stop
"""

MAIN = r"""
static unsigned set = 40;
static char zeros[5000];

void kernel_main(unsigned magic) {
    for (unsigned i = 0; i < sizeof zeros; i++) set += zeros[i];
    const char *text = magic == 0x2BADB002 && ++set == 41 ? "!\n" : "?\n";
    for (; *text; text++) __asm__ volatile("outb %0, %1" : : "a"(*text), "d"((unsigned short)0x3F8));
}
"""

SCRIPT = """
ENTRY(start)
SECTIONS {
    . = 1M;
    .text : ALIGN(4K) { *(.multiboot) *(.text) }
    .rodata : ALIGN(4K) { *(.rodata*) }
    .data : ALIGN(4K) { *(.data) }
    .bss : ALIGN(4K) { *(COMMON) *(.bss) }
}
"""


def build(folder, *flags):
    """The bytes of the kernel file, linked with `flags`."""
    for name, text in ("start.S", START), ("main.c", MAIN), ("bare.ld", SCRIPT):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
    subprocess.run([COMPILER, "-ffreestanding", "-O2", "-nostdlib", "-fno-pie", "-no-pie", "-T", "bare.ld",
                    *flags, "-o", "bare.elf", "start.S", "main.c"], cwd=folder, check=True)
    with open(os.path.join(folder, "bare.elf"), "rb") as file:
        return file.read()
