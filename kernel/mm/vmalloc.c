/*
 * vmalloc.c: vmalloc() and ioremap(). An area of addresses (vm_area.h), filled page by page.
 */
#include <boot/boot.h>
#include <cpu/panic.h>
#include <lib/irq.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/kmalloc.h>
#include <mm/mm.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>

#define DATA (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NX)
#define UNCACHED (PTE_PCD | PTE_PWT)

struct vm_region vmalloc_region = {.start = {VMALLOC_START}, .end = {VMALLOC_END}};

static uintptr_t whole_pages(uintptr_t bytes) {
    return (bytes + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
}

/* An area that is not mapped yet, or a null pointer. */
static struct vm_area *make_area(size_t bytes, unsigned flags, const void *caller) {
    struct vm_area *area = kmalloc(sizeof(*area), GFP_KERNEL);
    if (!area) return NULL;

    uint32_t eflags = irq_save();
    bool found = vm_area_alloc(&vmalloc_region, area, bytes, flags, caller);
    irq_restore(eflags);
    if (found) return area;
    kfree(area);
    return NULL;
}

/* Gives the first `pages` frames of an area back. They are in use until after the flush, so they
 * are put on a list, through `private`, before the tables forget them. */
static void unmap_area(const struct vm_area *area, uint32_t pages) {
    struct page *list = NULL;
    struct tlb_range range = {.any = false};

    for (uint32_t i = 0; i < pages && area->flags & VM_AREA_VMALLOC; i++) {
        struct page_walk walk;
        page_walk(&kernel_tables, virt_addr(area->start.value + i * PAGE_SIZE), &walk);
        struct page *page = pfn_to_page(phys_to_pfn(walk.phys));
        page->private = list;
        list = page;
    }
    page_unmap(&kernel_tables, area->start, (uint64_t)pages * PAGE_SIZE, &range);
    tlb_flush_range(&range);
    while (list) {
        struct page *page = list;
        list = page->private;
        free_pages(page, 0);
    }
}

static void drop_area(struct vm_area *area, uint32_t mapped_pages) {
    unmap_area(area, mapped_pages);
    uint32_t eflags = irq_save();
    vm_area_free(&vmalloc_region, area);
    irq_restore(eflags);
    kfree(area);
}

static void *allocate(size_t bytes, gfp_t gfp, const void *caller) {
    struct vm_area *area = make_area(bytes, VM_AREA_VMALLOC, caller);
    if (!area) return NULL;

    uint32_t pages = (uint32_t)(whole_pages(bytes) / PAGE_SIZE);
    for (uint32_t i = 0; i < pages; i++) {
        struct page *page = alloc_pages(gfp | __GFP_HIGHMEM, 0, OWNER_VMALLOC);
        if (page && page_map(&kernel_tables, virt_addr(area->start.value + i * PAGE_SIZE),
                             page_to_phys(page), PAGE_SIZE, DATA) == PAGE_OK)
            continue;
        if (page) free_pages(page, 0);
        drop_area(area, i);
        return NULL;
    }
    return (void *)area->start.value;
}

void *vmalloc(size_t bytes) {
    return allocate(bytes, GFP_KERNEL, __builtin_return_address(0));
}

void *vzalloc(size_t bytes) {
    return allocate(bytes, GFP_KERNEL | __GFP_ZERO, __builtin_return_address(0));
}

const struct vm_area *vmalloc_area(virt_addr_t virt) {
    return vm_area_find(&vmalloc_region, virt);
}

/* The area that begins here and is for this; panics if there is none. */
static struct vm_area *area_of(virt_addr_t start, unsigned flags, const char *function) {
    struct vm_area *area = vm_area_find(&vmalloc_region, start);
    if (!area || area->start.value != start.value || area->flags != flags)
        panic("%s: %08x is not the start of such an area", function, (uint32_t)start.value);
    return area;
}

void vfree(void *address) {
    if (!address) return;
    struct vm_area *area = area_of(virt_addr((uintptr_t)address), VM_AREA_VMALLOC, "vfree");
    drop_area(area, (uint32_t)(whole_pages(area->bytes) / PAGE_SIZE));
}

/* Is any of it memory? That is cached elsewhere: to have it uncached too is undefined behaviour
 * (SDM 3A §11.12.4), and it belongs to somebody. */
static bool is_ram(phys_addr_t phys, size_t bytes) {
    for (uint32_t i = 0; i < boot_map_count; i++)
        if (boot_map[i].type == MEMORY_USABLE && boot_map[i].base < phys.value + bytes &&
            phys.value < boot_map[i].base + boot_map[i].length)
            return true;
    return false;
}

void *ioremap(phys_addr_t phys, size_t bytes) {
    uint32_t offset = (uint32_t)phys.value & (PAGE_SIZE - 1);
    if (!bytes || bytes > VMALLOC_END - VMALLOC_START) return NULL;
    if (is_ram(phys, bytes)) {
        pr_warn("ioremap: %08llx is RAM, and no device's: refused\n", phys.value);
        return NULL;
    }

    struct vm_area *area =
        make_area(offset + bytes, VM_AREA_IOREMAP, __builtin_return_address(0));
    if (!area) return NULL;
    if (page_map(&kernel_tables, area->start, phys_addr(phys.value - offset),
                 whole_pages(area->bytes), DATA | UNCACHED)) {
        drop_area(area, 0);
        return NULL;
    }
    return (void *)(area->start.value + offset);
}

void iounmap(void *address) {
    virt_addr_t start = virt_addr((uintptr_t)address & ~(uintptr_t)(PAGE_SIZE - 1));
    struct vm_area *area = area_of(start, VM_AREA_IOREMAP, "iounmap");
    drop_area(area, (uint32_t)(whole_pages(area->bytes) / PAGE_SIZE));
}
