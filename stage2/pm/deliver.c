/*
 * deliver.c: what real mode cannot reach: bytes above 1 MB. Contracts in pm.h.
 *
 * Protected mode, flat segments, no paging, called through pm_call().
 */
#include <ascent/layout.h>
#include <stdbool.h>

#include "crc32.h"
#include "pm.h"

/* REP MOVS and REP STOS: the fastest copy on every x86, and the shortest. */
static void copy(uint32_t to, uint32_t from, uint32_t bytes) {
    uint32_t dwords = bytes / 4;

    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(dwords) : : "memory");
    bytes %= 4;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

void pm_zero(void *argument) {
    const struct zero_request *request = argument;
    uint32_t to = request->phys, dwords = request->bytes / 4, bytes = request->bytes % 4;

    __asm__ volatile("rep stosl" : "+D"(to), "+c"(dwords) : "a"(0) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}

static uint32_t update_crc(uint32_t crc, uint32_t phys, uint32_t bytes) {
    static bool initialised;
    uint32_t(*tables)[256] = (uint32_t(*)[256])CRC_TABLES_ADDR;

    if (!initialised) crc32_init(tables);
    initialised = true;
    return crc32(tables, crc, (const void *)phys, bytes);
}

void pm_crc32(void *argument) {
    struct crc_request *request = argument;

    request->crc = update_crc(request->crc, request->phys, request->bytes);
}

/* Copies what the extent and the delivered part of the file have in common. */
static void deliver_extent(const struct delivery *delivery, const struct extent *extent) {
    uint32_t start = delivery->offset > extent->offset ? delivery->offset : extent->offset;
    uint32_t delivery_end = delivery->offset + delivery->bytes;
    uint32_t extent_end = extent->offset + extent->bytes;
    uint32_t end = delivery_end < extent_end ? delivery_end : extent_end;

    if (start < end)
        copy(extent->phys + (start - extent->offset),
             delivery->source + (start - delivery->offset), end - start);
}

void pm_deliver(void *argument) {
    struct delivery *delivery = argument;

    for (uint32_t i = 0; i < delivery->extent_count; i++)
        deliver_extent(delivery, &delivery->extents[i]);
    if (delivery->want_crc)
        delivery->crc = update_crc(delivery->crc, delivery->source, delivery->bytes);
}
