/*
 * regions.c: the list that regions.h draws. Where regions overlap, the first in the list counts.
 */
#include <ascent/chapter.h>
#include <boot/boot.h>
#include <cpu/stack.h>
#include <mm/direct_map.h>
#include <mm/image.h>
#include <mm/paging.h>
#include <mm/regions.h>

#define READ (PTE_PRESENT | PTE_GLOBAL | PTE_NX)
#define READ_WRITE (READ | PTE_WRITE)
#define READ_EXECUTE (PTE_PRESENT | PTE_GLOBAL)

#define REGIONS_MAX (8 + MEMORY_MAP_MAX)

static struct region regions[REGIONS_MAX];
static unsigned region_count;

static void add(const char *name, uint32_t start, uint32_t end, uint64_t flags) {
    if (flags && !chapter_has(17)) flags |= PTE_WRITE;
    if (start < end) regions[region_count++] = (struct region){name, start, end, flags};
}

/* The same for a part of the kernel image, given by the linker's symbols. */
static void add_image(const char *name, const char *start, const char *end, uint64_t flags) {
    add(name, (uint32_t)virt_to_phys(start).value, (uint32_t)virt_to_phys(end).value, flags);
}

/* Whole pages of one range of the memory map, as far as the direct map goes. */
static void add_memory(const struct memory_range *range) {
    uint64_t start = (range->base + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    uint64_t end = (range->base + range->length) & ~(uint64_t)(PAGE_SIZE - 1);
    if (end > DIRECT_MAP_MAX) end = DIRECT_MAP_MAX;
    if (range->type == MEMORY_USABLE && start < end)
        add("memory", (uint32_t)start, (uint32_t)end, READ_WRITE);
}

void regions_init(void) {
    region_count = 0;
    add_image("guard of the kernel stack", kernel_stack_guard, kernel_stack_guard + PAGE_SIZE, 0);
    add_image("guard of the #DF stack", double_fault_stack_guard,
              double_fault_stack_guard + PAGE_SIZE, 0);
    add_image("kernel text", __text_start, __text_end, READ_EXECUTE);
    add_image("kernel rodata", __rodata_start, __rodata_end, READ);
    add_image("kernel data", __data_start, __kernel_end, READ_WRITE);
    add("page 0", 0, PAGE_SIZE, READ);
    add("video memory", LOW_MEMORY_END, 0xC0000, READ_WRITE | MAP_UNCACHED);
    for (uint32_t i = 0; i < boot_map_count; i++) add_memory(&boot_map[i]);
    add("BIOS", 0, HIGH_MEMORY_START, READ);
}

const struct region *region_at(uint32_t phys, uint32_t *end) {
    *end = DIRECT_MAP_MAX;
    for (unsigned i = 0; i < region_count; i++) {
        const struct region *region = &regions[i];
        if (phys >= region->start && phys < region->end) {
            if (region->end < *end) *end = region->end;
            return region;
        }
        /* An earlier region that begins further on cuts this answer short. */
        if (region->start > phys && region->start < *end) *end = region->start;
    }
    return 0;
}
