; stacks.asm: the two stacks that are there before memory can be asked for, each with a guard page
; below it, which is never mapped once the kernel has its own page tables. stack.c knows them all.

%include "layout.inc"

global kernel_stack_guard
global kernel_stack
global kernel_stack_top
global double_fault_stack_guard
global double_fault_stack
global double_fault_stack_top

DOUBLE_FAULT_STACK_SIZE equ 8192

section .bss nobits alloc noexec write align=4096
kernel_stack_guard:
        resb PAGE_SIZE
kernel_stack:
        resb KERNEL_STACK_SIZE
kernel_stack_top:
double_fault_stack_guard:
        resb PAGE_SIZE
double_fault_stack:
        resb DOUBLE_FAULT_STACK_SIZE
double_fault_stack_top:
