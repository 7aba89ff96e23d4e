; foreign.asm: the last steps to a kernel that is not ours, in place of page tables and paging
; (kernel_kind.h). Chapter: docs/other-kernels.md.

%include "layout.inc"
%include "steps.inc"

%define LINUX_CS 10h            ; boot.rst, "32-bit Boot Protocol": __BOOT_CS and __BOOT_DS
%define LINUX_DS 18h
%define LINUX_REAL_ENTRY 20h    ; paragraphs: behind the boot sector
%define FLAGS_CLEAR 2           ; EFLAGS: only bit 1, which is always 1

extern kernel_kind
extern handover_entry
extern multiboot_build
extern multiboot_interrupts_back
extern linux_build
extern plain_processor
extern pm_step

global foreign_handover
global linux_real_handover

section .text

; Protected mode, flat segments, no paging, IF = 0: what both kinds of kernel want. Linux wants the interrupt
; controllers masked, as its own setup leaves them; Multiboot as the BIOS had them.
bits 32
foreign_handover:
        call plain_processor    ; CR4 and EFER as after a reset
        cmp dword [kernel_kind], KERNEL_MULTIBOOT
        jne .linux

        call multiboot_build    ; step: multiboot-info
        mov eax, STEP_MULTIBOOT_INFO
        call pm_step
        call multiboot_interrupts_back
        mov eax, STEP_MULTIBOOT_ENTRY
        call pm_step
        push dword FLAGS_CLEAR
        popfd
        mov eax, MULTIBOOT_LOADED
        mov ebx, HANDOFF_ADDR   ; the information structure
        jmp [handover_entry]    ; step: multiboot-entry

.linux:
        call linux_build        ; step: boot-params
        mov eax, STEP_BOOT_PARAMS
        call pm_step
        lgdt [linux_gdt_pointer]
        mov ax, LINUX_DS
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        jmp LINUX_CS:.selectors ; step: linux-selectors
.selectors:
        mov eax, STEP_LINUX_SELECTORS
        call pm_step
        mov eax, STEP_LINUX_ENTRY
        call pm_step
        push dword FLAGS_CLEAR
        popfd
        mov esi, HANDOFF_ADDR   ; boot_params
        xor ebp, ebp
        xor edi, edi
        xor ebx, ebx
        jmp [handover_entry]    ; step: linux-entry

; Real mode, as the BIOS left it: interrupt vectors, interrupts, NMI and all.
bits 16
linux_real_handover:
        cli
        mov ax, LINUX_REAL_ADDR >> 4
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov esp, LINUX_REAL_STACK
        jmp (LINUX_REAL_ADDR >> 4) + LINUX_REAL_ENTRY:0 ; step: linux-real

section .data

; As gdt.asm, but with code at 10h and data at 18h.
align 8
linux_gdt:
        dq 0
        dq 0
        dq 00CF9B000000FFFFh    ; base 0, limit FFFFF pages, code, readable, accessed
        dq 00CF93000000FFFFh    ; the same as data, writable
linux_gdt_end:
        dw 0                    ; so that the base below is aligned
linux_gdt_pointer:
        dw linux_gdt_end - linux_gdt - 1
        dd linux_gdt
