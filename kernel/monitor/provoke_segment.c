/*
 * provoke_segment.c: faults of segments, gates, tasks and stacks. SDM 3A §6.15.
 */
#include <cpu/trap.h>
#include <monitor/descriptor.h>
#include <monitor/fault.h>

/* A flat data segment of ring 0, accessed and writable, but not present; and one of 16 bytes. */
#define DATA_NOT_PRESENT 0x00CF13000000FFFFull
#define DATA_16_BYTES 0x004093000000000Full

/* Never mapped: above the direct map. */
#define UNMAPPED 0xFFFF0000u

/* A push to an unmapped stack is a #PF; the processor cannot push the frame of that either. */
void provoke_df(void) {
    __asm__ volatile("movl %0, %%esp\n\t"
                     "pushl $0" : : "r"(UNMAPPED + 0x1000) : "memory");
}

/* With NT set, IRET switches to the task named in the link of this TSS: there is none. */
void provoke_ts(void) {
    __asm__ volatile("pushfl\n\t"
                     "orl $0x4000, (%%esp)\n\t"
                     "popfl\n\t"
                     "iretl" ::: "memory", "cc");
}

void provoke_np(void) {
    __asm__ volatile("movw %0, %%gs" : : "r"(gdt_add(DATA_NOT_PRESENT)));
}

void provoke_ss(void) {
    __asm__ volatile("movw %0, %%ss" : : "r"(gdt_add(DATA_NOT_PRESENT)));
}

void provoke_gp(void) {
    __asm__ volatile("movw %0, %%gs" : : "r"((uint16_t)0xFFF8));
}

/* An IDT that ends behind the exceptions: vector F0h has no gate. The error code holds the vector, with
 * its IDT bit set. */
void provoke_gate(void) {
    struct table_register idtr = read_idtr();
    idtr.limit = EXCEPTIONS * 8 - 1;
    __asm__ volatile("lidt %0; int $0xF0" : : "m"(idtr));
}

void provoke_null_selector(void) {
    __asm__ volatile("movw %0, %%fs\n\t"
                     "movl %%fs:0x10, %%eax" : : "r"((uint16_t)0) : "eax");
}

/* Byte 16 of a segment of 16 bytes; its base is 0, where nothing is mapped: #PF without a check. */
void provoke_limit(void) {
    __asm__ volatile("movw %0, %%fs\n\t"
                     "movb %%fs:0x10, %%al" : : "r"(gdt_add(DATA_16_BYTES)) : "eax");
}
