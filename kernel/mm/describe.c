/*
 * describe.c: what memory management knows about an address that has faulted.
 */
#include <cpu/backtrace.h>
#include <cpu/describe.h>
#include <lib/printk.h>
#include <mm/describe.h>
#include <mm/vmalloc.h>

/* An address between two areas of vmalloc() is behind the end of one. */
static void describe_guard(uint32_t address) {
    const struct vm_area *area = vmalloc_area(virt_addr(address));
    if (!area || !vm_area_is_guard(area, virt_addr(address))) return;

    printk("that is byte %u behind the end of %u bytes of %s at %08x, which were made\nby ",
           address - (area->start.value + area->bytes) + 1, area->bytes,
           area->flags & VM_AREA_IOREMAP ? "ioremap" : "vmalloc", area->start.value);
    print_code_address((uint32_t)area->caller);
    printk("\n");
}

void mm_describe_init(void) {
    describe_add(describe_guard);
}
