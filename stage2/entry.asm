; entry.asm: the first instructions of stage 2 behind its first sector.
;
; Entered from first.asm in real mode, when all of stage 2 is in memory and its checksum is right.
; Clears boot_info and .bss, and calls stage2_main (main.c), which does not return.

%include "layout.inc"

bits 16
extern stage2_main
extern bss_end

section .text
global stage2_start

stage2_start:
        cld                     ; whatever the BIOS left
        mov esp, STACK_TOP      ; all of ESP: C uses it, and the upper half is not known
        xor eax, eax
        mov fs, ax
        mov gs, ax
        mov di, BOOT_INFO_ADDR
        mov cx, bss_end
        sub cx, di
        shr cx, 2
        rep stosd
        movzx eax, byte [ENTRY_DRIVE_ADDR]      ; first argument (regparm): the drive
        call dword stage2_main
