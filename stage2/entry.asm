; entry.asm: the header of stage 2, and the first instructions behind it.
;
; Entered by stage 1 in real mode, CS:IP = 0000:8010, SS:SP = 0000:7BF8, DS = ES = 0, DL = drive.
; Clears boot_info and .bss, and calls stage2_main (main.c), which does not return.
; The length and the CRC-32 in the header are filled in by scripts/stamp-stage2.

%include "layout.inc"

bits 16
extern stage2_main
extern bss_end

section .header progbits alloc exec nowrite align=16
global stage2_start
        dd STAGE2_MAGIC
        dw STAGE2_VERSION
        dw 0                    ; length in sectors
        dd 0                    ; CRC-32 of all that follows the header
        dd 0                    ; length in bytes that the CRC-32 covers

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
        movzx eax, dl           ; first argument (regparm): the drive
        call dword stage2_main
