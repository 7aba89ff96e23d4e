; entry.asm: the first instructions of the kernel, and its stacks.
;
; Entered by the loader (docs/reference/boot-protocol.md): protected mode, paging on, flat
; segments, interrupts off, EAX = BOOT_MAGIC, EBX = virtual address of boot_info. Calls kmain.

%include "layout.inc"

bits 32
extern kmain
global _start
global kernel_stack_guard
global kernel_stack
global kernel_stack_top
global double_fault_stack_guard
global double_fault_stack
global double_fault_stack_top

KERNEL_STACK_SIZE equ 16384
DOUBLE_FAULT_STACK_SIZE equ 8192

section .text
_start:
        mov esp, kernel_stack_top
        xor ebp, ebp            ; ends a backtrace
        push ebx                ; const struct boot_info *
        push eax                ; magic
        push ebp                ; return address: there is none
        jmp kmain

; The note that asks the loader for our symbols (include/ascent/boot_info.h).
section .note.ascent note alloc noexec nowrite align=4
        dd name_end - name
        dd 4
        dd ASCENT_NOTE_TYPE
name:   db "Ascent", 0
name_end:
        align 4, db 0
        dd ASCENT_NOTE_SYMBOLS

; The pages below the stacks are never mapped once the kernel has its own page tables.
section .bss nobits alloc noexec write align=4096
kernel_stack_guard:
        resb PAGE_SIZE
kernel_stack:
        resb KERNEL_STACK_SIZE
kernel_stack_top:
double_fault_stack_guard:
        resb PAGE_SIZE
double_fault_stack:
        resb DOUBLE_FAULT_STACK_SIZE
double_fault_stack_top:
