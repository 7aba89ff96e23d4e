/*
 * memory.c: the commands mem, buddy and e820: who has the page frames, and what the BIOS said there
 * is.
 */
#include <boot/boot.h>
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/pgtable.h>
#include <mm/regions.h>
#include <monitor/commands.h>

static void print_owners(void);
static void print_reserved(void);
static void print_free_blocks(void);
static void print_space(void);
static const char *type_name(uint32_t type);

bool command_mem(int argc, char **argv) {
    (void)argc, (void)argv;
    print_owners();
    print_reserved();
    print_free_blocks();
    print_space();
    return true;
}

/* Every owner, and that they sum to the total. */
static void print_owners(void) {
    uint32_t sum = 0;

    printk("    frames         KB  use\n");
    for (unsigned owner = 0; owner < OWNERS; owner++) {
        uint32_t frames = pages_of(owner);
        sum += frames;
        if (frames) printk("%10u %10llu  %s\n", frames, kilobytes(frames), page_owner_name(owner));
    }
    printk("%10u %10llu  sum, %s the total of %u\n", sum, kilobytes(sum),
           sum == pages_total() ? "equal to" : "NOT EQUAL to", pages_total());
}

/* What the map does not count as memory, by cause. Address space of devices is in it too. */
static void print_reserved(void) {
    for (uint32_t type = MEMORY_USABLE + 1; type <= MEMORY_BAD; type++) {
        uint64_t bytes = 0;
        for (uint32_t i = 0; i < boot_map_count; i++)
            if (boot_map[i].type == type) bytes += boot_map[i].length;
        if (bytes) printk("           %10llu  not memory: %s\n", bytes / 1024, type_name(type));
    }
}

/* The rights of the page at `phys` in the direct map, as a walk finds them: "R-X", or "---". */
static void find_rights(uint32_t phys, char rights[4]) {
    struct translation found = pt_translate(&kernel_mm, virt_addr(PAGE_OFFSET + phys));
    rights[0] = found.present ? 'R' : '-';
    rights[1] = found.present && found.writable ? 'W' : '-';
    rights[2] = found.present && found.executable ? 'X' : '-';
    rights[3] = 0;
}

/* The kernel's half: what is meant to be where, with the rights that the tables really give. */
static void print_space(void) {
    uint32_t end;

    printk("%s paging; all below %08x is unmapped\n", kernel_mm.mode->name, PAGE_OFFSET);
    for (uint32_t phys = 0; phys < DIRECT_MAP_MAX; phys = end) {
        const struct region *region = region_at(phys, &end);
        char rights[4];
        if (!region) continue;
        find_rights(phys, rights);
        printk("  %08x-%08x %s %s\n", PAGE_OFFSET + phys, PAGE_OFFSET + end - 1, rights,
               region->name);
    }
}

static void print_free_blocks(void) {
    printk("free blocks of 2^order frames\norder  ");
    for (unsigned order = 0; order <= ORDER_MAX; order++) printk(" %5u", order);
    printk("\n");
    for (unsigned id = 0; id < ZONES; id++) {
        const struct zone *zone = zone_stats(id);
        printk("%-7s", zone->name);
        for (unsigned order = 0; order <= ORDER_MAX; order++)
            printk(" %5u", zone->free_blocks[order]);
        printk("\n");
    }
}

bool command_buddy(int argc, char **argv) {
    (void)argc, (void)argv;

    print_free_blocks();
    printk("zone       free  managed     min     low    high   allocs fallbacks failures\n");
    for (unsigned id = 0; id < ZONES; id++) {
        const struct zone *zone = zone_stats(id);
        printk("%-7s %7u %8u %7u %7u %7u %8u %9u %8u\n", zone->name, zone->free, zone->managed,
               zone->min, zone->low, zone->high, zone->allocs, zone->fallbacks, zone->failures);
    }
    return true;
}

static const char *type_name(uint32_t type) {
    switch (type) {
    case MEMORY_USABLE: return "usable";
    case MEMORY_RESERVED: return "reserved";
    case MEMORY_ACPI_RECLAIMABLE: return "ACPI tables";
    case MEMORY_ACPI_NVS: return "ACPI NVS";
    case MEMORY_BAD: return "bad";
    default: return "unknown";
    }
}

/* One line a range, in columns that a program can read: list base length type name. */
static void print_map(const char *list, const struct memory_range *map, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        printk("%s %016llx %016llx %u %s\n", list, map[i].base, map[i].length, map[i].type,
               type_name(map[i].type));
}

bool command_e820(int argc, char **argv) {
    (void)argc, (void)argv;
    static const char *const sources[] = {
        [MAP_FROM_E820] = "E820", [MAP_FROM_E801] = "E801", [MAP_FROM_88] = "88h"};
    uint32_t source = boot_info.map_source;

    printk("INT 15h %s gave %u ranges; sanitised, they are %u\n",
           source >= MAP_FROM_E820 && source <= MAP_FROM_88 ? sources[source] : "unknown",
           boot_raw_map_count, boot_map_count);
    if (boot_info.flags & BOOT_MAP_TRUNCATED)
        printk("the BIOS had more than %d ranges: the rest is left out\n", MEMORY_MAP_MAX);
    printk("map base             length           type\n");
    print_map("raw", boot_raw_map, boot_raw_map_count);
    print_map("map", boot_map, boot_map_count);
    return true;
}
