/*
 * test_cpu.c: the descriptor tables and control registers are what the kernel wants them to be.
 */
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/double_fault.h>
#include <cpu/gdt.h>
#include <cpu/idt.h>
#include <cpu/stack.h>
#include <cpu/tss.h>
#include <mm/mm.h>
#include <selftest/test.h>
#include <syscall/syscall.h>

struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

static uint32_t access_byte(uint32_t selector) {
    struct table_register gdtr;

    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    return *(const uint8_t *)(gdtr.base + (selector & ~7u) + 5);
}

static void selectors(void) {
    uint32_t cs, ds, ss, tr;

    __asm__ volatile("movl %%cs, %0; movl %%ds, %1; movl %%ss, %2; str %3"
                     : "=r"(cs), "=r"(ds), "=r"(ss), "=r"(tr));
    CHECK_EQUAL(cs & 0xFFFF, KERNEL_CS);
    CHECK_EQUAL(ds & 0xFFFF, KERNEL_DS);
    CHECK_EQUAL(ss & 0xFFFF, KERNEL_DS);
    CHECK_EQUAL(tr & 0xFFFF, TSS_SELECTOR);
}

/* Present, DPL, S, type (SDM 3A §3.4.5): the accessed bits are set, our TSS is busy. */
static void descriptors(void) {
    CHECK_EQUAL(access_byte(0), 0);
    CHECK_EQUAL(access_byte(KERNEL_CS), 0x9B);
    CHECK_EQUAL(access_byte(KERNEL_DS), 0x93);
    CHECK_EQUAL(access_byte(USER_CS), 0xFB);
    CHECK_EQUAL(access_byte(USER_DS), 0xF3);
    CHECK_EQUAL(access_byte(TSS_SELECTOR), 0x8B);
    CHECK_EQUAL(access_byte(DOUBLE_FAULT_TSS_SELECTOR), 0x89);
}

/* All four from 0 to the last byte of 4 GB: whatever the access byte, the rest is the same. */
static void flat_segments(void) {
    struct table_register gdtr;

    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    for (uint32_t selector = KERNEL_CS; selector <= (USER_DS & ~7u); selector += 8) {
        uint64_t descriptor = *(const uint64_t *)(gdtr.base + selector);
        CHECK(((descriptor ^ 0x00CF00000000FFFFull) & ~0x0000FF0000000000ull) == 0);
    }
}

/* Present, DPL, type: #DF has a task gate; ring 3 may say INT3, INTO and INT 80h, and no other. */
static uint32_t gate_byte(unsigned vector) {
    if (vector == VECTOR_DF) return 0x85;
    bool is_for_ring3 = vector == VECTOR_BP || vector == VECTOR_OF || vector == SYSCALL_VECTOR;
    return is_for_ring3 ? 0xEE : 0x8E;
}

static void interrupt_table(void) {
    struct table_register idtr;

    __asm__ volatile("sidt %0" : "=m"(idtr));
    CHECK_EQUAL(idtr.limit + 1u, VECTORS * 8);
    for (unsigned vector = 0; vector < VECTORS; vector++) {
        const uint8_t *gate = (const uint8_t *)(idtr.base + vector * 8);
        CHECK_EQUAL(gate[5], gate_byte(vector));
    }
}

/* The handler of #DF runs on the tables in use, or it would fault before its first instruction. */
static void double_fault_task(void) {
    CHECK_EQUAL(double_fault_tss()->cr3, read_cr3());
    CHECK_EQUAL(double_fault_tss()->esp, (uint32_t)double_fault_stack_top);
}

/* ESP0 belongs to who switches tasks: asking for another TSS leaves it alone. */
static void stack_of_ring_0(void) {
    uint32_t esp0 = kernel_tss.esp0;

    CHECK_EQUAL(esp0, (uint32_t)kernel_stack_top);
    kernel_tss.esp0 = 0x1000;
    (void)double_fault_tss();
    CHECK_EQUAL(kernel_tss.esp0, 0x1000);
    kernel_tss.esp0 = esp0;
}

static void control_registers(void) {
    CHECK(read_cr0() & CR0_WP);
    CHECK(!(read_cr0() & (CR0_CD | CR0_NW)));
    if (!cpu.has_cr4) return;
    CHECK_EQUAL((read_cr4() & CR4_PGE) != 0, cpu.pge);
    CHECK_EQUAL((read_cr4() & CR4_SMEP) != 0, cpu.smep);
    CHECK_EQUAL((read_cr4() & CR4_SMAP) != 0, cpu.smap);
    CHECK_EQUAL((read_cr4() & CR4_PAE) != 0, kernel_mm.mode->entry_bytes == 8);
}

static const struct test_case cases[] = {
    {"selectors", selectors},
    {"descriptors", descriptors},
    {"flat_segments", flat_segments},
    {"interrupt_table", interrupt_table},
    {"double_fault_task", double_fault_task},
    {"stack_of_ring_0", stack_of_ring_0},
    {"control_registers", control_registers},
};

const struct test_suite suite_cpu = TEST_SUITE("cpu", cases);
