/*
 * loader_machine.h: a machine for the loader's C on this computer: physical memory at its own
 * addresses, and pm_call(), which looks at every write before it is done.
 *
 * Link with LOADER_LAYOUT (host.mk), which keeps the program's own data away from the machine's.
 * Memory that the program may write to is announced with machine_allow(); any other write by
 * pm_deliver() or pm_zero() goes to machine_violation(), which does not return.
 */
#ifndef LOADER_MACHINE_H
#define LOADER_MACHINE_H

#include <ascent/layout.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "boot.h"
#include "kernel_kind.h"
#include "pm.h"
#include "unpack.h"

#define PATTERN 0xA5 /* what memory holds that nobody has written to */

/* The boot sector; constant for the loader. */
uint8_t stage1_bytes[SECTOR_SIZE] __asm__("stage1_sector");

/* What the first sector of stage 2 has found out; so is this. */
uint8_t edd_tries __asm__("stage2_edd_tries") = 3;

struct write_range {
    uint32_t phys, bytes;
    bool lent; /* it is given back before the kernel begins */
};
#define WRITES_MAX 4096
static struct write_range writes[WRITES_MAX];
static uint32_t write_count;

static void machine_violation(const char *what, uint32_t phys, uint32_t bytes);

/* Memory at its own address: what the loader calls physical. */
static inline void *machine_memory(uint32_t phys) {
    return (void *)(uintptr_t)phys;
}

static inline void machine_map(uint32_t phys, uint32_t bytes) {
    void *at = mmap(machine_memory(phys), bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != machine_memory(phys)) {
        perror("the machine's memory");
        exit(2);
    }
}

static bool within(uint32_t phys, uint32_t bytes, uint32_t start, uint32_t end) {
    return phys >= start && phys <= end && bytes <= end - phys;
}

/* What a kernel that is packed is unpacked in; nothing else may lie there meanwhile. */
static uint32_t lent_start, lent_end;

static bool is_lent(uint32_t phys, uint32_t bytes) {
    return within(phys, bytes, lent_start, lent_end);
}

/* Usable memory of the sanitised map that is not the loader's. */
static bool may_write(uint32_t phys, uint32_t bytes) {
    if (within(phys, bytes, BOUNCE_ADDR, BOUNCE_ADDR + BOUNCE_SIZE)) return true;
    if (within(phys, bytes, HANDOFF_ADDR, HANDOFF_ADDR + HANDOFF_SIZE)) return true;
    if (lent_end && is_lent(phys, bytes)) return true;
    if (phys < LOADER_END) return false;
    for (uint32_t i = 0; i < boot_info.map_count; i++) {
        const struct memory_range *range = &memory_map[i];
        if (range->type == MEMORY_USABLE && phys >= range->base &&
            phys + (uint64_t)bytes <= range->base + range->length)
            return true;
    }
    return false;
}

static void note_write(const char *what, uint32_t phys, uint32_t bytes) {
    if (!bytes) return;
    if (!may_write(phys, bytes)) machine_violation(what, phys, bytes);
    bool lent = lent_end && is_lent(phys, bytes);
    if (write_count < WRITES_MAX) writes[write_count++] = (struct write_range){phys, bytes, lent};
}

static void look_at_delivery(const struct delivery *delivery) {
    uint64_t end = (uint64_t)delivery->offset + delivery->bytes;

    for (uint32_t i = 0; i < delivery->extent_count; i++) {
        const struct extent *extent = &delivery->extents[i];
        uint64_t from = extent->offset > delivery->offset ? extent->offset : delivery->offset;
        uint64_t to = (uint64_t)extent->offset + extent->bytes;
        if (to > end) to = end;
        if (from < to && extent->action == EXTENT_COPY)
            note_write("deliver", (uint32_t)(extent->phys + from - extent->offset),
                       (uint32_t)(to - from));
    }
}

/* Memory that is lent was usable, and is not any more. */
static void plan_unpacking(struct unpack_request *request) {
    lent_end = 0;
    pm_unpack_plan(request);
    if (request->error || !request->frame.is_lz4) return;
    if (may_write(request->unpacked, 1) || may_write(request->packed + request->file_bytes - 1, 1))
        machine_violation("lent twice", request->unpacked, request->file_bytes);
    lent_start = request->unpacked;
    lent_end = request->packed + request->file_bytes;
    pm_unpack_done(0);
    uint32_t end = lent_end;
    lent_end = 0;
    if (!may_write(lent_start, end - lent_start))
        machine_violation("lent", lent_start, end - lent_start);
    pm_unpack_plan(request);
    lent_end = end;
    note_write("probe", lent_start, 2 * sizeof(uint32_t)); /* whether the memory is there */
    uint32_t last_page = (end - 1) & ~(uint32_t)(PAGE_SIZE - 1);
    note_write("probe", last_page, 2 * sizeof(uint32_t));
}

void pm_switch(void (*function)(void *argument), void *argument) {
    function(argument);
}

void pm_call(void (*function)(void *argument), void *argument) {
    if (function == pm_deliver) look_at_delivery(argument);
    if (function == pm_zero) {
        const struct zero_request *request = argument;
        note_write("zero", request->phys, request->bytes);
    }
    if (function == pm_unpack) {
        const struct unpack_request *request = argument;
        note_write("unpack", request->unpacked, request->frame.content_bytes);
    }
    if (function == pm_unpack_done) lent_end = 0;
    if (function == pm_unpack_plan)
        plan_unpacking(argument);
    else
        function(argument);
}

/* Has every write since write_count was 0 gone to what the kernel is told, or to the buffer? */
static bool announced(const struct write_range *write) {
    const struct boot_info *info = &boot_info;
    uint32_t phys = write->phys, bytes = write->bytes;

    return write->lent || within(phys, bytes, BOUNCE_ADDR, BOUNCE_ADDR + BOUNCE_SIZE) ||
           within(phys, bytes, HANDOFF_ADDR, HANDOFF_ADDR + HANDOFF_SIZE) ||
           (kernel_kind == KERNEL_LINUX_REAL &&
            within(phys, bytes, LINUX_REAL_ADDR, LINUX_REAL_ADDR + LINUX_REAL_SIZE)) ||
           within(phys, bytes, info->kernel_phys, info->kernel_phys_end) ||
           within(phys, bytes, info->symtab_phys, info->symtab_phys + info->symtab_bytes) ||
           within(phys, bytes, info->strtab_phys, info->strtab_phys + info->strtab_bytes) ||
           within(phys, bytes, info->initrd_phys, info->initrd_phys + info->initrd_bytes);
}

static inline void check_announced(void) {
    for (uint32_t i = 0; i < write_count; i++)
        if (!announced(&writes[i]))
            machine_violation("not announced", writes[i].phys, writes[i].bytes);
}

/* A memory map of usable ranges. */
static inline void machine_range(uint64_t base, uint64_t length) {
    memory_map[boot_info.map_count++] = (struct memory_range){base, length, MEMORY_USABLE, 1};
}

#endif
