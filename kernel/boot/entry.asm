; entry.asm: the first instructions of the kernel.
;
; Entered by the loader (docs/reference/boot-protocol.md): protected mode, paging on, flat
; segments, interrupts off, EAX = BOOT_MAGIC, EBX = virtual address of boot_info. Calls kmain.

%include "layout.inc"

bits 32
extern kmain
global _start:function         ; so that reports prefer it to the linker's __text_start
extern kernel_stack_top

section .text
_start:
        mov esp, kernel_stack_top
        xor ebp, ebp            ; ends a backtrace
        mov edx, ebx            ; const struct boot_info *; EAX has the magic
        push ebp                ; return address: there is none
        jmp kmain

; The note that asks the loader for our symbols, and for all of our boot_info (ascent/boot_info.h).
section .note.ascent note alloc noexec nowrite align=4
        dd name_end - name
        dd words_end - words
        dd ASCENT_NOTE_TYPE
name:   db "Ascent", 0
name_end:
        align 4, db 0
words:  dd ASCENT_NOTE_SYMBOLS | ASCENT_NOTE_REQUIRES
        dd BOOT_INFO_VERSION
        dd 0                    ; no features: what we show of them may be 0
words_end:
