/*
 * vm_area.c: areas of a region as a list sorted by address, searched first-fit.
 *
 * The lowest hole that is large enough keeps the areas together, and so the page tables few.
 */
#include <mm/vm_area.h>

/* The first address behind the area and its guard page. */
static uintptr_t area_end(const struct vm_area *area) {
    return area->start.value + whole_pages(area->bytes) + PAGE_SIZE;
}

/* The end of the hole before `area`; before none: of the last hole. */
static uintptr_t hole_end(const struct vm_region *region, const struct vm_area *area) {
    return area ? area->start.value : region->end.value;
}

bool vm_area_alloc(struct vm_region *region, struct vm_area *area, uintptr_t bytes, unsigned flags,
                   const void *caller) {
    if (bytes == 0 || bytes > region->end.value - region->start.value) return false;

    uintptr_t needed = whole_pages(bytes) + PAGE_SIZE;
    uintptr_t start = region->start.value; /* of the hole */
    struct vm_area **link = &region->first;
    while (hole_end(region, *link) - start < needed) {
        if (!*link) return false;
        start = area_end(*link);
        link = &(*link)->next;
    }
    *area = (struct vm_area){virt_addr(start), bytes, flags, caller, *link};
    *link = area;
    return true;
}

bool vm_area_free(struct vm_region *region, const struct vm_area *area) {
    for (struct vm_area **link = &region->first; *link; link = &(*link)->next) {
        if (*link != area) continue;
        *link = area->next;
        return true;
    }
    return false;
}

struct vm_area *vm_area_find(const struct vm_region *region, virt_addr_t virt) {
    for (struct vm_area *area = region->first; area; area = area->next) {
        if (virt.value < area->start.value) return NULL;
        if (virt.value < area_end(area)) return area;
    }
    return NULL;
}

bool vm_area_is_guard(const struct vm_area *area, virt_addr_t virt) {
    return virt.value >= area_end(area) - PAGE_SIZE;
}

void vm_region_stats(const struct vm_region *region, struct vm_region_stats *stats) {
    uintptr_t start = region->start.value; /* of the hole before `area` */
    const struct vm_area *area = region->first;

    *stats = (struct vm_region_stats){0};
    for (;;) {
        uintptr_t hole = hole_end(region, area) - start;
        stats->free += hole;
        if (hole > PAGE_SIZE && hole - PAGE_SIZE > stats->largest)
            stats->largest = hole - PAGE_SIZE;
        if (!area) return;
        stats->areas++;
        stats->used += whole_pages(area->bytes);
        stats->guards += PAGE_SIZE;
        start = area_end(area);
        area = area->next;
    }
}
