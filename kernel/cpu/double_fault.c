/*
 * double_fault.c: the handler of #DF. Entered by a task switch: the registers at the fault are in
 * kernel_tss. Does not return.
 */
#include <cpu/control.h>
#include <cpu/double_fault.h>
#include <cpu/fault.h>
#include <cpu/gdt.h>
#include <cpu/stack.h>

#define EFLAGS_ALWAYS_1 2

static void __attribute__((noreturn)) double_fault_entry(void);

static struct tss handler_tss = {
    .eip = (uint32_t)double_fault_entry,
    .esp = (uint32_t)double_fault_stack_top,
    .eflags = EFLAGS_ALWAYS_1,
    .cs = KERNEL_CS,
    .ds = KERNEL_DS,
    .es = KERNEL_DS,
    .fs = KERNEL_DS,
    .gs = KERNEL_DS,
    .ss = KERNEL_DS,
    .io_map = sizeof(struct tss),
};

const struct tss *double_fault_tss(void) {
    return &handler_tss;
}

void double_fault_set_cr3(uint32_t cr3) {
    handler_tss.cr3 = cr3;
}

static void double_fault_entry(void) {
    const struct tss *tss = &kernel_tss;
    struct pt_regs regs = {
        .cr2 = read_cr2(),
        .edi = tss->edi, .esi = tss->esi, .ebp = tss->ebp, .ebx = tss->ebx, .edx = tss->edx,
        .ecx = tss->ecx, .eax = tss->eax, .ds = tss->ds,   .es = tss->es,   .fs = tss->fs,
        .gs = tss->gs,   .eip = tss->eip, .cs = tss->cs,   .eflags = tss->eflags,
        .esp = tss->esp, .ss = tss->ss,   .vector = VECTOR_DF,
    };

    fault_report(&regs);
}
