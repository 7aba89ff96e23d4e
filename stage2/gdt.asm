; gdt.asm: the descriptor table of the loader, and of what the kernel goes back to real mode with
; (kernel/bios/real). Chapter: docs/07-gdt-descriptors.md.

%include "layout.inc"

global gdt
global gdt_pointer

section .data

; lab 4: begin
; A descriptor: base, limit, type, flags (SDM 3A §3.4.5). 'Accessed' is set beforehand: the CPU
; would write it at the first use, and the table might by then be read-only.
%define SEGMENT_CODE  10011011b ; present, DPL 0, code, readable, accessed
%define SEGMENT_DATA  10010011b ; present, DPL 0, data, writable, accessed
%define FLAGS_32      1100b     ; limit in pages, 32-bit
%define FLAGS_16      0000b     ; limit in bytes, 16-bit
%macro descriptor 3             ; limit, type, flags; base 0
        dw %1 & 0FFFFh          ; limit 15..0
        dw 0                    ; base 15..0
        db 0                    ; base 23..16
        db %2
        db %3 << 4 | %1 >> 16   ; flags, limit 19..16
        db 0                    ; base 31..24
%endmacro

align 16                        ; SDM 3A §3.5.1 advises 8
gdt:
        dq 0                                            ; 00: null
        descriptor 0FFFFFh, SEGMENT_CODE, FLAGS_32      ; 08: LOADER_CS
        descriptor 0FFFFFh, SEGMENT_DATA, FLAGS_32      ; 10: LOADER_DS
        descriptor 0FFFFh,  SEGMENT_CODE, FLAGS_16      ; 18: LOADER_CS16
        descriptor 0FFFFh,  SEGMENT_DATA, FLAGS_16      ; 20: LOADER_DS16
gdt_end:
        dw 0                                            ; so that the base below is aligned
gdt_pointer:
        dw gdt_end - gdt - 1
        dd gdt
; lab 4: end
