; pm.asm: the descriptor table of the loader, and pm_switch (contract in pm.h): to protected mode and
; back, for the work that real mode cannot do, such as copying above 1 MB.

%include "layout.inc"

bits 16
extern nmi_idt_pointer

section .text
global pm_switch
global gdt
global gdt_pointer

pm_switch:
        pushfd
        cli
        push ebx
        push edi
        push esi
        push ebp
        movzx esp, sp
        o32 sgdt [bios_gdt_pointer]     ; the BIOS may use tables of its own
        o32 sidt [bios_idt_pointer]
        o32 lgdt [gdt_pointer]
        o32 lidt [nmi_idt_pointer]
        mov ecx, cr0
        or cl, 1                ; CR0.PE = 1: protected mode, CS still holds the real-mode cache
        mov cr0, ecx
        jmp dword LOADER_CS:.protected

bits 32
.protected:
        mov cx, LOADER_DS
        mov ds, cx
        mov es, cx
        mov ss, cx
        mov fs, cx
        mov gs, cx
        xchg eax, edx
        call edx                ; function(argument), argument in EAX (regparm)
        jmp LOADER_CS16:.leave  ; 16-bit code with a limit of 64 KB, as real mode wants it

bits 16
.leave:
        mov cx, LOADER_DS16
        mov ds, cx
        mov es, cx
        mov ss, cx
        mov fs, cx
        mov gs, cx
        mov ecx, cr0
        and cl, ~1              ; CR0.PE = 0
        mov cr0, ecx
        jmp 0:.real
.real:
        xor cx, cx
        mov ds, cx
        mov es, cx
        mov ss, cx
        mov fs, cx
        mov gs, cx
        o32 lidt [bios_idt_pointer]
        o32 lgdt [bios_gdt_pointer]
        pop ebp
        pop esi
        pop edi
        pop ebx
        popfd
        o32 ret

section .bss
bios_gdt_pointer: resb 6
bios_idt_pointer: resb 6

section .data

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
