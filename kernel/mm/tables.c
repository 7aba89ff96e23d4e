/*
 * tables.c: page tables as the kernel holds them: each in a frame, reached by the direct map.
 * The counterpart of paging.c, which is hardware-free.
 */
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/frames.h>
#include <mm/paging.h>

uint64_t table_entry_read(phys_addr_t entry, unsigned entry_bytes) {
    const volatile uint32_t *word = phys_to_virt(entry);
    return entry_bytes == 8 ? word[0] | (uint64_t)word[1] << 32 : word[0];
}

/*
 * A PAE entry is two 32-bit writes, and the processor may walk between them: the half with P is
 * written last, so that it never meets P beside an old address. For an entry that is present
 * already, P goes first.
 */
void table_entry_write(phys_addr_t entry, unsigned entry_bytes, uint64_t value) {
    volatile uint32_t *word = phys_to_virt(entry);
    if (entry_bytes == 8) {
        word[0] = 0;
        word[1] = (uint32_t)(value >> 32);
    }
    word[0] = (uint32_t)value;
}

phys_addr_t table_alloc(void) {
    pfn_t frame = frame_alloc(FRAME_PAGE_TABLE);
    phys_addr_t table = pfn_to_phys(frame);
    if (frame.value != PFN_NONE.value) memset(phys_to_virt(table), 0, PAGE_SIZE);
    return table;
}

void table_free(phys_addr_t table) {
    frame_free(phys_to_pfn(table), FRAME_PAGE_TABLE);
}
