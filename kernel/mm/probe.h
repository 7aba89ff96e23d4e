/*
 * probe.h: is the memory there that the BIOS says is there? One that answers E801 with BX = FFFFh
 * claims 4 GB of any machine; another claims all addresses there are. What lies behind real memory
 * is nothing, which reads as ones and forgets what is written to it; or the same memory once more,
 * if nobody looks at the upper bits of the address.
 */
#ifndef MM_PROBE_H
#define MM_PROBE_H

#include <ascent/boot_info.h>
#include <mm/addr.h>

/*
 * Looks at free frames of the early allocator, from `first` to `end` (not included): the first and
 * the last of each run, and between them one in 16 MB, above the direct map one in 1 GB. Where one
 * is missing, its range of `map` ends with the last frame that is there, and a line says so. Each
 * word that is written gets back what it held. `map` is the one that early_init() was given; it may
 * become shorter by some ranges.
 */
void probe_memory(struct memory_range *map, uint32_t *count, pfn_t first, pfn_t end);

/* A word of a frame, through the window past the caches, so that none of them plays the memory. */
uint32_t probe_read(pfn_t frame, unsigned word);
void probe_write(pfn_t frame, unsigned word, uint32_t value);

/* Before, only what the loader maps can be looked at; from probe_window_open() to
 * probe_window_close(), all that kernel_mm can name, one frame at a time. */
void probe_window_open(void);
void probe_window_close(void);

#endif
