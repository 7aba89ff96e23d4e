; enter.asm: from the kernel to real mode, a BIOS call, and back, one transition a label (SDM 3A §9.9.2,
; §9.9.1).
;
; Entered with paging on, by tables that map this part at its own addresses besides the kernel's half;
; CS and DS are the kernel's, flat; interrupts are off, and NMIs at the chipset. Left in the same state,
; with a jump to call.return_address. The stack is our own from the first instruction on: one that each
; of the modes can use, should an NMI come all the same (nmi.asm).
; Chapter: docs/28-back-to-real-mode.md.

%include "layout.inc"

%define CR0_PE 1
%define CR0_PG 80000000h
%define CR4_PGE 80h
%define EFER 0C0000080h
%define AREA REAL_DATA_ADDR

extern gdt_pointer
extern nmi_idt_pointer
extern real_main                ; main.c
extern record                   ; record.c for real mode
extern pm_record                ; record.c for protected mode

global real_enter

%macro record 1                 ; the argument goes in EAX (regparm)
        mov eax, %1
%if __?BITS?__ == 16
        call dword record
%else
        call pm_record
%endif
%endmacro

%macro data_segments 1
        mov ax, %1
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
%endmacro

section .text.first
bits 32

real_enter:
        mov esp, REAL_STACK_TOP
        record 1                ; EIP is below 1 MB, and paging is still on

        lgdt [gdt_pointer]      ; its selectors of code and data are the kernel's: the caches stay true
        lidt [nmi_idt_pointer]
        mov eax, [AREA + REAL_CR0]
        and eax, ~CR0_PG        ; CR0.PG = 0: EIP is a physical address from here on, and is the same
        mov cr0, eax
        jmp .physical
.physical:
        xor eax, eax
        mov cr3, eax            ; empties the TLB, of global pages too (SDM 3A §4.10.4.1)
        cmp byte [AREA + REAL_HAS_CR4], 0
        je .no_cr4
        mov eax, [AREA + REAL_BIOS_CR4] ; with PAE and SMEP a BIOS that pages for itself would fault
        mov cr4, eax
.no_cr4:
        record 2

        jmp LOADER_CS16:.code16 ; real mode keeps limit and D of the caches: 64 KB, 16 bits
bits 16
.code16:
        data_segments LOADER_DS16
        record 3

        mov eax, [AREA + REAL_BIOS_CR0]
        mov cr0, eax            ; CR0.PE = 0: CS still holds a selector
        record 4

        jmp 0:.real             ; loads CS as real mode does
.real:
        data_segments 0
        o32 lidt [bios_idt_pointer]
        record 5

        call dword real_main    ; the BIOS call
        cli
        o32 lgdt [gdt_pointer]  ; the BIOS may have used tables of its own
        o32 lidt [nmi_idt_pointer]
        record 6

        mov eax, [AREA + REAL_CR0]
        and eax, ~CR0_PG
        mov cr0, eax            ; CR0.PE = 1
        record 7

        jmp dword LOADER_CS:.protected
bits 32
.protected:
        data_segments LOADER_DS
        record 8

        cmp byte [AREA + REAL_HAS_EFER], 0
        je .no_efer
        mov ecx, EFER           ; NXE: the tables count on it
        rdmsr
        mov eax, [AREA + REAL_EFER]
        wrmsr
.no_efer:
        mov eax, [AREA + REAL_CR3]
        mov cr3, eax
        cmp byte [AREA + REAL_HAS_CR4], 0
        je .paging
        mov eax, [AREA + REAL_CR4]
        and eax, ~CR4_PGE       ; comes last (SDM 3A §2.5, CR4.PGE)
        mov cr4, eax
.paging:
        mov eax, [AREA + REAL_CR0]
        mov cr0, eax            ; CR0.PG = 1; under PAE it reads the four root entries (§4.4.1)
        record 9

        jmp [AREA + REAL_RETURN]

section .data
align 4
        dw 0                    ; so that the base below is aligned
bios_idt_pointer:
        dw 3FFh                 ; 256 vectors of 4 bytes, at 0, as after reset (SDM 3B §20.1.4)
        dd 0
