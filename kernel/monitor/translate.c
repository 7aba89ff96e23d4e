/*
 * translate.c: the commands pt and va2pa: logical address -> linear -> physical.
 * SDM 3A §3.4 (segments), §4.3 and §4.4 (paging). Chapter: docs/reference/memory-map.md.
 */
#include <cpu/control.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/table_frames.h>
#include <mm/tlb.h>
#include <monitor/args.h>
#include <monitor/bits.h>
#include <monitor/commands.h>
#include <monitor/descriptor.h>
#include <monitor/translate.h>
#include <proc/task.h>

static const struct bit_name entry_bits[] = {
    {0, "P"}, {1, "RW"}, {2, "US"}, {3, "PWT"}, {4, "PCD"}, {5, "A"}, {6, "D"},
    {8, "G"}, {63, "NX"}, {0, 0},
};

/* A pgd of PAE has no other bits (SDM 3A table 4-8). */
static const struct bit_name pointer_bits[] = {{0, "P"}, {3, "PWT"}, {4, "PCD"}, {0, 0}};

static void print_entry(const struct pte *pte, virt_addr_t virt, unsigned entry_bytes);
static void print_result(const struct translation *found);

bool command_pt(int argc, char **argv) {
    uint32_t address, pid = 0;
    if (!args_hex(argv[1], 0, &address) || (argc > 2 && !args_count(argv[2], &pid))) return false;

    const struct task *task = argc > 2 ? task_find(pid) : NULL;
    if (argc > 2 && (!task || !task->mm))
        printk("no process %u with an address space of its own\n", pid);
    else
        translate_print_in(task ? &task->mm->pt : mm_loaded(), virt_addr(address));
    return true;
}

/* "11.000000000.100000000.000000000000": the index bits of each level down to `last`, and the
 * offset. */
static void print_split(const struct paging_mode *mode, uint32_t address,
                        const struct paging_level *last) {
    const struct paging_level *level = mode->level;
    unsigned bit = 32;

    printk("  ");
    for (; level <= last; level++) {
        while (bit > level->shift) printk("%u", address >> --bit & 1);
        printk(".");
    }
    while (bit) printk("%u", address >> --bit & 1);
    printk("\n");
}

void translate_print(virt_addr_t virt) {
    translate_print_in(mm_loaded(), virt);
}

void translate_print_in(const struct mm *mm, virt_addr_t virt) {
    const struct paging_mode *mode = mm->mode;
    const struct paging_level *last = pte_find(mm, virt).level;
    uint32_t address = (uint32_t)virt.value;
    struct translation found = pt_translate(mm, virt);

    printk("linear %08x, %s paging:", address, mode->name);
    for (const struct paging_level *level = mode->level; level <= last; level++)
        printk(" %s %03x,", level->name, level_index(level, virt));
    printk(" offset %x\n", address & (level_bytes(last) - 1));
    print_split(mode, address, last);
    for (unsigned depth = 0; &mode->level[depth] <= last; depth++) {
        struct pte pte = pte_find_at(mm, virt, depth);
        print_entry(&pte, virt, mode->entry_bytes);
    }
    print_result(&found);
}

/* "pmd at 00012000 [003] = 00000000000000e3  P RW A D G, 2 MB page" */
static void print_entry(const struct pte *pte, virt_addr_t virt, unsigned entry_bytes) {
    bool table = pte_is_table(pte->level, pte->value);
    bool rights = !table || (pte->level->table_flags & PTE_WRITE);

    printk("  %s at %08llx [%03x] = %0*llx ", pte->level->name, table_of(pte->slot).value,
           level_index(pte->level, virt), (int)entry_bytes * 2, pte->value);
    if (!(pte->value & PTE_PRESENT)) {
        printk(" not present%s\n", pte->value & PTE_HIDDEN ? ": kept, but PROT_NONE"
                                  : pte->value            ? ": swapped"
                                                          : "");
        return;
    }
    print_bits(pte->value, rights ? entry_bits : pointer_bits);
    if (!table && pte->level->shift > PAGE_SHIFT) printk(" PS");
    printk(table ? " -> table\n" : "\n");
}

static void print_result(const struct translation *found) {
    if (!found->present) {
        printk("not mapped\n");
        return;
    }
    printk("physical %08llx, %llu KB page, %s%s%s, %s\n", found->phys.value,
           found->page_bytes / 1024, "R", found->writable ? "W" : "-",
           found->executable ? "X" : "-", found->user ? "user" : "supervisor only");
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

    struct translation found = pt_translate(mm_loaded(), virt_addr(linear));
    printk("linear   %08x\n", linear);
    if (found.present)
        printk("physical %08llx\n", found.phys.value);
    else
        printk("physical none: not mapped, the %s entry is not present\n",
               pte_find(mm_loaded(), virt_addr(linear)).level->name);
    return true;
}
