/*
 * paging.h: page tables, for any mode that has the shape of x86's.
 *
 * One walker reads and one builder writes the tables of every mode; struct paging_mode tells them
 * how many levels there are and how wide. Levels have Linux's names pgd, pud, pmd, pte; a level
 * that a mode does not have is not in its description.
 *
 *   classic  32-bit entries   pgd(10 bits) ............................ pte(10)   offset(12)
 *   PAE      64-bit entries   pgd(2) ................ pmd(9) .......... pte(9)    offset(12)
 *
 * Nothing here touches hardware: entries are read and written through table_entry_read() and
 * table_entry_write(), which the kernel and the host tests each supply. paging_change.h takes away
 * and changes what is mapped here.
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
 * In the last level bit 7 is PAT, and in the entry of a large page PAT is bit 12 (SDM 3A §4.9.2).
 * Who calls page_map() gives PTE_PAT and need not know which kind of page it will be.
 */
#define PTE_PRESENT 0x001ull
#define PTE_WRITE 0x002ull
#define PTE_USER 0x004ull
#define PTE_PWT 0x008ull
#define PTE_PCD 0x010ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY 0x040ull
#define PTE_LARGE 0x080ull
#define PTE_PAT 0x080ull
#define PTE_PAT_LARGE 0x1000ull
#define PTE_GLOBAL 0x100ull
#define PTE_NX (1ull << 63)

#define PAGING_LEVELS_MAX 4

/* One level of tables. */
struct paging_level {
    const char *name;
    uint8_t shift;        /* the index starts at this bit of the linear address */
    uint8_t index_bits;   /* and has so many bits */
    bool large;           /* an entry may map a page itself, of 1 << shift bytes */
    uint64_t table_flags; /* flags of an entry that points to the next table */
};

struct paging_mode {
    const char *name;
    uint8_t levels;
    uint8_t entry_bytes;   /* 4 or 8 */
    uint64_t root_mask;    /* the address bits of CR3 */
    uint64_t address_mask; /* the address bits of an entry */
    uint64_t reach;        /* the first physical address that no entry can name */
    uint16_t fixed_root;   /* the root's tables from this entry on are fixed: page_root_fill() */
    struct paging_level level[PAGING_LEVELS_MAX]; /* from the root down */
};

extern const struct paging_mode paging_classic;
extern const struct paging_mode paging_pae;

/* One set of tables. */
struct page_tables {
    const struct paging_mode *mode;
    phys_addr_t root;
    uint64_t usable_flags; /* PTE_ flags that this processor knows in this mode */
    bool large_pages;      /* this processor has them */
};

/* What a walk met at one level. */
struct page_walk_step {
    const struct paging_level *level;
    phys_addr_t table;
    uint32_t index;
    uint64_t entry;
};

/* The answer of page_walk(). */
struct page_walk {
    unsigned depth; /* steps taken; the last one ended the walk */
    struct page_walk_step step[PAGING_LEVELS_MAX];
    bool present;        /* the fields below hold only if true */
    phys_addr_t phys;    /* of the very byte asked for */
    uint64_t page_bytes; /* of the page that holds it */
    bool writable, user, executable;
};

enum page_error {
    PAGE_OK = 0,
    PAGE_NO_MEMORY, /* no frame left for a table */
    PAGE_IN_USE,    /* something is mapped there already */
    PAGE_TOO_HIGH,  /* no entry of this mode can name the physical address */
};

/* Translates `virt` as the processor does (SDM 3A §4.3, §4.4), keeping every step. */
void page_walk(const struct page_tables *tables, virt_addr_t virt, struct page_walk *walk);

/*
 * Maps `bytes` at `virt` to `phys`, all multiples of PAGE_SIZE, with the PTE_ `flags` less those
 * that the processor lacks; in large pages wherever address, size and processor allow. `flags` has
 * PTE_PRESENT. An entry with P = 0 is free, whatever its other bits hold.
 * All or nothing: on an error no entry has been written, and every table given back.
 *
 * No flush of the TLB: what was not present cannot be in it (SDM 3A §4.10.4.3). But the processor
 * keeps PAE's root entries in registers: one that this call makes counts from the next load of CR3
 * on (§4.4.1), so page_root_fill() should have made it before.
 */
enum page_error page_map(const struct page_tables *tables, virt_addr_t virt, phys_addr_t phys,
                         uint64_t bytes, uint64_t flags);

/*
 * The fixed tables of the root. page_unmap() frees tables that became empty, but not those that a
 * root entry from mode->fixed_root on points to:
 *
 *   classic  the kernel's quarter: each address space has its own copy of these root entries
 *   PAE      all four: the processor has them in registers, in which no INVLPG changes anything
 *
 * page_root_fill() makes those of a range, before its root is copied or loaded into CR3; those made
 * before PAGE_NO_MEMORY stay. page_root_drop() frees the empty ones of a range in a root that is in
 * no CR3, and is the last that has them: the user's part of an address space at its end.
 */
enum page_error page_root_fill(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes);
void page_root_drop(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes);

/* The index of `virt` in a table of this level. */
static inline uint32_t page_index(const struct paging_level *level, virt_addr_t virt) {
    return (uint32_t)(virt.value >> level->shift) & ((1u << level->index_bits) - 1);
}

/* Supplied by who includes this: access to one entry, of which the processor never sees a half; an
 * empty table (0 if there is none); its return, in any state. Tables are pages below 4 GB. */
uint64_t table_entry_read(phys_addr_t entry, unsigned entry_bytes);
void table_entry_write(phys_addr_t entry, unsigned entry_bytes, uint64_t value);
phys_addr_t table_alloc(void);
void table_free(phys_addr_t table);

#endif
