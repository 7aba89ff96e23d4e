/*
 * test_traps.c: exceptions and interrupts that come back, and the stacks that they may run on.
 */
#include <ascent/layout.h>
#include <ascent/io.h>
#include <cpu/cpuid.h>
#include <cpu/fixup.h>
#include <cpu/gdt.h>
#include <cpu/setup.h>
#include <cpu/stack.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/kernel_stack.h>
#include <mm/mm.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

#define UNMAPPED 0xFFFF0000u /* above all that is ever mapped */
#define EFLAGS_DF 0x00000400u
#define OCW3_READ_ISR 0x0B /* the next read of the PIC's command port gives what is in service */
#define PIC1_COMMAND 0x20

/* ---- accesses that may fault ------------------------------------------------------------------- */

static void fixup(void) {
    static const char text[] = "0123456789";
    char copy[16] = "";
    uint32_t faults = trap_count(VECTOR_PF);

    CHECK_EQUAL(try_copy(copy, text, sizeof text), 0);
    CHECK_TEXT(copy, text);
    CHECK_EQUAL(trap_count(VECTOR_PF), faults);
    CHECK_EQUAL(try_copy(copy, (const void *)UNMAPPED, 8), 8);
    CHECK_EQUAL(try_copy(copy, (const void *)(uintptr_t)PAGE_SIZE, 1), 1);
    CHECK_EQUAL(trap_count(VECTOR_PF), faults + 2);
}

/* What comes before the fault is copied: the last bytes of a stack's page, then the guard page of the
 * next one. */
static void fixup_in_the_middle(void) {
    char copy[8], wanted[5];
    const void *end = (const void *)((uintptr_t)double_fault_stack_guard - sizeof wanted);

    memset(copy, 'x', sizeof copy);
    memcpy(wanted, end, sizeof wanted);
    CHECK_EQUAL(try_copy(copy, end, sizeof copy), sizeof copy - sizeof wanted);
    CHECK(memcmp(copy, wanted, sizeof wanted) == 0);
    CHECK_EQUAL(copy[sizeof wanted], 'x');
}

/* ---- handlers ---------------------------------------------------------------------------------- */

static struct pt_regs seen;
static uint32_t eflags_in_handler, esp_seen;
static uint32_t go_on_at;

static void look(struct pt_regs *regs) {
    seen = *regs;
    esp_seen = regs_esp(regs);
    __asm__ volatile("pushfl; popl %0" : "=r"(eflags_in_handler));
    if (go_on_at) regs->eip = go_on_at;
    regs->eax++;
}

/* The registers that a handler gets are those of the code, and what it makes of them counts. */
static void registers(void) {
    trap_handler *before = trap_set_handler(0xF1, look);
    uint32_t eax = 0x11111111, ebx = 0x22222222, esi = 0x33333333, edi = 0x44444444, esp;

    go_on_at = 0;
    __asm__ volatile("movl %%esp, %4; int $0xF1"
                     : "+a"(eax), "+b"(ebx), "+S"(esi), "+D"(edi), "=&r"(esp)
                     :
                     : "memory");
    trap_set_handler(0xF1, before);
    CHECK_EQUAL(seen.eax, 0x11111111);
    CHECK_EQUAL(eax, 0x11111112);
    CHECK_EQUAL(seen.ebx, ebx);
    CHECK_EQUAL(seen.esi, esi);
    CHECK_EQUAL(seen.edi, edi);
    CHECK_EQUAL(seen.vector, 0xF1);
    CHECK_EQUAL(seen.error_code, 0);
    CHECK_EQUAL(esp_seen, esp);
    CHECK_EQUAL(ebx, 0x22222222);
    CHECK_EQUAL(edi, 0x44444444);
}

/* CR2 is in the frame, and a handler may send the code on elsewhere. */
static void page_fault(void) {
    trap_handler *before = trap_set_handler(VECTOR_PF, look);

    __asm__ volatile("movl $1f, %0\n\t"
                     "movb %2, %1\n\t"
                     "1:"
                     : "=m"(go_on_at), "=q"((uint8_t){0})
                     : "m"(*(const uint8_t *)(UNMAPPED + 0x123))
                     : "eax", "memory");
    trap_set_handler(VECTOR_PF, before);
    go_on_at = 0;
    CHECK_EQUAL(seen.vector, VECTOR_PF);
    CHECK_EQUAL(seen.cr2, UNMAPPED + 0x123);
    CHECK_EQUAL(seen.error_code, 0);
}

/* Whatever flags the code had: C wants DF clear, and SMAP is open only where AC is set. */
static void flags(void) {
    trap_handler *before = trap_set_handler(0xF1, look);

    go_on_at = 0;
    __asm__ volatile("std; int $0xF1; cld" : : : "eax", "memory");
    CHECK_EQUAL(eflags_in_handler & EFLAGS_DF, 0);
    CHECK_EQUAL(seen.eflags & EFLAGS_DF, EFLAGS_DF);
    CHECK_EQUAL(smap_is_on, cpu.smap);
    if (cpu.smap) {
        __asm__ volatile(".byte 0x0F, 0x01, 0xCB\n\t" /* STAC */
                         "int $0xF1\n\t"
                         ".byte 0x0F, 0x01, 0xCA" /* CLAC */
                         : : : "eax", "memory");
        CHECK_EQUAL(eflags_in_handler & EFLAGS_AC, 0);
        CHECK_EQUAL(seen.eflags & EFLAGS_AC, EFLAGS_AC);
    }
    trap_set_handler(0xF1, before);
}

#define FLAT_DATA_RING3 0x00CFF3000000FFFFull

/* A program's selector may outlive its descriptor: it is gone at the next trap, and no more than that. */
static void selector_without_descriptor(void) {
    uint32_t gs = TLS_FIRST << 3 | 3;

    gdt_set_tls((const uint64_t[TLS_ENTRIES]){FLAT_DATA_RING3});
    __asm__ volatile("movl %0, %%gs" : : "r"(gs));
    gdt_set_tls((const uint64_t[TLS_ENTRIES]){0});
    __asm__ volatile("int $0xF1");
    __asm__ volatile("movl %%gs, %0" : "=r"(gs));
    CHECK_EQUAL(gs & 0xFFFF, 0);
}

/* Each is named on the console, and the kernel goes on. */
static void unused_vectors(void) {
    uint32_t before[3] = {trap_count(0x30), trap_count(0x80), trap_count(0xFF)};

    __asm__ volatile("int $0x30; int $0x80; int $0xFF");
    CHECK_EQUAL(trap_count(0x30), before[0] + 1);
    CHECK_EQUAL(trap_count(0x80), before[1] + 1);
    CHECK_EQUAL(trap_count(0xFF), before[2] + 1);
}

static void nmi_returns(void) {
    uint32_t before = trap_count(VECTOR_NMI);

    __asm__ volatile("int $2");
    CHECK_EQUAL(trap_count(VECTOR_NMI), before + 1);
}

static volatile uint8_t in_service;
static volatile uint32_t ticks;
static trap_handler *timer;

static void look_at_pic(struct pt_regs *regs) {
    outb(PIC1_COMMAND, OCW3_READ_ISR);
    in_service = inb(PIC1_COMMAND);
    ticks++;
    timer(regs);
}

/* A handler that switches away must not leave the timer blocked. */
static void end_of_interrupt(void) {
    ticks = 0;
    in_service = 0xFF;
    uint32_t eflags = irq_save(); /* the handler calls `timer` */
    timer = irq_set_handler(IRQ_TIMER, look_at_pic);
    irq_restore(eflags);
    while (ticks < 2) __asm__ volatile("hlt");
    irq_set_handler(IRQ_TIMER, timer);
    CHECK_EQUAL(in_service & 1, 0);
}

/* ---- stacks ------------------------------------------------------------------------------------ */

static bool mapped(uint32_t address) {
    uint8_t byte;
    return try_copy(&byte, (const void *)address, 1) == 0;
}

static void check_stack(const struct kernel_stack *stack, const char *owner) {
    CHECK(stack);
    if (!stack) return;
    CHECK_TEXT(stack->owner, owner);
    CHECK(stack_of(stack->bottom) == stack);
    CHECK(stack_of(stack->top - 1) == stack);
    CHECK(stack_of(stack->top) != stack);
    CHECK(stack_of(stack->bottom - 1) != stack);
    CHECK(stack_guarded_at(stack->bottom - 1) == stack);
    CHECK(stack_guarded_at(stack->bottom - PAGE_SIZE) == stack);
    CHECK(stack_guarded_at(stack->bottom) != stack);
    CHECK(stack_guarded_at(stack->bottom - PAGE_SIZE - 1) != stack);
    CHECK(mapped(stack->bottom) && mapped(stack->top - 1));
    CHECK(!mapped(stack->bottom - 1) && !mapped(stack->bottom - PAGE_SIZE));
}

static void stacks(void) {
    uint32_t here;

    check_stack(stack_of((uint32_t)&here), "start");
    check_stack(stack_of((uint32_t)double_fault_stack), "#DF");
    accounting_start();
    void *one = kernel_stack_alloc("one"), *two = kernel_stack_alloc("a name too long to keep");
    CHECK(one && two);
    if (one) check_stack(stack_of((uint32_t)one), "one");
    if (two) check_stack(stack_of((uint32_t)two), "a name too long");
    if (one) kernel_stack_free(one);
    CHECK(!stack_of((uint32_t)one) && stack_of((uint32_t)two));
    if (two) kernel_stack_free(two);
    CHECK(!stack_of((uint32_t)two) && !stack_guarded_at((uint32_t)two - 1));
    accounting_check();
}

static const struct test_case cases[] = {
    {"fixup", fixup},
    {"fixup_in_the_middle", fixup_in_the_middle},
    {"registers", registers},
    {"page_fault", page_fault},
    {"flags", flags},
    {"selector_without_descriptor", selector_without_descriptor},
    {"unused_vectors", unused_vectors},
    {"nmi_returns", nmi_returns},
    {"end_of_interrupt", end_of_interrupt},
    {"stacks", stacks},
};

const struct test_suite suite_traps = TEST_SUITE("traps", cases);
