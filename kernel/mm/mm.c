/*
 * mm.c: the kernel takes over memory. Entered on the loader's page tables, which map the first
 * boot_info.mapped_bytes at 0 and at PAGE_OFFSET; left on the kernel's own, with nothing mapped
 * below PAGE_OFFSET, and with every allocator ready. Interrupts are off throughout.
 */
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/double_fault.h>
#include <cpu/panic.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/describe.h>
#include <mm/direct_map.h>
#include <mm/early.h>
#include <mm/failalloc.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/mm.h>
#include <mm/regions.h>
#include <mm/sections.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/switch.h>
#include <mm/tables.h>

struct page_tables kernel_tables;

static const struct paging_mode *choose_mode(void);
static void reserve_what_is_used(void);
static void start_tables(const struct paging_mode *mode);
static uint32_t map_regions(uint32_t phys);
static void keep_identity_map(void);
static void load_tables(void);
static void zap_identity_map(void);
static void start_buddy(void);
static void start_slab(void);
static void report(uint32_t capped);

void mm_init(void) {
    const struct paging_mode *mode = choose_mode();

    /* The early allocator: what is usable, less what holds something. */
    early_init(boot_map, boot_map_count);
    reserve_what_is_used();

    /* Build the kernel's tables from the list of regions, in memory that the loader maps. The identity
     * map is in them for one step more, so that its end is a step of its own. */
    tables_from_early(phys_addr(boot_info.mapped_bytes));
    regions_init();
    start_tables(mode);
    uint32_t mapped = map_regions(0);
    keep_identity_map();

    /* Switch. */
    load_tables(); /* step: kernel-cr3 */
    double_fault_set_cr3((uint32_t)kernel_tables.root.value);
    step_record(STEP_KERNEL_CR3);

    /* Now nothing needs low addresses: a null pointer faults from here on. */
    zap_identity_map(); /* step: zap-identity */
    step_record(STEP_ZAP_IDENTITY);

    /* Should the frames that the loader maps have been too few for all tables (no large pages, a
     * large initrd), those mapped now will do for the rest. */
    tables_from_early(phys_addr(mapped));
    if (map_regions(mapped) < DIRECT_MAP_MAX)
        panic("paging: no frame left for the tables of the direct map");

    /* The buddy allocator takes over; the loader's memory is free now. */
    start_buddy();
}

/* `paging=classic|pae` on the command line, else PAE where the processor can. */
static const struct paging_mode *choose_mode(void) {
    char value[16];
    if (!cmdline_option("paging", value, sizeof value))
        return cpu_can_pae() ? &paging_pae : &paging_classic;
    if (strcmp(value, "classic") == 0) return &paging_classic;
    if (strcmp(value, "pae") == 0 && cpu_can_pae()) return &paging_pae;
    if (strcmp(value, "pae") == 0)
        pr_warn("paging=pae: this processor lacks PAE or CMPXCHG8B; classic it is\n");
    else
        pr_warn("paging=%s: not a mode; known are classic and pae\n", value);
    return cpu_can_pae() ? &paging_pae : &paging_classic;
}

static void reserve_what_is_used(void) {
    const struct boot_info *boot = &boot_info;

    early_reserve(virt_to_phys(__text_start), (uint32_t)(__kernel_end - __text_start),
                  OWNER_KERNEL);
    early_reserve(phys_addr(boot->symtab_phys), boot->symtab_bytes, OWNER_SYMBOLS);
    early_reserve(phys_addr(boot->strtab_phys), boot->strtab_bytes, OWNER_SYMBOLS);
    early_reserve(phys_addr(boot->initrd_phys), boot->initrd_bytes, OWNER_INITRD);
    early_reserve(phys_addr(boot->loader_phys), boot->loader_phys_end - boot->loader_phys,
                  OWNER_LOADER);
    early_reserve(phys_addr(boot->page_tables_phys), boot->page_tables_bytes, OWNER_LOADER);
}

/* An empty root table, and what the processor allows in the tables below it. */
static void start_tables(const struct paging_mode *mode) {
    bool pae = mode == &paging_pae;
    uint64_t usable = ~(PTE_NX | PTE_GLOBAL);
    if (pae && cpu.nx) usable |= PTE_NX;
    if (cpu.pge) usable |= PTE_GLOBAL;
    kernel_tables = (struct page_tables){mode, table_alloc(), usable, pae || cpu.pse};
    if (kernel_tables.root.value == 0) panic("paging: no frame for the root table");
}

/*
 * Maps every region from `phys` on at PAGE_OFFSET + physical, with the rights that the list gives
 * it. Answers where it had to stop for want of a frame, or DIRECT_MAP_MAX. It goes from table to
 * table, so that nothing behind that address is mapped.
 */
static uint32_t map_regions(uint32_t phys) {
    const struct paging_mode *mode = kernel_tables.mode;
    uint32_t table_bytes = 1u << mode->level[mode->levels - 2].shift; /* what a last table maps */
    uint32_t end;

    for (; phys < DIRECT_MAP_MAX; phys = end) {
        const struct region *region = region_at(phys, &end);
        uint32_t next_table = (phys & ~(table_bytes - 1)) + table_bytes;
        if (!region || !region->flags) continue;
        if (end > next_table) end = next_table;
        enum page_error error = page_map(&kernel_tables, virt_addr(PAGE_OFFSET + phys),
                                         phys_addr(phys), end - phys, region->flags);
        if (error == PAGE_NO_MEMORY) return phys;
        if (error) panic("paging: %08x is mapped twice", PAGE_OFFSET + phys);
    }
    return DIRECT_MAP_MAX;
}

/* The entries of the root table that the identity map of the loader's low range takes. */
static uint32_t identity_entries(void) {
    uint32_t shift = kernel_tables.mode->level[0].shift;
    return (boot_info.mapped_bytes - 1) / (1u << shift) + 1;
}

static phys_addr_t root_entry(uint32_t index) {
    return phys_addr(kernel_tables.root.value + index * kernel_tables.mode->entry_bytes);
}

/* The low addresses borrow the tables of the direct map, so the rights are the same. */
static void keep_identity_map(void) {
    unsigned bytes = kernel_tables.mode->entry_bytes;
    uint32_t offset = page_index(&kernel_tables.mode->level[0], virt_addr(PAGE_OFFSET));
    for (uint32_t i = 0; i < identity_entries(); i++)
        table_entry_write(root_entry(i), bytes, table_entry_read(root_entry(i + offset), bytes));
}

/*
 * NX and WP are set together with the tables that count on them: an NX bit without EFER.NXE is a
 * reserved bit, and faults (SDM 3A §4.4.2).
 */
static void load_tables(void) {
    if (kernel_tables.usable_flags & PTE_NX) wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    if (kernel_tables.mode == &paging_pae) {
        switch_to_pae(kernel_tables.root);
    } else {
        if (kernel_tables.large_pages) write_cr4(read_cr4() | CR4_PSE);
        write_cr3((uint32_t)kernel_tables.root.value);
    }
    write_cr0(read_cr0() | CR0_WP);
}

/* Writing CR3 drops the old translations: no global ones exist before CR4.PGE is set. Under PAE it
 * also makes the processor read the four root entries again (SDM 3A §4.4.1). */
static void zap_identity_map(void) {
    for (uint32_t i = 0; i < identity_entries(); i++)
        table_entry_write(root_entry(i), kernel_tables.mode->entry_bytes, 0);
    write_cr3((uint32_t)kernel_tables.root.value);
}

static void start_buddy(void) {
    uint32_t capped = page_init(phys_addr(kernel_tables.mode->reach), phys_addr(DIRECT_MAP_MAX));

    buddy_init();
    tables_from_buddy();
    buddy_release(OWNER_LOADER);
    report(capped);
    kmap_init();
    start_slab();
    mm_describe_init();
}

/* `slab_debug` on the command line: red zones, poison and callers in every object. */
static void start_slab(void) {
    char value[8];
    if (cmdline_option("slab_debug", value, sizeof value)) slab_debug_enable();
    slab_init();
    kmalloc_init();
    failalloc_init();
}

/* Totals for the console. Reserved is what the map lists as anything but usable. `capped` frames
 * have no descriptor, as those would have taken more than half of the direct map. */
static void report(uint32_t capped) {
    uint64_t reserved = 0;
    for (uint32_t i = 0; i < boot_map_count; i++)
        if (boot_map[i].type != MEMORY_USABLE) reserved += boot_map[i].length;

    printk("memory: %llu KB usable, %llu KB reserved\n", kilobytes(pages_total()),
           reserved / 1024);
    if (capped)
        printk("memory: %llu KB are left out: their descriptors would not fit below 896 MB\n",
               kilobytes(capped));
    if (pages_of(OWNER_BEYOND) > capped)
        printk("memory: %llu KB above %llu GB need %s\n",
               kilobytes(pages_of(OWNER_BEYOND) - capped), kernel_tables.mode->reach >> 30,
               kernel_tables.mode == &paging_pae ? "a 64-bit kernel" : "PAE");
}
