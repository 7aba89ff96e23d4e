/*
 * translate.c: the commands pt and va2pa: logical address -> linear -> physical.
 * SDM 3A §3.4 (segments), §4.3 and §4.4 (paging). Chapter: docs/reference/memory-map.md.
 */
#include <cpu/control.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <monitor/args.h>
#include <monitor/bits.h>
#include <monitor/commands.h>
#include <monitor/descriptor.h>
#include <monitor/translate.h>

static const struct bit_name entry_bits[] = {
    {0, "P"}, {1, "RW"}, {2, "US"}, {3, "PWT"}, {4, "PCD"}, {5, "A"}, {6, "D"},
    {8, "G"}, {63, "NX"}, {0, 0},
};

/* A pgd of PAE has no other bits (SDM 3A table 4-8). */
static const struct bit_name pointer_bits[] = {{0, "P"}, {3, "PWT"}, {4, "PCD"}, {0, 0}};

static void print_step(const struct page_walk_step *step, bool last, unsigned entry_bytes);
static void print_result(const struct page_walk *walk);

/* The tables that CR3 points to now. */
static struct page_tables current_tables(void) {
    struct page_tables tables = kernel_tables;
    tables.root = phys_addr(read_cr3() & tables.mode->root_mask);
    return tables;
}

bool command_pt(int argc, char **argv) {
    (void)argc;
    uint32_t address;
    if (!args_hex(argv[1], 0, &address)) return false;
    translate_print(virt_addr(address));
    return true;
}

/* "11.000000000.100000000.000000000000": the index bits of each level, and the offset. */
static void print_split(uint32_t address, const struct page_walk *walk) {
    unsigned bit = 32;
    printk("  ");
    for (unsigned i = 0; i < walk->depth; i++) {
        while (bit > walk->step[i].level->shift) printk("%u", address >> --bit & 1);
        printk(".");
    }
    while (bit) printk("%u", address >> --bit & 1);
    printk("\n");
}

void translate_print(virt_addr_t virt) {
    uint32_t address = (uint32_t)virt.value;
    struct page_tables tables = current_tables();
    const struct paging_mode *mode = tables.mode;
    struct page_walk walk;
    page_walk(&tables, virt_addr(address), &walk);

    printk("linear %08x, %s paging:", address, mode->name);
    for (unsigned i = 0; i < walk.depth; i++)
        printk(" %s %u,", walk.step[i].level->name, walk.step[i].index);
    uint32_t page_bytes = 1u << walk.step[walk.depth - 1].level->shift;
    printk(" offset %x\n", address & (page_bytes - 1));
    print_split(address, &walk);
    for (unsigned i = 0; i < walk.depth; i++)
        print_step(&walk.step[i], i == walk.depth - 1, mode->entry_bytes);
    print_result(&walk);
}

/* "pmd at 00012000 [  3] = 00000000000000e3  P RW A D G, 2 MB page" */
static void print_step(const struct page_walk_step *step, bool last, unsigned entry_bytes) {
    bool maps = last && (step->entry & PTE_PRESENT);
    bool rights = maps || (step->level->table_flags & PTE_WRITE);

    printk("  %s at %08llx [%4u] = %0*llx ", step->level->name, step->table.value, step->index,
           (int)entry_bytes * 2, step->entry);
    if (!(step->entry & PTE_PRESENT)) {
        printk(" not present\n");
        return;
    }
    print_bits(step->entry, rights ? entry_bits : pointer_bits);
    if (maps && step->level->shift > PAGE_SHIFT) printk(" PS");
    printk(maps ? "\n" : " -> table\n");
}

static void print_result(const struct page_walk *walk) {
    if (!walk->present) {
        printk("not mapped\n");
        return;
    }
    printk("physical %08llx, %llu KB page, %s%s%s, %s\n", walk->phys.value,
           walk->page_bytes / 1024, "R", walk->writable ? "W" : "-", walk->executable ? "X" : "-",
           walk->user ? "user" : "supervisor only");
}

/* Prints the way from selector:offset to a linear address. False when the processor would refuse. */
static bool print_segmentation(uint32_t selector, uint32_t offset, uint32_t *linear) {
    struct segment segment;

    printk("logical  %04x:%08x\n", selector, offset);
    if (!segment_read(selector, &segment)) {
        printk("no such descriptor: %s\n", (selector & ~3u) == 0 ? "the null selector"
                                           : selector & 4        ? "there is no LDT"
                                                                 : "beyond the limit of the GDT");
        return false;
    }
    printk("segment  base %08x, limit %08x, dpl %u, ", segment.base, segment.limit, segment.dpl);
    segment_print_type(&segment);
    printk("\n");
    if (!segment.code_data) printk("a system descriptor: no segment register can hold it\n");
    if (!segment_holds(&segment, offset)) printk("offset outside the limit: #GP, or #SS by SS\n");
    if (!segment.code_data || !segment.present || !segment_holds(&segment, offset)) return false;
    *linear = segment.base + offset;
    return true;
}

bool command_va2pa(int argc, char **argv) {
    (void)argc;
    const char *colon = strchr(argv[1], ':');
    uint32_t selector, linear;

    if (colon) {
        uint32_t offset;
        if (!args_hex(argv[1], ':', &selector) || selector > 0xFFFF ||
            !args_hex(colon + 1, 0, &offset))
            return false;
        if (!print_segmentation(selector, offset, &linear)) return true;
    } else if (!args_hex(argv[1], 0, &linear)) {
        return false;
    }

    struct page_tables tables = current_tables();
    struct page_walk walk;
    page_walk(&tables, virt_addr(linear), &walk);
    printk("linear   %08x\n", linear);
    if (walk.present)
        printk("physical %08llx\n", walk.phys.value);
    else
        printk("physical none: not mapped, the %s entry is not present\n",
               walk.step[walk.depth - 1].level->name);
    return true;
}
