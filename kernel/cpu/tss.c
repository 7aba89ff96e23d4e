/*
 * tss.c: the task that the kernel runs in, whatever it does: tasks of ours share it. ESP0 is the stack
 * that the processor takes when it comes from ring 3, so who switches tasks sets it.
 */
#include <cpu/gdt.h>
#include <cpu/stack.h>
#include <cpu/tss.h>

struct tss kernel_tss = {
    .esp0 = (uint32_t)kernel_stack_top,
    .ss0 = KERNEL_DS,
    .io_map = sizeof(struct tss),
};
