/*
 * lesson_map.c: lessons about addresses: several for one frame, an old one in the TLB, pages of two
 * sizes. They take addresses from where vmalloc() has its own.
 */
#include <lib/irq.h>
#include <lib/printk.h>
#include <mm/place.h>
#include <monitor/lesson.h>
#include <monitor/translate.h>

/* Every lesson gives back what it took, however far it came. */
static void no_memory(void) {
    printk("no memory for this lesson\n");
}

static void show_alias(const struct page *page, virt_addr_t one, virt_addr_t two) {
    printk("frame %x is mapped at %08x and at %08x\n", page_to_pfn(page).value,
           (uint32_t)one.value, (uint32_t)two.value);
    *place_word(one, 0) = 0x12345678;
    printk("12345678 written to the first; the second reads %08x\n", *place_word(two, 0));
    *place_word(two, 0) = 0x9ABCDEF0;
    printk("9abcdef0 written to the second; the first reads %08x\n", *place_word(one, 0));
    translate_print(one);
    translate_print(two);
    printk("two addresses, one frame. The direct map at %08x is a third address for it.\n",
           (uint32_t)page_address(page));
}

void lesson_alias(uint32_t unused) {
    (void)unused;
    struct vm_area one, two;
    bool shown = false;
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);

    if (page && place_page(&one, page)) {
        if (place_page(&two, page)) {
            show_alias(page, one.start, two.start);
            shown = true;
            place_drop(&two);
        }
        place_drop(&one);
    }
    if (page) free_pages(page, 0);
    if (!shown) no_memory();
}

/*
 * The entry is changed behind the kernel's back, without a flush. What is read next is a matter of
 * the TLB: no manual promises the old value, and none the new one (SDM 3A §4.10.4.2).
 */
static void show_stale(virt_addr_t virt, struct page *const page[2]) {

    for (unsigned i = 0; i < 2; i++)
        *(uint32_t *)page_address(page[i]) = i ? 0x22222222 : 0x11111111;
    printk("%08x leads to frame %x, which holds 11111111\n", (uint32_t)virt.value,
           page_to_pfn(page[0]).value);
    struct pte pte = pte_find(&kernel_mm, virt);
    uint64_t changed =
        page_to_phys(page[1]).value | (pte.value & ~kernel_mm.mode->address_mask);

    uint32_t eflags = irq_save(); /* an interrupt could push the entry out of the TLB */
    uint32_t before = *place_word(virt, 0);
    pte_exchange(&kernel_mm, &pte, changed);
    uint32_t without = *place_word(virt, 0);
    tlb_flush_page(&kernel_mm, virt);
    uint32_t with = *place_word(virt, 0);
    irq_restore(eflags);

    printk("read: %08x. Now its entry is changed to frame %x, which holds 22222222\n", before,
           page_to_pfn(page[1]).value);
    printk("read without INVLPG: %08x%s\n", without,
           without == before ? ", the old frame: the TLB has not seen the change"
                             : ": this machine looked at the table again");
    printk("read after INVLPG:   %08x\n", with);
}

void lesson_stale(uint32_t unused) {
    (void)unused;
    struct vm_area area;
    bool shown = false;
    struct page *page[2];

    for (unsigned i = 0; i < 2; i++) page[i] = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    if (page[0] && page[1] && place_page(&area, page[0])) {
        show_stale(area.start, page);
        shown = true;
        place_drop(&area);
    }
    for (unsigned i = 0; i < 2; i++)
        if (page[i]) free_pages(page[i], 0);
    if (!shown) no_memory();
}

static void show_large(const struct page *page, virt_addr_t small) {
    virt_addr_t direct = virt_addr((uintptr_t)page_address(page));

    *place_word(small, 0) = 0x4B42344B;
    printk("frame %x in a page of its own, and in the direct map, which has large pages where the\n"
           "processor has them and all rights in them are the same\n", page_to_pfn(page).value);
    translate_print(small);
    translate_print(direct);
    printk("written through the first: %08x, read through the second: %08x\n", *place_word(small, 0),
           *place_word(direct, 0));
}

void lesson_large(uint32_t unused) {
    (void)unused;
    struct vm_area area;
    struct page *page = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER); /* 4 MB: a large page */

    if (!page) {
        printk("no 4 MB of memory in one piece\n");
        return;
    }
    if (place_page(&area, page)) {
        show_large(page, area.start);
        place_drop(&area);
    } else {
        no_memory();
    }
    free_pages(page, ORDER_MAX);
}
