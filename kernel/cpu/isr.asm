; isr.asm: the first instructions behind every gate of the IDT.
;
; Entered from any code with interrupts off, EFLAGS, CS and EIP pushed, for some vectors an error
; code as well. Saves all registers as struct pt_regs (regs.h), calls isr_dispatch, returns.

bits 32
section .text
extern isr_dispatch

%define KERNEL_DS 10h
%define VECTORS 48

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
        mov ax, KERNEL_DS
        mov ds, ax
        mov es, ax
        cld                     ; C expects it (System V ABI i386)
        push esp                ; struct pt_regs *
        call isr_dispatch
        add esp, 4
        popad
        pop ds
        pop es
        pop fs
        pop gs
        add esp, 8              ; vector and error code
        iretd

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
