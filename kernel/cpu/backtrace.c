/*
 * backtrace.c: who called whom, by the chain of frame pointers (System V ABI i386 §2.3): EBP points
 * to the caller's EBP, above which lies the return address. boot/entry.asm ends it with 0.
 */
#include <cpu/backtrace.h>
#include <cpu/lines.h>
#include <cpu/stack.h>
#include <cpu/symbols.h>
#include <lib/printk.h>
#include <mm/image.h>
#include <stdbool.h>

#define LINES_MAX 12 /* so that the whole report stays on a screen of 25 lines */
#define WORDS_MAX 16 /* that a function without a frame may have pushed */

struct frame {
    const struct frame *caller;
    uint32_t return_address;
};

/* Does a frame lie at `address`? Each stack may be read, from end to end. */
static bool on_a_stack(uint32_t address) {
    return address % sizeof(uint32_t) == 0 && stack_of(address) &&
           stack_of(address) == stack_of(address + sizeof(struct frame) - 1);
}

static bool in_text(uint32_t address) {
    return address >= (uint32_t)__text_start && address < (uint32_t)__text_end;
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

static void print_chain(uint32_t ebp) {
    const struct frame *frame = on_a_stack(ebp) ? (const struct frame *)ebp : 0;

    /* The frame that boot/entry.asm has made returns to 0: nobody called kmain. */
    for (int lines = 0; frame && frame->return_address; lines++) {
        uint32_t address = frame->return_address;
        unsigned calls = 0;

        if (lines == LINES_MAX) {
            printk("  ... and more\n");
            return;
        }
        do {
            calls++;
            frame = caller_of(frame);
        } while (frame && frame->return_address == address);
        print_frames(address, calls);
    }
}

/* Is the instruction before `address` a CALL: E8 and a displacement, or FF /2, which has 2 to 7 bytes?
 * Then it is a return address. */
static bool follows_call(uint32_t address) {
    const uint8_t *code = (const uint8_t *)address;

    if (!in_text(address - 7) || !in_text(address)) return false;
    if (code[-5] == 0xE8) return true;
    for (int length = 2; length <= 7; length++)
        if (length != 5 && code[-length] == 0xFF && (code[1 - length] >> 3 & 7) == 2) return true;
    return false;
}

/* Has the function made its frame (PUSH EBP; MOV EBP, ESP) before it came to `eip`? */
static bool has_frame(uint32_t eip) {
    uint32_t offset;

    if (!symbol_find(eip, &offset)) return true;
    for (const uint8_t *code = (const uint8_t *)eip - offset; code + 3 <= (const uint8_t *)eip; code++)
        if (code[0] == 0x55 && code[1] == 0x89 && code[2] == 0xE5) return true;
    return false;
}

/*
 * Code without a frame has left EBP as it was, so the chain begins with its caller's caller. Its own
 * return address is on the stack, above what it has pushed; after a jump to nowhere it is on top.
 * Answers 0 where there is none.
 */
static uint32_t frameless_return(const struct pt_regs *regs) {
    bool wild = !in_text(regs->eip);
    uint32_t esp = regs_esp(regs);

    if (!wild && has_frame(regs->eip)) return 0;
    for (int words = wild ? 1 : WORDS_MAX; words && esp != regs->ebp && on_a_stack(esp); words--) {
        uint32_t word = *(const uint32_t *)esp;
        if (follows_call(word)) return word;
        esp += sizeof word;
    }
    return 0;
}

void backtrace_of(const struct pt_regs *regs) {
    uint32_t address = frameless_return(regs);

    printk("backtrace:\n");
    if (address) print_frames(address, 1);
    print_chain(regs->ebp);
}

void backtrace(uint32_t ebp) {
    printk("backtrace:\n");
    print_chain(ebp);
}
