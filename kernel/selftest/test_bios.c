/*
 * test_bios.c: calls of the BIOS: what the processor and the BIOS have afterwards is what they had
 * before.
 */
#include <bios/bios.h>
#include <bios/bios_disk.h>
#include <block/block.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/trap.h>
#include <dev/cmos.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <proc/fpu.h>
#include <selftest/test.h>

#define CALLS 20
#define VECTORS_BYTES 1024 /* the BIOS's interrupt table, from address 0 on */
#define SECTORS 61         /* no whole number of pages */
#define PAGES ((SECTORS + SECTORS_PER_PAGE - 1) / SECTORS_PER_PAGE)

#define IRQ_RTC 8
#define RTC_STATUS_B 0x0B
#define RTC_STATUS_C 0x0C
#define RTC_PERIODIC 0x40
#define RTC_TRIES 1000000

struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

struct state {
    uint32_t cr0, cr3, cr4, eflags;
    struct table_register gdt, idt;
    uint16_t task, ldt, cs, ds, es, ss, fs, gs;
};

static void read_state(struct state *state) {
    memset(state, 0, sizeof(*state));
    state->cr0 = read_cr0();
    state->cr3 = read_cr3();
    if (cpu.has_cr4) state->cr4 = read_cr4();
    __asm__ volatile("pushfl; popl %0" : "=r"(state->eflags));
    state->eflags &= EFLAGS_IF | EFLAGS_AC;
    __asm__ volatile("sgdt %0; sidt %1" : "=m"(state->gdt), "=m"(state->idt));
    __asm__ volatile("str %0; sldt %1" : "=m"(state->task), "=m"(state->ldt));
    __asm__ volatile("movw %%cs, %0; movw %%ds, %1; movw %%es, %2"
                     : "=m"(state->cs), "=m"(state->ds), "=m"(state->es));
    __asm__ volatile("movw %%ss, %0; movw %%fs, %1; movw %%gs, %2"
                     : "=m"(state->ss), "=m"(state->fs), "=m"(state->gs));
}

static bool can_call(void) {
    if (!bios_can_call()) test_skip("no memory for its page tables");
    return bios_can_call();
}

static void read_first_sector(void) {
    CHECK(bios_disk_read_first());
}

static void processor(void) {
    struct state before, after;

    if (!can_call()) return;
    for (int i = 0; i < CALLS; i++) {
        read_state(&before);
        read_first_sector();
        read_state(&after);
        CHECK(memcmp(&before, &after, sizeof before) == 0);
    }
    uint32_t eflags = irq_save();
    read_first_sector();
    read_state(&after);
    irq_restore(eflags);
    CHECK_EQUAL(after.eflags & EFLAGS_IF, 0);
}

/* The x87's control word, which FNINIT would set to 037F, and a number. */
static void x87(void) {
    uint16_t control = 0x027F, found = 0;
    uint32_t number = 4711;

    if (!can_call()) return;
    if (!fpu_first_use()) {
        test_skip("no x87, or no memory for its registers");
        return;
    }
    __asm__ volatile("fldcw %0; fildl %1" : : "m"(control), "m"(number));
    number = 0;
    read_first_sector();
    __asm__ volatile("fistpl %1; fnstcw %0" : "=m"(found), "=m"(number));
    fpu_drop();
    CHECK_EQUAL(found, control);
    CHECK_EQUAL(number, 4711);
}

static void interrupt_table(void) {
    const void *vectors = phys_to_virt(phys_addr(0));
    uint8_t *before = kmalloc(VECTORS_BYTES, GFP_KERNEL);

    if (can_call() && HAVE(before)) {
        memcpy(before, vectors, VECTORS_BYTES);
        for (int i = 0; i < CALLS; i++) read_first_sector();
        CHECK(memcmp(before, vectors, VECTORS_BYTES) == 0);
    }
    kfree(before);
}

/* While the timer is the BIOS's, time goes on. How exactly, only somebody outside can tell. */
static void clock(void) {
    if (!can_call()) return;
    uint64_t began = clock_monotonic();
    uint32_t ticks = jiffies;
    while (jiffies - ticks < 3) read_first_sector();
    CHECK(clock_monotonic() > began);
}

/* The clock chip interrupts 1024 times a second, and its line stays up until status C is read. */
static volatile unsigned periods;

static void count_period(struct pt_regs *regs) {
    (void)regs;
    (void)cmos_read(RTC_STATUS_C);
    periods++;
}

static void write_status_b(uint8_t value) {
    outb(CMOS_INDEX, RTC_STATUS_B);
    outb(CMOS_DATA, value);
}

/* It asks before the call, with interrupts off: the controllers forget it when they are set up. */
static void request_before_the_call(void) {
    uint8_t status_b = cmos_read(RTC_STATUS_B);
    uint32_t eflags = irq_save();

    (void)cmos_read(RTC_STATUS_C);
    write_status_b(status_b | RTC_PERIODIC);
    for (int i = 0; i < RTC_TRIES && !(pic_requests() & 1u << IRQ_RTC); i++) io_delay();
    read_first_sector();
    CHECK(periods > 0);
    write_status_b(status_b);
    (void)cmos_read(RTC_STATUS_C);
    irq_restore(eflags);
}

static void interrupts_that_wait(void) {
    if (!can_call()) return;
    trap_handler *before = irq_set_handler(IRQ_RTC, count_period);
    pic_unmask(IRQ_RTC);
    periods = 0;
    request_before_the_call();
    irq_set_handler(IRQ_RTC, before);
}

static void compare_singly(struct page *const *pages, struct page *one) {
    for (unsigned i = 0; i < SECTORS; i++) {
        CHECK_EQUAL((uint64_t)block_read(block_boot, i, 1, &one, BLOCK_HLT), 0);
        uint8_t *many = (uint8_t *)page_address(pages[i / SECTORS_PER_PAGE]);
        CHECK(memcmp(many + i % SECTORS_PER_PAGE * SECTOR_BYTES, page_address(one), SECTOR_BYTES) ==
              0);
    }
}

/* Of the disk that we came from, by whatever driver. */
static void many_sectors_or_one(void) {
    struct page *pages[PAGES + 1];
    bool all = true;

    if (!block_boot) {
        test_skip("no disk");
        return;
    }
    for (unsigned i = 0; i <= PAGES; i++) {
        pages[i] = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
        all &= pages[i] != NULL;
    }
    if (HAVE(all)) {
        CHECK_EQUAL((uint64_t)block_read(block_boot, 0, SECTORS, pages, BLOCK_HLT), 0);
        compare_singly(pages, pages[PAGES]);
    }
    for (unsigned i = 0; i <= PAGES; i++)
        if (pages[i]) put_page(pages[i]);
}

static const struct test_case cases[] = {
    {"processor", processor},
    {"x87", x87},
    {"interrupts_that_wait", interrupts_that_wait},
    {"interrupt_table", interrupt_table},
    {"clock", clock},
    {"many_sectors_or_one", many_sectors_or_one},
};

const struct test_suite suite_bios = TEST_SUITE("bios", cases);
