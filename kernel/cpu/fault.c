/*
 * fault.c: the report of an exception that nobody expected (SDM 3A §6.15).
 */
#include <ascent/layout.h>
#include <cpu/backtrace.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/describe.h>
#include <cpu/fault.h>
#include <cpu/panic.h>
#include <cpu/setup.h>
#include <cpu/stack.h>
#include <lib/printk.h>
#include <proc/task.h>

static const struct {
    const char *mnemonic, *name;
} exceptions[32] = {
    [0] = {"#DE", "divide error"},
    [1] = {"#DB", "debug exception"},
    [2] = {"NMI", "non-maskable interrupt"},
    [3] = {"#BP", "breakpoint"},
    [4] = {"#OF", "overflow"},
    [5] = {"#BR", "bound range exceeded"},
    [6] = {"#UD", "invalid opcode"},
    [7] = {"#NM", "device not available"},
    [8] = {"#DF", "double fault"},
    [10] = {"#TS", "invalid TSS"},
    [11] = {"#NP", "segment not present"},
    [12] = {"#SS", "stack-segment fault"},
    [13] = {"#GP", "general protection fault"},
    [14] = {"#PF", "page fault"},
    [16] = {"#MF", "x87 floating-point error"},
    [17] = {"#AC", "alignment check"},
    [18] = {"#MC", "machine check"},
    [19] = {"#XM", "SIMD floating-point exception"},
    [20] = {"#VE", "virtualization exception"},
    [21] = {"#CP", "control protection exception"},
};

const char *exception_mnemonic(uint32_t vector) {
    return vector < 32 && exceptions[vector].mnemonic ? exceptions[vector].mnemonic : "-";
}

const char *exception_name(uint32_t vector) {
    return vector < 32 && exceptions[vector].name ? exceptions[vector].name : "reserved";
}

/* Bits of a page fault's error code (SDM 3A §4.7). */
#define PF_PRESENT 0x01
#define PF_WRITE 0x02
#define PF_USER 0x04
#define PF_RESERVED 0x08
#define PF_FETCH 0x10

#define INSTRUCTION_MAX 15 /* bytes; longer ones are #GP (SDM 3A §6.15) */

/* What the processor pushes at a page fault in ring 0: EFLAGS, CS, EIP, error code (SDM 3A §6.13). */
#define FRAME_BYTES 16

/* The stack that has overflowed, or a null pointer. It is ESP that tells: no frame fits on the stack
 * because ESP is in the guard page, or so close above it. CR2 may be of a fault of long ago. */
static const struct kernel_stack *overflowed_stack(const struct pt_regs *regs) {
    if (regs->vector != VECTOR_DF) return 0;
    const struct kernel_stack *stack = stack_guarded_at(regs->esp);
    return stack ? stack : stack_guarded_at(regs->esp - FRAME_BYTES);
}

static void print_name(const struct pt_regs *regs) {
    const char *mnemonic = exceptions[regs->vector].mnemonic;

    if (mnemonic)
        printk("%s: %s (vector %u)", mnemonic, exceptions[regs->vector].name, regs->vector);
    else
        printk("reserved exception (vector %u)", regs->vector);
}

static void print_headline(const struct pt_regs *regs) {
    const struct kernel_stack *stack = overflowed_stack(regs);

    printk("\n");
    if (stack)
        printk("kernel stack overflow: ESP %08x is at the guard page of the stack \"%s\",\n"
               "so not even the page fault could be reported on it: #DF (double fault)",
               regs->esp, stack->owner);
    else
        print_name(regs);
    printk("\n");
}

/* Without NX the processor does not say that it was a fetch. No instruction reads its own first byte,
 * which is not there to be executed; nor, but by a rare chance, the first byte of the page behind the one
 * whose last bytes it begins in. */
static bool is_fetch(const struct pt_regs *regs) {
    if (regs->error_code & PF_FETCH) return true;
    return !(regs->error_code & PF_WRITE) && regs->cr2 - regs->eip < INSTRUCTION_MAX &&
           (regs->cr2 == regs->eip || regs->cr2 % PAGE_SIZE == 0);
}

static const char *access_name(const struct pt_regs *regs) {
    if (is_fetch(regs)) return "instruction fetch";
    return regs->error_code & PF_WRITE ? "write" : "read";
}

/* Of a page that is present. User pages lie below PAGE_OFFSET, all others above. Ring 3 may touch none of
 * the latter; SMEP and SMAP keep ring 0 from the former, SMAP unless EFLAGS.AC is set (SDM 3A §4.6). */
static bool is_other_rings(const struct pt_regs *regs) {
    bool user_page = regs->cr2 < PAGE_OFFSET;

    if (regs->error_code & PF_USER) return !user_page;
    return user_page && (is_fetch(regs) ? cpu.smep : smap_is_on && !(regs->eflags & EFLAGS_AC));
}

static const char *page_fault_cause(const struct pt_regs *regs) {
    if (regs->error_code & PF_RESERVED)
        return "a reserved bit is set in a paging-structure entry";
    if (!(regs->error_code & PF_PRESENT)) return "the page is not present";
    if (is_other_rings(regs)) return "the page belongs to the other ring";
    if (regs->error_code & PF_FETCH) return "the page is not executable";
    if (regs->error_code & PF_WRITE) return "the page is read-only";
    return "the page belongs to the other ring"; /* nothing else forbids reading */
}

static void print_page_fault(const struct pt_regs *regs) {
    uint32_t error_code = regs->error_code;

    printk("%s at %08x: %s%s\n", access_name(regs), regs->cr2, page_fault_cause(regs),
           regs->cr2 < PAGE_SIZE ? " (a null pointer)" : "");
    printk("error code %x: P=%u W=%u U=%u RSVD=%u I=%u\n", error_code, error_code & 1,
           error_code >> 1 & 1, error_code >> 2 & 1, error_code >> 3 & 1, error_code >> 4 & 1);
}

/* SDM 3A §6.13: EXT, IDT, TI, and the index of the descriptor; 0 names none. */
static void print_selector_error(uint32_t error_code) {
    if (!error_code) {
        printk("error code 0: not about one descriptor\n");
        return;
    }
    const char *table = error_code & 2 ? "IDT" : error_code & 4 ? "LDT" : "GDT";
    printk("error code %x: entry %x of the %s%s\n", error_code, error_code >> 3, table,
           error_code & 1 ? ", while delivering an external event" : "");
}

static void print_cause(const struct pt_regs *regs) {
    if (regs->vector == VECTOR_PF)
        print_page_fault(regs);
    else if (regs->vector >= VECTOR_TS && regs->vector <= VECTOR_GP)
        print_selector_error(regs->error_code);
}

static void print_registers(const struct pt_regs *regs) {
    printk("eax=%08x ebx=%08x ecx=%08x edx=%08x\n", regs->eax, regs->ebx, regs->ecx, regs->edx);
    printk("esi=%08x edi=%08x ebp=%08x esp=%08x\n", regs->esi, regs->edi, regs->ebp,
           regs_esp(regs));
    printk("eip=%08x eflags=%08x cs=%04x ds=%04x es=%04x fs=%04x gs=%04x\n", regs->eip,
           regs->eflags, regs->cs & 0xFFFF, regs->ds & 0xFFFF, regs->es & 0xFFFF,
           regs->fs & 0xFFFF, regs->gs & 0xFFFF);
    printk("cr0=%08x cr2=%08x cr3=%08x cr4=%08x\n", read_cr0(), regs->cr2, read_cr3(),
           cpu.has_cr4 ? read_cr4() : 0);
}

static void print_task(void) {
    if (current->pid) printk("in %s (pid %u)\n", current->name, current->pid);
}

/* What others know about the address of a page fault. */
static void print_description(const struct pt_regs *regs) {
    if (regs->vector != VECTOR_PF) return;
    const struct kernel_stack *stack = stack_guarded_at(regs->cr2);
    if (stack) printk("that is the guard page of the stack \"%s\"\n", stack->owner);
    describe_address(regs->cr2);
}

void fault_report(const struct pt_regs *regs) {
    static int faults;
    static uint32_t first_eip;

    faults++;
    if (faults > 2) stop(); /* what prints is what faults: no word, but no triple fault either */
    if (faults == 2) {
        printk("\n");
        print_name(regs);
        printk(" at %08x, while reporting the fault at %08x\n", regs->eip, first_eip);
        halt_after_report();
    }
    first_eip = regs->eip;
    print_headline(regs);
    print_cause(regs);
    print_registers(regs);
    printk("at ");
    print_code_address(regs->eip);
    printk("\n");
    backtrace_of(regs);
    print_task();
    print_description(regs);
    halt_after_report();
}
