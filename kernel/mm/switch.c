/*
 * switch.c: from classic paging to PAE without a moment in which nothing is mapped.
 *
 * CR4.PAE may change while paging is on (SDM 3A §4.1.2). The instruction that sets it forgets all
 * translations and reads the four entries of the PAE root from where CR3 points (§4.4.1). So CR3 has
 * to point to a page that is right as either kind of root, and the two need different parts of it:
 *
 *   bytes    as a PAE root          as a page directory
 *      0-31  the four entries       the first 32 MB: wrong, but nobody goes there meanwhile
 *   3072-    not looked at          from PAGE_OFFSET on: what the loader has mapped
 *
 * An NMI needs the IDT, the GDT and the stack. All lie above PAGE_OFFSET, so it may come at any time;
 * with paging off for a moment, as many kernels do it, it would reset the machine.
 */
#include <cpu/control.h>
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/switch.h>

#define FIRST_KERNEL_ENTRY (PAGE_OFFSET / LARGE_PAGE_SIZE)
#define KERNEL_ENTRIES_BYTES (PAGE_SIZE - FIRST_KERNEL_ENTRY * sizeof(uint32_t))

void switch_to_pae(phys_addr_t root) {
    const uint32_t *loader = phys_to_virt(phys_addr(read_cr3() & ~(PAGE_SIZE - 1u)));
    uint32_t *both = phys_to_virt(root);

    uint32_t cr4 = read_cr4() | CR4_PAE;

    memcpy(both + FIRST_KERNEL_ENTRY, loader + FIRST_KERNEL_ENTRY, KERNEL_ENTRIES_BYTES);
    write_cr3((uint32_t)root.value);
    write_cr4(cr4 & ~CR4_PSE); /* from here on it is PAE, for which PSE means nothing */
    /* For v86 0.5 it does: that reads the root's entries only when PSE changes as well, and has large
     * pages only while it is set. The kernel's own image is in small ones. */
    write_cr4(cr4);
    memset(both + FIRST_KERNEL_ENTRY, 0, KERNEL_ENTRIES_BYTES);
}
