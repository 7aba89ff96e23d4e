/*
 * probe_window.c: a page of linear addresses that shows one frame after another, while the direct
 * map is not there yet, and for what will never be in it.
 */
#include <cpu/control.h>
#include <cpu/panic.h>
#include <mm/direct_map.h>
#include <mm/pgtable.h>
#include <mm/probe.h>

static struct pte window; /* its slot is a null pointer while the window is closed */
static pfn_t shown;       /* frame 0: none */

void probe_window_open(void) {
    window = pte_make(&kernel_mm, virt_addr(FIXMAP_START), PT_LAST);
    if (window.level->shift != PAGE_SHIFT) panic("paging: no frame for the table of the fixmap");
    shown = pfn(0);
}

static void hide(void) {
    pte_clear(window.slot, kernel_mm.mode->entry_bytes);
    invlpg(FIXMAP_START);
}

void probe_window_close(void) {
    hide();
    window.slot = NULL;
}

static volatile uint32_t *show(pfn_t frame) {
    const uint64_t flags = (MAP_KERNEL_DATA | MAP_UNCACHED) & kernel_mm.mode->usable_flags;

    if (!window.slot) return phys_to_virt(pfn_to_phys(frame));
    if (shown.value != frame.value) {
        hide();
        pte_fill(window.slot, kernel_mm.mode->entry_bytes, pfn_to_phys(frame).value | flags);
        shown = frame;
    }
    return (volatile uint32_t *)FIXMAP_START;
}

uint32_t probe_read(pfn_t frame, unsigned word) {
    return show(frame)[word];
}

void probe_write(pfn_t frame, unsigned word, uint32_t value) {
    show(frame)[word] = value;
}
