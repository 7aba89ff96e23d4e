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
        mov ax, KERNEL_DS
        mov ds, ax
        mov es, ax
        cld                     ; C expects it (System V ABI i386)
        cmp byte [smap_is_on], 0
        je .in_c
        clac                    ; EFLAGS.AC = 1 would open user pages (SDM 3A §4.6)
.in_c:
        push esp                ; struct pt_regs *
        call trap_dispatch
        add esp, 4              ; the argument
isr_return:                     ; ESP: struct pt_regs
        add esp, 4              ; CR2
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
