/*
 * lesson_map.c: lessons about addresses: several for one frame, an old one in the TLB, pages of two
 * sizes. They take addresses from where vmalloc() has its own.
 */
#include <cpu/cpuid.h>
#include <lib/irq.h>
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/direct_map.h>
#include <mm/mm.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>
#include <monitor/lesson.h>
#include <monitor/translate.h>

#define DATA (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NX)

/* An address with nothing behind it: an area for one page, and no page. */
static virt_addr_t take_address(struct vm_area *area) {
    if (!vm_area_alloc(&vmalloc_region, area, PAGE_SIZE, VM_AREA_VMALLOC,
                       __builtin_return_address(0)))
        return virt_addr(0);
    return area->start;
}

static enum page_error map(virt_addr_t virt, const struct page *page) {
    return page_map(&kernel_tables, virt, page_to_phys(page), PAGE_SIZE, DATA);
}

static void unmap(virt_addr_t virt) {
    struct tlb_range range = {.any = false};
    page_unmap(&kernel_tables, virt, PAGE_SIZE, &range);
    tlb_flush_range(&range);
}

static volatile uint32_t *word(virt_addr_t virt) {
    return (volatile uint32_t *)virt.value;
}

void lesson_alias(uint32_t unused) {
    (void)unused;
    struct vm_area areas[2];
    virt_addr_t one = take_address(&areas[0]), two = take_address(&areas[1]);
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);

    if (!page || map(one, page) || map(two, page)) {
        printk("no memory for this lesson\n");
        return;
    }
    printk("frame %x is mapped at %08x and at %08x\n", page_to_pfn(page).value,
           (uint32_t)one.value, (uint32_t)two.value);
    *word(one) = 0x12345678;
    printk("12345678 written to the first; the second reads %08x\n", *word(two));
    *word(two) = 0x9ABCDEF0;
    printk("9abcdef0 written to the second; the first reads %08x\n", *word(one));
    translate_print(one);
    translate_print(two);
    printk("two addresses, one frame. The direct map at %08x is a third address for it.\n",
           (uint32_t)page_address(page));

    unmap(one);
    unmap(two);
    free_pages(page, 0);
    vm_area_free(&vmalloc_region, &areas[0]);
    vm_area_free(&vmalloc_region, &areas[1]);
}

/*
 * The entry is changed behind the kernel's back, without a flush. What is read next is a matter of
 * the TLB: no manual promises the old value, and none the new one (SDM 3A §4.10.4.2).
 */
void lesson_stale(uint32_t unused) {
    (void)unused;
    struct vm_area area;
    virt_addr_t virt = take_address(&area);
    struct page *page[2];
    struct page_walk walk;

    for (unsigned i = 0; i < 2; i++) {
        page[i] = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
        if (!page[i]) return;
        *(uint32_t *)page_address(page[i]) = i ? 0x22222222 : 0x11111111;
    }
    if (map(virt, page[0])) return;

    printk("%08x leads to frame %x, which holds 11111111\n", (uint32_t)virt.value,
           page_to_pfn(page[0]).value);
    page_walk(&kernel_tables, virt, &walk);
    const struct page_walk_step *last = &walk.step[walk.depth - 1];
    unsigned bytes = kernel_tables.mode->entry_bytes;
    phys_addr_t slot = phys_addr(last->table.value + last->index * bytes);
    uint64_t changed = page_to_phys(page[1]).value | (last->entry & ~kernel_tables.mode->address_mask);

    uint32_t eflags = irq_save(); /* an interrupt could push the entry out of the TLB */
    uint32_t before = *word(virt);
    table_entry_write(slot, bytes, changed);
    uint32_t without = *word(virt);
    tlb_flush_page(virt);
    uint32_t with = *word(virt);
    irq_restore(eflags);

    printk("read: %08x. Now its entry is changed to frame %x, which holds 22222222\n", before,
           page_to_pfn(page[1]).value);
    printk("read without INVLPG: %08x%s\n", without,
           without == before ? ", the old frame: the TLB has not seen the change"
                             : ": this machine looked at the table again");
    printk("read after INVLPG:   %08x\n", with);

    unmap(virt);
    for (unsigned i = 0; i < 2; i++) free_pages(page[i], 0);
    vm_area_free(&vmalloc_region, &area);
}

void lesson_large(uint32_t unused) {
    (void)unused;
    struct vm_area area;
    virt_addr_t small = take_address(&area);
    struct page *page = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER); /* 4 MB: a large page */
    if (!page || map(small, page)) {
        printk("no 4 MB of memory in one piece\n");
        return;
    }
    virt_addr_t direct = virt_addr((uintptr_t)page_address(page));
    *word(small) = 0x4B42344B;
    printk("frame %x in a page of its own, and in the direct map, which has large pages where the\n"
           "processor has them and all rights in them are the same\n", page_to_pfn(page).value);
    translate_print(small);
    translate_print(direct);
    printk("written through the first: %08x, read through the second: %08x\n", *word(small),
           *word(direct));

    unmap(small);
    free_pages(page, ORDER_MAX);
    vm_area_free(&vmalloc_region, &area);
}
