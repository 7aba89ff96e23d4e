/*
 * frames.h: the page-frame allocator. Who has which frame of usable memory, one bit a frame.
 *
 * Every usable frame is counted under exactly one use, so the counts always sum to the total.
 * Only frames in the direct map are handed out; those above it are counted.
 */
#ifndef MM_FRAMES_H
#define MM_FRAMES_H

#include <ascent/boot_info.h>
#include <mm/addr.h>
#include <stdbool.h>
#include <stdint.h>

enum frame_use {
    FRAME_FREE,
    FRAME_KERNEL,     /* text, data, bss */
    FRAME_SYMBOLS,    /* symbol and string table, for backtraces */
    FRAME_INITRD,
    FRAME_LOADER,     /* the loader's memory, until its tables are out of use */
    FRAME_PAGE_TABLE,
    FRAME_ALLOCATED,  /* by whoever else asks */
    FRAME_ABOVE_MAP,  /* above the direct map: not handed out yet */
    FRAME_BEYOND,     /* the paging mode cannot name it */
    FRAME_USES,
};

/* The answer of frame_alloc() when there is no frame: physical page 0 is never usable. */
#define PFN_NONE pfn(0)

/*
 * Takes over the usable ranges of `map`, sorted and without overlaps. Frames at `reach` (physical
 * address) and above are FRAME_BEYOND. Partial frames at the ends of a range are left out.
 */
void frames_init(const struct memory_range *map, uint32_t count, uint64_t reach);

/* Marks what is free of [phys, phys + bytes) as used: every frame that it touches. Called at boot
 * only; the range is remembered, and freeing a frame of it by frame_free() is a bug. */
void frames_reserve(phys_addr_t phys, uint64_t bytes, enum frame_use use);

/* Frees every frame that frames_reserve() marked for this use. */
void frames_release(enum frame_use use);

/* From now on frame_alloc() answers frames below this physical address only, to 128 KB. */
void frames_set_limit(uint64_t phys);

/* A frame in the direct map with unknown contents, or PFN_NONE. */
pfn_t frame_alloc(enum frame_use use);

/* Gives a frame of frame_alloc(use) back. Panics on a double free, and on a frame that was never
 * handed out or is counted under another use. */
void frame_free(pfn_t frame, enum frame_use use);

/* Frames counted under this use; all usable frames; the name of a use for people. */
uint32_t frame_count(enum frame_use use);
uint32_t frames_total(void);
const char *frame_use_name(enum frame_use use);

#endif
