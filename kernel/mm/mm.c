/*
 * mm.c: the kernel takes over memory. Entered on the loader's page tables, which map the first
 * boot_info.mapped_bytes at 0 and at PAGE_OFFSET; left on the kernel's own, with nothing mapped
 * below PAGE_OFFSET, and with every allocator ready. Interrupts are off throughout.
 */
#include <ascent/chapter.h>
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
#include <mm/image.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/mm.h>
#include <mm/mm_struct.h>
#include <mm/probe.h>
#include <mm/regions.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/switch.h>
#include <mm/table_frames.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>

static struct paging_mode mode; /* of this processor */
struct mm kernel_mm = {.mode = &mode};

static const struct paging_mode *choose_mode(void);
static void reserve_what_is_used(void);
static void start_tables(const struct paging_mode *chosen);
static uint32_t map_regions(uint32_t phys, uint32_t limit);
static void keep_identity_map(void);
static void load_tables(void);
static void zap_identity_map(void);
static void map_the_rest(uint32_t mapped);
static void start_buddy(void);
static void fix_root(void);
static void start_slab(void);
static void report(uint32_t capped);

void mm_init(void) {
    const struct paging_mode *chosen = choose_mode();
    const uint32_t loader_maps = boot_info.mapped_bytes;

    /* The early allocator: what is usable, less what holds something; and is it there? */
    early_init(boot_map, boot_map_count);
    reserve_what_is_used();
    probe_memory(boot_map, &boot_map_count, pfn(0), phys_to_pfn(phys_addr(loader_maps)));

    /* Build the kernel's tables from the list of regions, as far as the loader's go. The identity
     * map is in them for one step more, so that its end is a step of its own. */
    tables_from_early(phys_addr(loader_maps));
    regions_init();
    start_tables(chosen);
    uint32_t mapped = map_regions(0, loader_maps);
    keep_identity_map();

    /* Switch. */
    load_tables(); /* step: kernel-cr3 */
    double_fault_set_cr3((uint32_t)kernel_mm.root.value);
    step_record(STEP_KERNEL_CR3);
    if (!chapter_has(14)) return;

    /* Now nothing needs low addresses: a null pointer faults from here on. */
    zap_identity_map(); /* step: zap-identity */
    step_record(STEP_ZAP_IDENTITY);

    /* All other memory can be looked at only now, and the direct map has what is there. */
    probe_window_open();
    probe_memory(boot_map, &boot_map_count, phys_to_pfn(phys_addr(loader_maps)),
                 phys_to_pfn(phys_addr(mode.reach)));
    probe_window_close();
    regions_init();
    map_the_rest(mapped);

    if (!chapter_has(18)) return;

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
    early_reserve(phys_addr(REAL_TEXT_ADDR), REAL_STACK_TOP - REAL_TEXT_ADDR, OWNER_REAL_MODE);
    early_reserve(phys_addr(REAL_BOUNCE_ADDR), REAL_BOUNCE_SIZE, OWNER_REAL_MODE);
    early_reserve(phys_addr(boot->loader_phys), boot->loader_phys_end - boot->loader_phys,
                  OWNER_LOADER);
    early_reserve(phys_addr(boot->page_tables_phys), boot->page_tables_bytes, OWNER_LOADER);
}

/* What this processor has of the mode, and an empty root table. */
static void start_tables(const struct paging_mode *chosen) {
    mode = *chosen;
    if (!cpu.nx) mode.usable_flags &= ~PTE_NX;
    if (!cpu.pge) mode.usable_flags &= ~PTE_GLOBAL;
    if (mode.reach > 1ull << cpu.physical_bits) mode.reach = 1ull << cpu.physical_bits;
    if (!cpu.pse) mode.level[0].table_bits &= ~PTE_LARGE;
    if (!chapter_has(15)) mode.level[mode.levels - 2].table_bits &= ~PTE_LARGE;
    kernel_mm.root = table_alloc();
    if (kernel_mm.root.value == 0) panic("paging: no frame for the root table");
}

/*
 * Maps every region from `phys` to `limit` at PAGE_OFFSET + physical, with the rights that the list
 * gives it. Answers where it had to stop for want of a frame, or `limit`. It goes from table to
 * table, so that nothing behind that address is mapped.
 */
static uint32_t map_regions(uint32_t phys, uint32_t limit) {
    uint32_t table_bytes = level_bytes(&mode.level[mode.levels - 2]); /* what a last table maps */
    uint32_t end;

    for (; phys < limit; phys = end) {
        const struct region *region = region_at(phys, &end);
        uint32_t next_table = (phys & ~(table_bytes - 1)) + table_bytes;
        if (!region || !region->flags) continue;
        if (end > next_table) end = next_table;
        enum map_error error = pt_map(&kernel_mm, virt_addr(PAGE_OFFSET + phys), phys_addr(phys),
                                      end - phys, region->flags);
        if (error == MAP_NO_MEMORY) return phys;
        if (error) panic("paging: %08x is mapped twice", PAGE_OFFSET + phys);
    }
    return limit;
}

/* The entries of the root table that the identity map of the loader's low range takes. */
static uint32_t identity_entries(void) {
    return (boot_info.mapped_bytes - 1) / level_bytes(&mode.level[0]) + 1;
}

static struct pte root_entry(uint32_t start, uint32_t index) {
    return pte_find_at(&kernel_mm, virt_addr(start + index * level_bytes(&mode.level[0])), 0);
}

/* The low addresses borrow the tables of the direct map, so the rights are the same. */
static void keep_identity_map(void) {
    for (uint32_t i = 0; i < identity_entries(); i++) {
        struct pte low = root_entry(0, i);
        pte_set(&kernel_mm, &low, root_entry(PAGE_OFFSET, i).value);
    }
}

/*
 * NX and WP are set together with the tables that count on them: an NX bit without EFER.NXE is a
 * reserved bit, and faults (SDM 3A §4.4.2).
 */
static void load_tables(void) {
    if (mode.usable_flags & PTE_NX) wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    if (mode.entry_bytes == 8) {
        switch_to_pae(kernel_mm.root);
    } else {
        if (level_has_large(&mode.level[0])) write_cr4(read_cr4() | CR4_PSE);
        mm_load(&kernel_mm);
    }
    if (chapter_has(17)) write_cr0(read_cr0() | CR0_WP);
}

/* Writing CR3 drops the old translations: no global ones exist before CR4.PGE is set. Under PAE it
 * also makes the processor read the four root entries again (SDM 3A §4.4.1). */
static void zap_identity_map(void) {
    for (uint32_t i = 0; i < identity_entries(); i++) {
        struct pte low = root_entry(0, i);
        pte_exchange(&kernel_mm, &low, 0);
    }
    mm_load(&kernel_mm);
}

/* Should the frames that are mapped be too few for all tables (no large pages, a large initrd),
 * those that are mapped by then will do for the next. */
static void map_the_rest(uint32_t mapped) {
    while (mapped < DIRECT_MAP_MAX) {
        tables_from_early(phys_addr(mapped));
        uint32_t end = map_regions(mapped, DIRECT_MAP_MAX);
        if (end == mapped) panic("paging: no frame left for the tables of the direct map");
        mapped = end;
    }
}

static void start_buddy(void) {
    uint32_t capped = page_init(phys_addr(mode.reach), phys_addr(DIRECT_MAP_MAX));

    buddy_init();
    tables_from_buddy();
    buddy_release(OWNER_LOADER);
    report(capped);
    fix_root();
    kmap_init();
    if (!chapter_has(19)) return;
    start_slab();
    mm_describe_init();
}

/* From here on the table of this root entry is there, and in every root to come. */
static void fix_entries(uintptr_t start, uintptr_t end) {
    for (uintptr_t at = start; at >= start && at < end; at += level_bytes(&mode.level[0]))
        if (pte_make(&kernel_mm, virt_addr(at), 1).level == mode.level)
            panic("paging: no frame for the tables of the kernel half");
}

/*
 * All root entries that the kernel half will ever have. PAE has one, for the last gigabyte. In
 * classic mode each is a table of 4 MB of addresses: 28 for all of vmalloc(), which is 112 KB. So a
 * small machine gets fewer addresses: twice its memory, and 8 MB for devices; with 4 MB of memory
 * that is 3 tables.
 */
static void fix_root(void) {
    uint64_t wanted = 8 * 0x100000 + 2 * (uint64_t)pages_total() * PAGE_SIZE;
    if (wanted < VMALLOC_END - VMALLOC_START)
        vmalloc_region.end = virt_addr(VMALLOC_START + ((uint32_t)wanted & ~(LARGE_PAGE_SIZE - 1)));
    fix_entries(VMALLOC_START, vmalloc_region.end.value);
    if (zone_stats(ZONE_HIGHMEM)->managed) fix_entries(KMAP_START, FIXMAP_START);
    fix_entries(FIXMAP_START, FIXMAP_START + PAGE_SIZE);
    kernel_mm.sealed = true;
}

/* `slab_debug` on the command line: red zones, poison and callers in every object. */
static void start_slab(void) {
    char value[8];
    if (cmdline_option("slab_debug", value, sizeof value)) slab_debug_enable();
    slab_init();
    kmalloc_init();
    mm_struct_init();
}

/* Totals for the console. Reserved is what the map lists as anything but usable. `capped` frames
 * have no descriptor, as those would have taken more than half of the direct map. */
static void report(uint32_t capped) {
    uint64_t reserved = 0;
    for (uint32_t i = 0; i < boot_map_count; i++)
        if (boot_map[i].type != MEMORY_USABLE) reserved += boot_map[i].length;

    printk("memory: %llu KB usable, %llu KB reserved\n", kilobytes(pages_total()), reserved / 1024);
    if (capped)
        printk("memory: %llu KB are left out: their descriptors would not fit below 896 MB\n",
               kilobytes(capped));
    const char *needed = cpu.physical_bits > 36 ? "a 64-bit kernel" : "another processor";
    if (mode.entry_bytes != 8 && cpu.physical_bits > 32) needed = "PAE";
    if (pages_of(OWNER_BEYOND) > capped)
        printk("memory: %llu KB above %llu GB need %s\n",
               kilobytes(pages_of(OWNER_BEYOND) - capped), mode.reach >> 30, needed);
}
