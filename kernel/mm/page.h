/*
 * page.h: one descriptor of 16 bytes for each page frame that may be RAM.
 *
 * Descriptors come in sections of 4096 frames (16 MB); a section without any RAM has none, so a hole
 * in the map costs a pointer. flags:
 *
 *   31          20 19 18 17          12 11         8 7              0
 *  +--------------+-----+--------------+------------+----------------+
 *  | section      |zone | owner        | order      | PG_ flags      |
 *  +--------------+-----+--------------+------------+----------------+
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <mm/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECTION_SHIFT 12 /* frames of a section: 16 MB */
#define SECTION_FRAMES (1u << SECTION_SHIFT)
#define SECTIONS (1u << (36 - PAGE_SHIFT - SECTION_SHIFT)) /* 64 GB, all that PAE reaches */

#define PG_BUDDY 0x01    /* the first frame of a free block of 2^order frames */
#define PG_HEAD 0x02     /* the first frame of an allocated block of 2^order frames */
#define PG_RESERVED 0x04 /* not RAM, or never given to the buddy allocator */
#define PG_SLAB 0x08     /* `private` is its slab */

enum zone_id { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, ZONES };

/* Who has a frame. Each usable frame is counted under exactly one of these, at any time. */
enum page_owner {
    OWNER_FREE,
    OWNER_KERNEL,     /* text, data, bss */
    OWNER_SYMBOLS,    /* symbol and string table, for backtraces */
    OWNER_INITRD,
    OWNER_LOADER,     /* the loader's memory, until its tables are out of use */
    OWNER_PAGE_DESCRIPTORS,
    OWNER_PAGE_TABLE,
    OWNER_SLAB,
    OWNER_KMALLOC,    /* larger than any slab cache */
    OWNER_VMALLOC,
    OWNER_OTHER,
    OWNER_BEYOND,     /* no descriptor, or the paging mode cannot name it: never handed out */
    OWNERS,
};

struct page {
    uint32_t flags;
    uint32_t count; /* references; 0 while free */
    union {
        struct {
            uint32_t next, previous; /* free list: frame numbers */
        };
        void *private; /* of the owner */
    };
};
#if UINTPTR_MAX == UINT32_MAX
_Static_assert(sizeof(struct page) == 16, "page descriptor");
#endif

#endif
