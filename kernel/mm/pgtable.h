/*
 * pgtable.h: everything that is done with page tables: find an entry, read it, set it, exchange it;
 * walk a range; and the short users of these: map, unmap, protect, split, join, copy. The same for
 * every mode: paging.h says what a mode looks like. No hardware: tables are tested on the host.
 *
 * Words: an entry lies in a slot and has a value. A page is what a leaf entry maps. A space is the
 * tree of tables below one root. Chapter: docs/13-paging-structures.md.
 */
#ifndef MM_PGTABLE_H
#define MM_PGTABLE_H

#include <mm/pte_access.h>
#include <mm/table_frames.h>

struct tlb_gather; /* tlb.h: what has to be flushed, and then freed */

/* An address space. */
struct mm {
    const struct paging_mode *mode;
    phys_addr_t root; /* what CR3 holds */
    bool sealed;      /* from now on the fixed entries of the root stay as they are: pt_create() */
};

/* The kernel's own space, with nothing below PAGE_OFFSET; all others have its kernel half. */
extern struct mm kernel_mm;

/* An entry. */
struct pte {
    void *slot;                       /* where it lies */
    const struct paging_level *level; /* of its table */
    uint64_t value;                   /* what it was when it was read */
};

enum map_error {
    MAP_OK = 0,
    MAP_NO_MEMORY,  /* no frame left for a table */
    MAP_IN_USE,     /* an entry is not 0 there */
    MAP_TOO_HIGH,   /* no entry of this mode can name the physical address */
    MAP_ROOT_FIXED, /* would change an entry that all spaces have copies of */
    MAP_AGAIN,      /* of a visitor: a table has taken the place of this entry; go into it */
    MAP_STOP,       /* of a visitor: that is enough */
};

/* ---- one entry ---- */

/* The entry of `virt`: from the root down to that of the page, or to one with P = 0. */
struct pte pte_find(const struct mm *mm, virt_addr_t virt);

/* The same, but no deeper than level `depth` of the tables: 0 is the root. */
struct pte pte_find_at(const struct mm *mm, virt_addr_t virt, unsigned depth);

/* The same, but missing tables are made: only if there is no frame for one, or the root must not
 * change, does the way end above `depth` with an entry of 0. */
struct pte pte_make(const struct mm *mm, virt_addr_t virt, unsigned depth);

#define PT_LAST PAGING_LEVELS_MAX /* as deep as it goes */

/* Sets an entry that was 0, and counts it in its table. No flush: P = 0 is never in the TLB. */
static inline void pte_set(const struct mm *mm, const struct pte *pte, uint64_t value) {
    pte_fill(pte->slot, mm->mode->entry_bytes, value);
    table_count(pte->slot, 1);
}

/* Writes another value; answers the one before, with A and D as the processor last left them. */
uint64_t pte_exchange(const struct mm *mm, const struct pte *pte, uint64_t value);

/* Sets and clears these bits and no others; answers the value before. */
uint64_t pte_change(const struct mm *mm, const struct pte *pte, uint64_t set, uint64_t clear);

/* ---- a translation ---- */

struct translation {
    bool present;                    /* the rest holds only if true */
    phys_addr_t phys;                /* of the very byte asked for */
    uint64_t page_bytes;             /* of the page that holds it */
    uint64_t flags;                  /* of its entry, less PS */
    bool writable, user, executable; /* all levels taken together */
};

/* Translates as the processor does (SDM 3A §4.3, §4.4, §4.6). */
struct translation pt_translate(const struct mm *mm, virt_addr_t virt);

/* ---- ranges: `virt` and `bytes` are multiples of PAGE_SIZE, of addresses of one half. Not for
 * interrupt handlers: these have kmap_atomic(). ---- */

/*
 * Calls `visit` for each entry of the range that is not a table, in order: `bytes` of the range
 * from `virt` on are this entry's. Ends with the first error, which it answers. The outer loop goes
 * down from the root, the inner one along the slots of one table. Inline, and the visitor with it.
 */
typedef enum map_error pt_visitor(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                                  void *with);
static inline __attribute__((always_inline)) enum map_error
pt_walk(const struct mm *mm, virt_addr_t virt, uintptr_t bytes, pt_visitor *visit, void *with) {
    const unsigned entry_bytes = mm->mode->entry_bytes;

    while (bytes > 0) {
        struct pte pte = pte_find(mm, virt);
        do {
            uintptr_t part = bytes_in_entry(pte.level, virt, bytes);
            enum map_error error = visit(&pte, virt, part, with);
            if (error == MAP_AGAIN) break;
            if (error) return error;
            virt.value += part;
            bytes -= part;
            if (bytes == 0 || level_index(pte.level, virt) == 0) break;
            pte.slot = (uint8_t *)pte.slot + entry_bytes;
            pte.value = pte_read(pte.slot, entry_bytes);
        } while (!pte_is_table(pte.level, (uint32_t)pte.value));
    }
    return MAP_OK;
}

/*
 * Maps the range to `phys`, with the PTE_ `flags` less those that the processor lacks; in large
 * pages wherever addresses, size and processor allow. `flags` has PTE_PRESENT. On an error
 * everything is as it was.
 */
enum map_error pt_map(const struct mm *mm, virt_addr_t virt, phys_addr_t phys, uintptr_t bytes,
                      uint64_t flags);

/*
 * The others take away and change. What the processor has in its TLB is in `gather` afterwards:
 * the caller finishes with tlb_gather_finish(). A large page that reaches beyond the range is
 * split; when there is no frame for that table, nothing else has changed (MAP_NO_MEMORY). A large
 * page whose entry all spaces have copies of, as each of the direct map in classic mode, stays as
 * it is, and so does what comes behind (MAP_ROOT_FIXED).
 *
 * pt_unmap        pages become 0, tables without entries go; frames are the caller's
 * pt_unmap_free   and each frame loses a reference, after the flush; each other entry becomes 0
 *                 too, and `swap_put`, if there is one, gets its value. A large page is one block
 *                 with one reference: it must lie in the range as a whole
 * pt_protect      each entry that names a frame, hidden or not, gets the bits `set` and loses the
 *                 bits `clear`, of which PTE_PRESENT and PTE_HIDDEN may be two
 */
enum map_error pt_unmap(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes);
enum map_error pt_unmap_free(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes,
                             void (*swap_put)(uint64_t value));
enum map_error pt_protect(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes,
                          uint64_t set, uint64_t clear);

/* Takes the tables on the way to `virt` that have no entry out of use, from the lowest up: pt_unmap() and
 * pt_unmap_free() do; who made one and has nothing to enter calls this. */
void pt_drop_empty_tables(struct tlb_gather *gather, virt_addr_t virt);

/*
 * Splits the large page that holds `virt` into a table of pages of the next level. At any time each
 * address in it is mapped to the same byte with the same rights, as the SDM asks for (3A
 * §4.10.2.3). Nothing to do where there is no large page.
 */
enum map_error pt_split(struct tlb_gather *gather, virt_addr_t virt);

/* The other way: true if the table that holds `virt` mapped one whole large page, and now does so
 * with one entry. That has A and D, as one of the pages may get them until the flush. */
bool pt_join(struct tlb_gather *gather, virt_addr_t virt);

/* ---- address spaces ---- */

/*
 * A new space: the kernel half and nothing else.
 *
 *   classic  the root has copies of the kernel's root entries
 *   PAE      all roots share the one table of the last gigabyte; the other three are made here
 *
 * Neither ever changes (`sealed`), so no space has to be brought up to date. MAP_NO_MEMORY.
 */
enum map_error pt_create(struct mm *mm);

/* The end of a space that is in no CR3, and all that it maps: as pt_unmap_free(). */
void pt_destroy(struct mm *mm, void (*swap_put)(uint64_t value));

/* The same for a space that maps nothing any more. */
void pt_free(struct mm *mm);

/*
 * Fork: gives the child the entries of a range of the parent, in which it has none. Each frame gets
 * a reference, each other entry goes to `swap_get`. With `private`, nobody may write any more, so
 * that the first who does makes a copy. MAP_NO_MEMORY: some are there; the child has to be
 * destroyed. A large page must lie in the range as a whole, as for pt_unmap_free().
 */
enum map_error pt_copy(struct tlb_gather *parent, const struct mm *child, virt_addr_t virt,
                       uintptr_t bytes, bool private, void (*swap_get)(uint64_t value));

#endif
