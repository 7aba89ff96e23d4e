/*
 * deliver.c: what real mode cannot reach: bytes above 1 MB. Contracts in pm.h.
 *
 * Protected mode, flat segments, no paging, called through pm_call().
 */
#include <ascent/layout.h>
#include <stdbool.h>

#include "bytes.h"
#include "crc32.h"
#include "pm.h"

/* REP MOVS and its like: the shortest way on every x86, and the fastest or nearly so. */
static void copy(uint32_t to, uint32_t from, uint32_t bytes) {
    uint32_t dwords = bytes / 4;

    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(dwords) : : "memory");
    bytes %= 4;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

void pm_copy(void *argument) {
    const struct copy_request *request = argument;

    copy(request->to, request->from, request->bytes);
}

/* `value` has the same byte four times. */
static void fill(uint32_t to, uint32_t bytes, uint32_t value) {
    uint32_t dwords = bytes / 4;

    __asm__ volatile("rep stosl" : "+D"(to), "+c"(dwords) : "a"(value) : "memory");
    bytes %= 4;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
}

void pm_zero(void *argument) {
    const struct zero_request *request = argument;

    fill(request->phys, request->bytes, 0);
}

static uint32_t update_crc(uint32_t crc, uint32_t phys, uint32_t bytes) {
    static bool initialised;
    uint32_t(*tables)[256] = (uint32_t(*)[256])CRC_TABLES_ADDR;

    if (!initialised) crc32_init(tables);
    initialised = true;
    return crc32(tables, crc, (const void *)phys, bytes);
}

static bool same(uint32_t a, uint32_t b, uint32_t bytes) {
    uint32_t dwords = bytes / 4;
    bool equal;

    __asm__ volatile("cmp %%eax, %%eax; repe cmpsl" /* of no dwords at all none differs */
                     : "=@cce"(equal), "+S"(a), "+D"(b), "+c"(dwords)
                     :
                     : "memory");
    return equal && same_bytes((const void *)a, (const void *)b, bytes % 4);
}

void pm_compare(void *argument) {
    struct compare_request *request = argument;

    request->same = same(request->a, request->b, request->bytes);
}

void pm_make_different(void *argument) {
    const struct compare_request *request = argument;

    fill(request->a, request->bytes, 0);
    fill(request->b, request->bytes, ~0u);
}

/* The next place behind `at` where an extent starts or ends, at most `end`. */
static uint32_t next_border(const struct delivery *delivery, uint32_t at, uint32_t end) {
    for (uint32_t i = 0; i < delivery->extent_count; i++) {
        uint32_t start = delivery->extents[i].offset;
        uint32_t extent_end = start + delivery->extents[i].bytes;
        if (start > at && start < end) end = start;
        if (extent_end > at && extent_end < end) end = extent_end;
    }
    return end;
}

/*
 * Takes a piece of the file, across which the extents do not change, to all places that want it.
 * Returns where to sum it: where it arrived, and so will be used.
 */
static uint32_t deliver_piece(struct delivery *delivery, uint32_t at, uint32_t bytes) {
    uint32_t source = delivery->source + (at - delivery->offset);
    uint32_t arrived = source;

    for (uint32_t i = 0; i < delivery->extent_count; i++) {
        const struct extent *extent = &delivery->extents[i];
        if (at < extent->offset || at - extent->offset >= extent->bytes) continue;
        uint32_t place = extent->phys + (at - extent->offset);
        bool compare = extent->action == EXTENT_COMPARE;
        if (!compare) copy(place, source, bytes);
        if (compare || arrived != source) { /* of two copies the second is compared */
            if (!same(place, source, bytes)) delivery->differs = true;
        } else {
            arrived = place;
        }
    }
    return arrived;
}

void pm_deliver(void *argument) {
    struct delivery *delivery = argument;
    uint32_t end = delivery->offset + delivery->bytes;

    for (uint32_t at = delivery->offset; at < end;) {
        uint32_t bytes = next_border(delivery, at, end) - at;
        uint32_t arrived = deliver_piece(delivery, at, bytes);
        if (delivery->want_crc) delivery->crc = update_crc(delivery->crc, arrived, bytes);
        at += bytes;
    }
}
