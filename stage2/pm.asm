; pm.asm: pm_switch (contract in pm.h): to protected mode and back, for the work that real mode cannot
; do, such as copying above 1 MB.

%include "layout.inc"

bits 16
extern gdt_pointer
extern nmi_idt_pointer

section .text
global pm_switch

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
