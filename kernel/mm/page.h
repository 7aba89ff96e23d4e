/*
 * page.h: one descriptor of 16 bytes for each page frame that may be RAM.
 *
 * Descriptors come in sections of 4096 frames (16 MB); a section without any RAM has none, so a
 * hole in the map costs a pointer. A block of 2^order frames is described by its first one; the
 * flags of the others say nothing, but page_head() finds the first. flags:
 *
 *   31          20 19 18 17          12 11         8 7              0
 *  +--------------+-----+--------------+------------+----------------+
 *  | section      |zone | owner        | order      | PG_ flags      |
 *  +--------------+-----+--------------+------------+----------------+
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <mm/direct_map.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECTION_SHIFT 12 /* frames of a section: 16 MB */
#define SECTION_FRAMES (1u << SECTION_SHIFT)
#define SECTIONS (1u << (36 - PAGE_SHIFT - SECTION_SHIFT)) /* 64 GB, all that PAE reaches */

#define PG_BUDDY 0x01    /* the first frame of a free block of 2^order frames */
#define PG_HEAD 0x02     /* the first frame of an allocated block of 2^order frames */
#define PG_RESERVED 0x04 /* not RAM (OWNER_FREE), or never given to the buddy allocator */
#define PG_SLAB 0x08     /* `private` is its slab */
#define PG_SWAPCACHE 0x10 /* `private` is its slot in a swap area (swap.h) */
#define PG_DIRTY 0x20     /* of PG_SWAPCACHE: it differs from the disk */
#define PG_REFERENCED 0x40 /* of OWNER_SHMEM: read() wanted it since the hand came by */

#define PAGE_ORDER_SHIFT 8
#define PAGE_OWNER_SHIFT 12
#define PAGE_ZONE_SHIFT 18
#define PAGE_SECTION_SHIFT 20
#define PAGE_ORDER_MASK (0xFu << PAGE_ORDER_SHIFT)
#define PAGE_OWNER_MASK (0x3Fu << PAGE_OWNER_SHIFT)
#define PAGE_PLACE_MASK (~0u << PAGE_ZONE_SHIFT) /* section and zone: they never change */

enum zone_id { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, ZONES };

#define DMA_MAX 0x1000000u /* ISA devices have 24 address lines: 16 MB */

/* Who has a frame. Each usable frame is counted under exactly one of these, at any time. */
enum page_owner {
    OWNER_FREE,
    OWNER_KERNEL,  /* text, data, bss */
    OWNER_SYMBOLS, /* symbol and string table, for backtraces */
    OWNER_INITRD,
    OWNER_LOADER, /* the loader's memory, until its tables are out of use */
    OWNER_REAL_MODE, /* for BIOS calls: code, stack, bounce buffer below 640 KB */
    OWNER_PAGE_DESCRIPTORS,
    OWNER_PAGE_TABLE,
    OWNER_SLAB,
    OWNER_KMALLOC, /* larger than any slab cache */
    OWNER_VMALLOC,
    OWNER_ZERO, /* the page of zeros that all processes share */
    OWNER_USER, /* memory of processes: stacks, heaps, copies of what they have written to */
    OWNER_FILE, /* contents of files, which may be mapped into processes too */
    OWNER_SHMEM, /* the same of tmpfs and shared memory, which may go to a swap area (mm/shmem.h) */
    OWNER_CACHE, /* the same of files on a disk: can be read again (fs/file_cache.h) */
    OWNER_OTHER,
    OWNER_BEYOND, /* no descriptor, or the paging mode cannot name it: never handed out */
    OWNERS,
};

struct page {
    uint32_t flags;
    uint32_t count; /* references; 0 while free */
    union {
        struct {
            struct page *next, **link; /* of a free block: its list; link: what points here */
        };
        void *private;         /* of the owner */
        uint32_t used_entries; /* of a page table: its entries that are not 0 */
    };
};
_Static_assert(sizeof(struct page) == 8 + 2 * sizeof(void *), "page descriptor: 16 bytes");

/* The descriptors of each section, or null pointers. */
extern struct page *page_sections[SECTIONS];

/*
 * Makes descriptors for all usable memory of the early allocator below physical address `reach`,
 * all PG_RESERVED, in memory below `limit`: it is written to through the direct map. They get half
 * of what is free there at most. If that is not enough, the highest sections are left out.
 * Answers how many usable frames below `reach` were left out.
 */
uint32_t page_init(phys_addr_t reach, phys_addr_t limit);

/* The descriptor of a frame; a null pointer in a hole and where frames were left out. */
static inline struct page *pfn_to_page(pfn_t frame) {
    uint32_t section = frame.value >> SECTION_SHIFT;
    if (section >= SECTIONS || !page_sections[section]) return NULL;
    return &page_sections[section][frame.value % SECTION_FRAMES];
}

static inline pfn_t page_to_pfn(const struct page *page) {
    uint32_t section = page->flags >> PAGE_SECTION_SHIFT;
    return pfn((section << SECTION_SHIFT) + (uint32_t)(page - page_sections[section]));
}

static inline phys_addr_t page_to_phys(const struct page *page) {
    return pfn_to_phys(page_to_pfn(page));
}

/* Only for frames in the direct map: DMA and NORMAL. */
static inline void *page_address(const struct page *page) {
    return phys_to_virt(page_to_phys(page));
}

static inline enum zone_id page_zone(const struct page *page) {
    return (enum zone_id)(page->flags >> PAGE_ZONE_SHIFT & 3);
}

/* Of the first frame of a block. */
static inline unsigned page_order(const struct page *page) {
    return (page->flags & PAGE_ORDER_MASK) >> PAGE_ORDER_SHIFT;
}

/* Of the first frame of a block, or of a reserved frame. */
static inline enum page_owner page_owner(const struct page *page) {
    return (enum page_owner)((page->flags & PAGE_OWNER_MASK) >> PAGE_OWNER_SHIFT);
}

/* The first frame of the block, free or allocated, that `page` is in; a reserved frame is a block
 * of its own. A null pointer for a damaged descriptor. */
struct page *page_head(struct page *page);

/* The name of an owner, for people. */
const char *page_owner_name(enum page_owner owner);

#endif
