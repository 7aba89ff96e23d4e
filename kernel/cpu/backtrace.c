/*
 * backtrace.c: who called whom, by the chain of frame pointers (System V ABI i386 §2.3): EBP points
 * to the caller's EBP, above which lies the return address. boot/entry.asm ends it with 0.
 */
#include <cpu/backtrace.h>
#include <cpu/double_fault.h>
#include <cpu/lines.h>
#include <cpu/symbols.h>
#include <lib/printk.h>
#include <stdbool.h>

#define LINES_MAX 12 /* so that the whole report stays on a screen of 25 lines */

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

/* Prints `address`, how far it is into the function that holds the byte at `inside`, and where
 * that byte comes from. */
static void print_address_in(uint32_t address, uint32_t inside) {
    uint32_t offset, line;
    const char *name = symbol_find(inside, &offset);
    const char *file = line_find(inside, &line);

    printk("%08x", address);
    if (name) printk(" %s+0x%x", name, offset + (address - inside));
    if (file) printk(" %s:%u", file, line);
}

void print_code_address(uint32_t address) {
    print_address_in(address, address);
}

/* Prints one line for the `calls` frames in a row that return to `address`. */
static void print_frames(uint32_t address, unsigned calls) {
    printk("  ");
    /* A call that never returns can be a function's last instruction: look within the call. */
    print_address_in(address, address - 1);
    if (calls > 1) printk(" (%u times)", calls);
    printk("\n");
}

/* The frame that called `frame`, or 0 at the end of the chain. Stacks grow down: it is above. */
static const struct frame *caller_of(const struct frame *frame) {
    return frame->caller > frame && on_a_stack((uint32_t)frame->caller) ? frame->caller : 0;
}

void backtrace(uint32_t ebp) {
    const struct frame *frame = on_a_stack(ebp) ? (const struct frame *)ebp : 0;

    printk("backtrace:\n");
    /* The frame that boot/entry.asm has made returns to 0: nobody called kmain. */
    for (int lines = 0; frame && frame->return_address; lines++) {
        uint32_t address = frame->return_address;
        unsigned calls = 0;

        if (lines == LINES_MAX) {
            printk("  ... and more\n");
            return;
        }
        for (; frame && frame->return_address == address; frame = caller_of(frame)) calls++;
        print_frames(address, calls);
    }
}
