/*
 * provoke_page.c: page faults, one for each way to be refused. SDM 3A §4.7.
 */
#include <cpu/control.h>
#include <cpu/panic.h>
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/image.h>
#include <mm/kernel_stack.h>
#include <mm/pgtable.h>
#include <mm/vmalloc.h>
#include <monitor/fault.h>

/* Never mapped: above the direct map. */
#define UNMAPPED 0xFFFF0000u

#define RET_INSTRUCTION 0xC3

static volatile uint8_t code_in_data[] = {RET_INSTRUCTION};

static void write_to(uintptr_t address) {
    *(volatile uint32_t *)address = 0;
}

static uint32_t read_from(uintptr_t address) {
    return *(const volatile uint32_t *)address;
}

void provoke_pf_read(void) {
    read_from(UNMAPPED);
}

void provoke_pf_write(void) {
    write_to(UNMAPPED);
}

void provoke_pf_null(void) {
    uintptr_t null = 0;
    __asm__ volatile("" : "+r"(null)); /* or the compiler would see the null pointer, and trap */
    read_from(null);
}

void provoke_wp(void) {
    write_to((uintptr_t)__rodata_start);
}

void provoke_text(void) {
    write_to((uintptr_t)__text_start);
}

/* The first byte behind an area: its guard page. */
void provoke_vmalloc(void) {
    volatile uint8_t *area = vmalloc(2 * PAGE_SIZE);
    if (area) area[2 * PAGE_SIZE] = 1;
}

/* A call into .data. Without NX, readable means executable: the RET runs, and we are back. */
void provoke_pf_exec(void) {
    if (!(kernel_mm.mode->usable_flags & PTE_NX)) printk("no NX here: data can be executed\n");
    ((void (*)(void))(uintptr_t)code_in_data)();
}

/* EIP goes there before the processor finds that it cannot read the instruction: the place is in
 * nobody's code, and only the return address on the stack tells who called. */
void provoke_pf_jump(void) {
    ((void (*)(void))UNMAPPED)();
}

/* A page whose entry has bit 62 set, which the processor reserves; classic entries end at bit 31,
 * and reserve nothing in a page of 4 KB. */
void provoke_pf_reserved(void) {
    if (kernel_mm.mode->entry_bytes != 8) {
        printk("classic paging has no reserved bit in the entry of a small page\n");
        return;
    }
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    if (!page) {
        printk("no free frame\n");
        return;
    }
    pt_map(&kernel_mm, virt_addr(UNMAPPED), page_to_phys(page), PAGE_SIZE,
           PTE_PRESENT | 1ull << 62);
    read_from(UNMAPPED);
}

/* Each call takes 256 bytes more of the stack, until the guard page below it. */
__attribute__((noinline)) static uint32_t recurse(uint32_t depth) {
    volatile uint8_t frame[256];
    frame[0] = (uint8_t)depth;
    return depth == UINT32_MAX ? 0 : recurse(depth + 1) + frame[0];
}

void provoke_stack_overflow(void) {
    recurse(0);
}

/* As a task would have it, from kernel_stack_alloc(). */
void provoke_task_stack(void) {
    char *bottom = kernel_stack_alloc("task");

    if (!bottom) {
        printk("no memory for a stack\n");
        return;
    }
    __asm__ volatile("movl %0, %%esp\n\t"
                     "xorl %%ebp, %%ebp\n\t" /* ends a backtrace */
                     "pushl $0\n\t"
                     "call *%1"
                     :
                     : "r"(bottom + KERNEL_STACK_SIZE), "r"(recurse)
                     : "memory");
}

void provoke_panic(void) {
    panic("asked for by the monitor");
}
