; isr.asm: the first instructions behind every gate of the IDT: the one way into the kernel.
;
; Entered from any code with interrupts off, EFLAGS, CS and EIP pushed, for some vectors an error
; code as well. Saves all registers as struct pt_regs (regs.h), calls trap_dispatch, returns.

bits 32
section .text
extern trap_dispatch
extern smap_is_on
global isr_return

%define KERNEL_DS 10h
%define VECTORS 256
%define VECTOR_GP 13

; SDM 3A table 6-1: the exceptions that push an error code.
%macro stub 1
isr_%1:
  %if %1 == 8 || (%1 >= 10 && %1 <= 14) || %1 == 17 || %1 == 21 || %1 == 29 || %1 == 30
  %else
        push dword 0            ; so that all frames look alike
  %endif
        push dword %1
        jmp isr_common
%endmacro

%assign vector 0
%rep VECTORS
        stub vector
  %assign vector vector + 1
%endrep

isr_common:
        push gs
        push fs
        push es
        push ds
        pushad
        mov eax, cr2            ; before anything can fault again
        push eax
        xor eax, eax
        mov fs, eax             ; not the kernel's: it may outlive the descriptors that a program's
        mov gs, eax             ; selectors name, and then POP GS below would fault, and fault again
        mov al, KERNEL_DS
        mov ds, eax
        mov es, eax
        cld                     ; C expects it (System V ABI i386)
        cmp byte [smap_is_on], 0
        je .in_c
        clac                    ; EFLAGS.AC = 1 would open user pages (SDM 3A §4.6)
.in_c:
        mov eax, esp            ; struct pt_regs *
        call trap_dispatch
isr_return:                     ; ESP: struct pt_regs
        add esp, 4              ; CR2
        popad
isr_pop_ds: pop ds
isr_pop_es: pop es
isr_pop_fs: pop fs
isr_pop_gs: pop gs
        add esp, 8              ; vector and error code
isr_iret:
        iretd                   ; of the first program: step: ring3

; A program chooses its selectors, and may take the descriptor away that one of them names. Then the
; processor refuses it here, in ring 0: such a data segment becomes the null selector.
isr_bad_ds: mov dword [esp], 0
        jmp isr_pop_ds
isr_bad_es: mov dword [esp], 0
        jmp isr_pop_es
isr_bad_fs: mov dword [esp], 0
        jmp isr_pop_fs
isr_bad_gs: mov dword [esp], 0
        jmp isr_pop_gs

; CS or SS, of a frame that sigreturn() has taken from user memory: EIP to SS are still there. It
; looks as if ring 3 itself had faulted.
isr_bad_return:
        push dword 0            ; error code
        push dword VECTOR_GP
        jmp isr_common

section .fixups alloc noexec nowrite align=4 ; rows as in fixup.h
        dd isr_pop_ds, isr_bad_ds
        dd isr_pop_es, isr_bad_es
        dd isr_pop_fs, isr_bad_fs
        dd isr_pop_gs, isr_bad_gs
        dd isr_iret, isr_bad_return

section .rodata
global isr_stubs
%macro stub_address 1
        dd isr_%1
%endmacro
isr_stubs:
%assign vector 0
%rep VECTORS
        stub_address vector
  %assign vector vector + 1
%endrep
