/*
 * backtrace.c: who called whom, by the chain of frame pointers (System V ABI i386 §2.3): EBP points
 * to the caller's EBP, above which lies the return address. boot/entry.asm ends it with 0.
 */
#include <cpu/backtrace.h>
#include <cpu/double_fault.h>
#include <cpu/symbols.h>
#include <lib/printk.h>
#include <stdbool.h>

#define FRAMES_MAX 24 /* of an endless recursion, the first tell enough */

struct frame {
    const struct frame *caller;
    uint32_t return_address;
};

static bool within(const char *bottom, const char *top, uint32_t address) {
    return address >= (uint32_t)bottom && address <= (uint32_t)top - sizeof(struct frame) &&
           address % sizeof(uint32_t) == 0;
}

static bool on_a_stack(uint32_t address) {
    return within(kernel_stack, kernel_stack_top, address) ||
           within(double_fault_stack, double_fault_stack_top, address);
}

/* Prints `address`, and how far it is into the function that holds the byte at `inside`. */
static void print_address_in(uint32_t address, uint32_t inside) {
    uint32_t offset;
    const char *name = symbol_find(inside, &offset);

    printk("%08x", address);
    if (name) printk(" %s+0x%x", name, offset + (address - inside));
}

void print_code_address(uint32_t address) {
    print_address_in(address, address);
}

void backtrace(uint32_t ebp) {
    int frames = 0;

    printk("backtrace:\n");
    while (on_a_stack(ebp) && frames++ < FRAMES_MAX) {
        const struct frame *frame = (const struct frame *)ebp;
        if (!frame->return_address) return; /* boot/entry.asm: nobody called kmain */
        /* A call that never returns can be a function's last instruction: look within the call. */
        printk("  ");
        print_address_in(frame->return_address, frame->return_address - 1);
        printk("\n");
        if ((uint32_t)frame->caller <= ebp) return; /* stacks grow down: callers are above */
        ebp = (uint32_t)frame->caller;
    }
    if (frames > FRAMES_MAX) printk("  ... and more\n");
}
