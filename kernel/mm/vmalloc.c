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

struct vm_region vmalloc_region = {.start = {VMALLOC_START}, .end = {VMALLOC_END}};

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

/* Unmaps what is there; frames are free after the flush, but those of a device. */
static void unmap_area(const struct vm_area *area) {
    uintptr_t bytes = whole_pages(area->bytes);
    struct tlb_gather gather;

    tlb_gather_start(&gather, &kernel_mm);
    if (area->flags & VM_AREA_VMALLOC)
        pt_unmap_free(&gather, area->start, bytes, NULL);
    else
        pt_unmap(&gather, area->start, bytes);
    tlb_gather_finish(&gather);
}

static void drop_area(struct vm_area *area) {
    unmap_area(area);
    uint32_t eflags = irq_save();
    vm_area_free(&vmalloc_region, area);
    irq_restore(eflags);
    kfree(area);
}

/* A visitor: a frame for an entry of the area. If there is no table yet, it comes with the first
 * frame, so that there is none without; the walk goes into it then, and meets that frame. */
static enum map_error add_frame(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                                void *with) {
    (void)bytes;
    const gfp_t *gfp = with;
    if (pte->value) return MAP_OK;

    struct page *page = alloc_pages(*gfp | __GFP_HIGHMEM, 0, OWNER_VMALLOC);
    if (!page) return MAP_NO_MEMORY;
    struct pte last = *pte;
    if (pte->level->shift != PAGE_SHIFT) last = pte_make(&kernel_mm, virt, PT_LAST);
    if (last.level->shift != PAGE_SHIFT) {
        free_pages(page, 0);
        return MAP_NO_MEMORY;
    }
    pte_set(&kernel_mm, &last,
            page_to_phys(page).value | (MAP_KERNEL_DATA & kernel_mm.mode->usable_flags));
    return last.level == pte->level ? MAP_OK : MAP_AGAIN;
}

static void *allocate(size_t bytes, gfp_t gfp, const void *caller) {
    struct vm_area *area = make_area(bytes, VM_AREA_VMALLOC, caller);
    if (!area) return NULL;
    if (pt_walk(&kernel_mm, area->start, whole_pages(bytes), add_frame, &gfp)) {
        drop_area(area);
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
    drop_area(area);
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
    if (pt_map(&kernel_mm, area->start, phys_addr(phys.value - offset), whole_pages(area->bytes),
               MAP_KERNEL_DATA | MAP_UNCACHED)) {
        drop_area(area);
        return NULL;
    }
    return (void *)(area->start.value + offset);
}

void iounmap(void *address) {
    virt_addr_t start = virt_addr((uintptr_t)address & ~(uintptr_t)(PAGE_SIZE - 1));
    struct vm_area *area = area_of(start, VM_AREA_IOREMAP, "iounmap");
    drop_area(area);
}
