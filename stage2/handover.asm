; handover.asm: from real mode to the kernel, one transition a label (SDM 3A §9.9.1, §4.1.2).
;
; Entered in real mode, after the last BIOS call; left by a jump to the kernel's entry point in
; protected mode with paging. `step` records the state of the processor behind each transition.
; Chapter: docs/architecture.md, "The handover".

%include "layout.inc"
%include "steps.inc"

%define CR0_PE 1
%define CR0_PG 80000000h
%define EFER 0C0000080h         ; IA32_EFER, a model-specific register (SDM 3A §2.2.1)
%define EFER_LME 100h
%define CMOS_INDEX 70h
%define CMOS_DATA 71h
%define NMI_OFF 80h             ; bit 7 of the CMOS index port

extern gdt_pointer
extern nmi_idt_pointer
extern step                     ; step.c for real mode
extern pm_step                  ; step.c for protected mode
extern page_tables_build
extern page_tables_check
extern handover_cr3
extern handover_has_cr4
extern handover_cr4
extern handover_has_efer
extern handover_entry
extern kernel_kind
extern foreign_handover         ; foreign.asm
%if CHAPTER < 12              ; make checkpoint
extern pm_switch
extern pm_checkpoint
%endif

global handover
global handover_after_pg

%macro record 1                 ; the argument goes in EAX (regparm)
        mov eax, %1
%if __?BITS?__ == 16
        call dword step
%else
        call pm_step
%endif
%endmacro

bits 16
section .text

handover:
        cli                     ; the BIOS may have set IF; step: irq-off
        mov al, NMI_OFF
        out CMOS_INDEX, al
        in al, CMOS_DATA        ; the index is only taken with a data access after it
        mov al, 0FFh
        out PIC2_MASK_PORT, al
        out PIC1_MASK_PORT, al
        o32 lidt [nmi_idt_pointer]      ; an NMI does nothing; a fault from here on resets the
                                        ; machine, and never runs old vectors
        record STEP_IRQ_OFF

        o32 lgdt [gdt_pointer]  ; step: gdt-load
        record STEP_GDT_LOAD
%if CHAPTER < 9
        mov eax, pm_checkpoint
        call dword pm_switch    ; the BIOS is gone
%endif

        ; lab 5: begin
        mov eax, cr0
        or eax, CR0_PE          ; CR0.PE = 1: protected mode, CS still holds the real-mode cache
        mov cr0, eax            ; step: pe-set
        record STEP_PE_SET      ; segment registers are not touched, so 16-bit C still runs

        jmp dword LOADER_CS:.protected  ; loads CS from the GDT; step: cs-load

bits 32
.protected:
        record STEP_CS_LOAD

        mov ax, LOADER_DS
        mov ds, ax              ; step: ds-load
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax              ; holds off interrupts for the next instruction; ESP is right
        ; lab 5: end
        record STEP_DS_LOAD
%if CHAPTER < 12
        call pm_checkpoint
%endif

        cmp dword [kernel_kind], KERNEL_ASCENT
        jne foreign_handover    ; it makes its own

        call page_tables_build  ; step: page-tables
        call page_tables_check
        record STEP_PAGE_TABLES

        cmp byte [handover_has_cr4], 0
        je .no_cr4              ; many a 486
        mov eax, [handover_cr4] ; CR4.PSE = 1: 4 MB pages; no other bit that the firmware may have
        mov cr4, eax            ; left: with CR4.PAE the tables would be read as others
.no_cr4:
        cmp byte [handover_has_efer], 0
        je .no_efer
        mov ecx, EFER           ; EFER.LME = 0: firmware that runs in long mode may leave it on, and
        rdmsr                   ; with it CR0.PG = 1 asks for 64-bit paging (SDM 3A §4.1.1)
        and eax, ~EFER_LME
        wrmsr
.no_efer:
        mov eax, [handover_cr3]
        mov cr3, eax            ; step: cr3-load
        record STEP_CR3_LOAD

        mov eax, cr0
        or eax, CR0_PG          ; CR0.PG = 1: EIP is now a linear address, and the identity map
        mov cr0, eax            ; makes it the same as the physical one; step: pg-set
handover_after_pg:
        record STEP_PG_SET

        push dword 2            ; EFLAGS: only bit 1, which is always 1
        popfd
        mov esp, PAGE_OFFSET + STACK_TOP
        xor ebp, ebp            ; ends a backtrace
        mov eax, BOOT_MAGIC
        mov ebx, PAGE_OFFSET + BOOT_INFO_ADDR
        jmp [handover_entry]    ; to C0100000h and above; step: kernel-entry
