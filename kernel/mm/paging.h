/*
 * paging.h: what page tables look like, in any mode that has the shape of x86's.
 *
 * struct paging_mode tells how many levels there are and how wide. Levels have Linux's names pgd,
 * pud, pmd, pte; a level that a mode does not have is not in its description.
 *
 *   classic  32-bit entries   pgd(10 bits) ............................ pte(10)   offset(12)
 *   PAE      64-bit entries   pgd(2) ................ pmd(9) .......... pte(9)    offset(12)
 *
 * What is done with tables: pgtable.h.
 */
#ifndef MM_PAGING_H
#define MM_PAGING_H

#include <mm/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An entry (SDM 3A §4.3 table 4-6, §4.4 table 4-11). Bit 63 exists in PAE only, with EFER.NXE.
 *
 *  63 62    52 51                       12 11  9  8  7  6  5   4   3   2   1  0
 * +--+--------+---------------------------+-----+--+--+--+--+---+---+---+---+--+
 * |NX|reserved| page-frame address        |avail| G|PS| D| A|PCD|PWT|U/S|R/W| P|
 * +--+--------+---------------------------+-----+--+--+--+--+---+---+---+---+--+
 *
 * PS (page size) is read at levels above the last only: 1 means that the entry maps a large page.
 * In the last level bit 7 is PAT (SDM 3A §4.9.2), which stays 0: PCD and PWT say how to cache.
 *
 * With P = 0 the processor looks at no other bit. An entry of 0 is free; any other holds something
 * of its owner's: where in a swap area the page is (pte_swapped()), or a page that nobody may use now
 * (user_pages.h).
 */
#define PTE_PRESENT 0x001ull
#define PTE_WRITE 0x002ull
#define PTE_USER 0x004ull
#define PTE_PWT 0x008ull
#define PTE_PCD 0x010ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY 0x040ull
#define PTE_LARGE 0x080ull
#define PTE_GLOBAL 0x100ull
#define PTE_SWAPPED 0x200ull /* with P = 0 only */
#define PTE_HIDDEN 0x400ull  /* with P = 0 only: the frame is there, but PROT_NONE */
#define PTE_NX (1ull << 63)

/* What the kernel maps for itself: data, and the registers of devices. */
#define MAP_KERNEL_DATA (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NX)
#define MAP_UNCACHED (PTE_PCD | PTE_PWT)

#define PAGING_LEVELS_MAX 4

/* One level of tables. */
struct paging_level {
    const char *name;
    uint8_t shift;        /* the index starts at this bit of the linear address */
    uint32_t last_index;  /* the index has the bits of this */
    uint32_t table_bits;  /* an entry points to a table if it has P of these and no other; PS is
                             one of them where it may map a page itself, of 1 << shift bytes */
    uint64_t table_flags; /* an entry that points to the next table; without U for the kernel's */
};

struct paging_mode {
    const char *name;
    unsigned levels;
    unsigned entry_bytes;  /* 4 or 8 */
    uint64_t root_mask;    /* the address bits of CR3 */
    uint64_t address_mask; /* the address bits of an entry */
    uint64_t reach;        /* the first physical address that no entry can name */
    uint64_t usable_flags; /* PTE_ flags that this processor knows in this mode */
    uintptr_t user_end;    /* from here on, addresses are the kernel's: the same in every space */
    uintptr_t fixed_start; /* root entries from this address on are fixed: pt_create() */
    struct paging_level level[PAGING_LEVELS_MAX]; /* from the root down */
};

extern const struct paging_mode paging_classic;
extern const struct paging_mode paging_pae;

/* The index of `virt` in a table of this level. */
static inline uint32_t level_index(const struct paging_level *level, virt_addr_t virt) {
    return (uint32_t)(virt.value >> level->shift) & level->last_index;
}

/* Bytes that an entry of this level spans. */
static inline uintptr_t level_bytes(const struct paging_level *level) {
    return (uintptr_t)1 << level->shift;
}

/* How many of the `bytes` from `virt` on, whole pages, are the same entry's? */
static inline uintptr_t bytes_in_entry(const struct paging_level *level, virt_addr_t virt,
                                       uintptr_t bytes) {
    if (level->shift == PAGE_SHIFT) return PAGE_SIZE;
    uintptr_t to_end = level_bytes(level) - (virt.value & (level_bytes(level) - 1));
    return bytes < to_end ? bytes : to_end;
}

/* May an entry of this level map a page itself, a large one? */
static inline bool level_has_large(const struct paging_level *level) {
    return level->table_bits & PTE_LARGE;
}

/* Does an entry with this value, of which the low half will do, point to a table of the next level?
 * If not, it maps a page, or has P = 0. Without CR4.PSE nobody looks at PS: then it is not one of
 * table_bits (SDM 3A §4.3). */
static inline bool pte_is_table(const struct paging_level *level, uint32_t value) {
    return (value & level->table_bits) == PTE_PRESENT;
}

/* That table. Tables lie in the direct map, so all but the low bits of the address are 0. */
static inline phys_addr_t pte_table(uint32_t value) {
    return phys_addr(value & ~(PAGE_SIZE - 1u));
}

/* What an entry maps, and with which flags. */
static inline phys_addr_t pte_phys(const struct paging_mode *mode, uint64_t value) {
    return phys_addr(value & mode->address_mask);
}

static inline uint64_t pte_flags(const struct paging_mode *mode, uint64_t value) {
    return value & ~mode->address_mask & ~PTE_LARGE;
}

/* The bit of a page of this level that is not one of the last. */
static inline uint64_t pte_large(const struct paging_level *level) {
    return level->shift == PAGE_SHIFT ? 0 : PTE_LARGE;
}

/* Does an entry name a frame, for the processor to use or hidden from it? */
static inline bool pte_has_frame(uint64_t value) {
    return value & (PTE_PRESENT | PTE_HIDDEN);
}

/* A page that lies in a swap area, at this place of 20 bits; bits 1 to 3 say in which area. */
#define PTE_SWAP_AREA_SHIFT 1
#define PTE_SWAP_AREAS 8u

static inline uint64_t pte_swapped(unsigned area, uint32_t place) {
    return (uint64_t)place << PAGE_SHIFT | PTE_SWAPPED | area << PTE_SWAP_AREA_SHIFT;
}

static inline bool pte_is_swapped(uint64_t value) {
    return (value & (PTE_PRESENT | PTE_SWAPPED)) == PTE_SWAPPED;
}

static inline unsigned pte_swap_area(uint64_t value) {
    return (unsigned)(value >> PTE_SWAP_AREA_SHIFT) % PTE_SWAP_AREAS;
}

static inline uint32_t pte_swap_place(uint64_t value) {
    return (uint32_t)(value >> PAGE_SHIFT);
}

#endif
