/*
 * page.c: page descriptors, section by section, for as much of memory as there is RAM.
 */
#include <mm/direct_map.h>
#include <mm/early.h>

#define SECTION_BYTES (SECTION_FRAMES * (uint32_t)sizeof(struct page)) /* 64 KB for 16 MB */

struct page *page_sections[SECTIONS];

static uint32_t sections_allowed(uint32_t limit);
static bool make_section(uint32_t section, phys_addr_t limit);

uint32_t page_init(phys_addr_t reach, phys_addr_t limit) {
    uint64_t end_section = reach.value >> (PAGE_SHIFT + SECTION_SHIFT);
    uint32_t left_out = 0;
    struct early_run run = {0};

    for (uint32_t i = 0; i < SECTIONS; i++) page_sections[i] = NULL;
    if (end_section > SECTIONS) end_section = SECTIONS;
    uint32_t allowed = sections_allowed(phys_to_pfn(limit).value);

    /* A run may be part of a section, or reach over many. */
    for (uint32_t end; early_next_run(run.end, &run); run.end = end) {
        uint32_t section = run.first >> SECTION_SHIFT;
        end = (section + 1) << SECTION_SHIFT;
        if (end > run.end) end = run.end;
        if (section >= end_section || page_sections[section]) continue;
        if (allowed && make_section(section, limit))
            allowed--;
        else
            left_out += end - run.first; /* and so will be all above it */
    }
    return left_out;
}

/* As many sections as fit in half of the free frames below `limit`. */
static uint32_t sections_allowed(uint32_t limit) {
    uint32_t free = 0;
    struct early_run run = {0};
    while (early_next_run(run.end, &run) && run.first < limit)
        if (run.owner == OWNER_FREE) free += (run.end < limit ? run.end : limit) - run.first;
    return free / 2 / (SECTION_BYTES / PAGE_SIZE);
}

/* Sections do not straddle zones: both borders are multiples of 16 MB. */
static enum zone_id zone_of(uint32_t section) {
    if (section < DMA_MAX >> (PAGE_SHIFT + SECTION_SHIFT)) return ZONE_DMA;
    return section < DIRECT_MAP_MAX >> (PAGE_SHIFT + SECTION_SHIFT) ? ZONE_NORMAL : ZONE_HIGHMEM;
}

static bool make_section(uint32_t section, phys_addr_t limit) {
    phys_addr_t phys = early_alloc(SECTION_BYTES, PAGE_SIZE, OWNER_PAGE_DESCRIPTORS, limit);
    if (phys.value == 0) return false;

    struct page *pages = phys_to_virt(phys);
    uint32_t place = section << PAGE_SECTION_SHIFT | (uint32_t)zone_of(section) << PAGE_ZONE_SHIFT;
    for (uint32_t i = 0; i < SECTION_FRAMES; i++)
        pages[i] = (struct page){.flags = place | PG_RESERVED, .count = 0, .private = NULL};
    page_sections[section] = pages;
    return true;
}

/* A block starts at a multiple of its size: of all frames that a block with this page in it could
 * start at, one does. Blocks do not straddle sections. */
struct page *page_head(struct page *page) {
    uint32_t index = page_to_pfn(page).value % SECTION_FRAMES;
    struct page *section = page - index;

    if (page->flags & PG_RESERVED) return page;
    for (unsigned order = 0; order < SECTION_SHIFT; order++) {
        struct page *head = &section[index & ~0u << order];
        if (head->flags & (PG_BUDDY | PG_HEAD) && page_order(head) >= order) return head;
    }
    return NULL;
}

const char *page_owner_name(enum page_owner owner) {
    static const char *const names[OWNERS] = {
        [OWNER_FREE] = "free",
        [OWNER_KERNEL] = "kernel image",
        [OWNER_SYMBOLS] = "kernel symbols",
        [OWNER_INITRD] = "initrd",
        [OWNER_LOADER] = "loader",
        [OWNER_REAL_MODE] = "real mode",
        [OWNER_PAGE_DESCRIPTORS] = "page descriptors",
        [OWNER_PAGE_TABLE] = "page tables",
        [OWNER_SLAB] = "slab caches",
        [OWNER_KMALLOC] = "kmalloc",
        [OWNER_VMALLOC] = "vmalloc",
        [OWNER_ZERO] = "page of zeros",
        [OWNER_USER] = "user memory",
        [OWNER_FILE] = "file contents",
        [OWNER_SHMEM] = "shared memory",
        [OWNER_CACHE] = "file cache",
        [OWNER_OTHER] = "other",
        [OWNER_BEYOND] = "beyond reach",
    };
    return owner < OWNERS ? names[owner] : "unknown";
}
