/*
 * step_stop.c: stops at the steps that the loader makes in protected mode, cs-load to pg-set.
 */
#include <ascent/step_stop.h>

#include "boot.h"
#include "page_directory.h"
#include "pm.h"
#include "step.h"

#define ACCESS_PRESENT 0x80

extern uint8_t gdt[]; /* gdt.asm */

static void step_show(enum step_view view, const struct boot_step *before,
                      const struct boot_step *now) {
    struct step_request request = {view, before, now};

    pm_step_show(&request);
}

static char step_key(enum step_id id) {
    (void)id;
    return step_polled_key();
}

static void load_cr3(uint32_t phys) {
    __asm__ volatile("movl %0, %%cr3" : : "r"(phys) : "memory");
}

static void clear_entries(uint32_t first) {
    for (uint32_t i = 0; i < boot_info.mapped_bytes / LARGE_PAGE_SIZE; i++)
        page_directory()[first + i] = 0;
}

static void step_break(enum step_id id) {
    switch (id) {
    case STEP_CS_LOAD: gdt[LOADER_DS + 5] &= (uint8_t)~ACCESS_PRESENT; break;
    case STEP_DS_LOAD: __asm__ volatile("movw %w0, %%ss" : : "r"(LOADER_DS16 + 8)); break;
    case STEP_PAGE_TABLES: clear_entries(0); break;
    case STEP_CR3_LOAD:
        for (uint32_t i = 0; i < TABLE_ENTRIES; i++) page_directory()[TABLE_ENTRIES + i] = 0;
        load_cr3((uint32_t)page_directory() + PAGE_SIZE);
        break;
    case STEP_PG_SET:
        clear_entries(PAGE_OFFSET >> PDE_SHIFT);
        load_cr3((uint32_t)page_directory()); /* drops the old translations */
        break;
    default: break;
    }
}

void step_stop(const struct boot_step *before, const struct boot_step *now) {
    step_stop_at(before, now);
}
