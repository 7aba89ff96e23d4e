/*
 * paging.c: the paging modes of the kernel.
 */
#include <mm/paging.h>

/* SDM 3A §4.3. Large pages, 4 MB, need CR4.PSE. */
const struct paging_mode paging_classic = {
    .name = "classic",
    .levels = 2,
    .entry_bytes = 4,
    .root_mask = 0xFFFFF000,
    .address_mask = 0xFFFFF000,
    .reach = 1ull << 32,
    .usable_flags = 0xFFF,
    .user_end = PAGE_OFFSET,
    .fixed_start = PAGE_OFFSET,
    .level = {
        {"pgd", 22, 1023, PTE_PRESENT | PTE_LARGE, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 1023, 0, 0},
    },
};

/*
 * SDM 3A §4.4. Large pages, 2 MB, are always there. The four entries of the pgd hold no rights:
 * R/W, U/S and NX are reserved bits in them. The processor has these four in registers, in which
 * no INVLPG changes anything (§4.4.1), so all are fixed. We stop at 64 GB, the 36 bits of the first
 * PAE.
 */
const struct paging_mode paging_pae = {
    .name = "PAE",
    .levels = 3,
    .entry_bytes = 8,
    .root_mask = 0xFFFFFFE0,
    .address_mask = 0x000FFFFFFFFFF000,
    .reach = 1ull << 36,
    .usable_flags = ~0ull,
    .user_end = PAGE_OFFSET,
    .fixed_start = 0,
    .level = {
        {"pgd", 30, 3, PTE_PRESENT, PTE_PRESENT},
        {"pmd", 21, 511, PTE_PRESENT | PTE_LARGE, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 511, 0, 0},
    },
};
