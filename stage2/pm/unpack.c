/*
 * unpack.c: memory for a kernel that is packed, and the way through it. Contracts in unpack.h.
 */
#include "unpack.h"

#include <ascent/layout.h>

#include "boot.h"
#include "error.h"
#include "map.h"

#define LENT_END 0xC0000000u /* devices lie above, where a BIOS claims memory that is not there */
#define PATTERN 0x5AA5C33Cu

static struct memory_range *lender; /* a range of memory_map, or 0 */
static uint64_t lent;               /* bytes, that it was longer */

static uint64_t whole_pages(uint32_t bytes) {
    return ((uint64_t)bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

/* Two words, so that a bus that remembers the last one written is not taken for memory. */
static bool holds(uint32_t phys, uint32_t pattern) {
    volatile uint32_t *words = (volatile uint32_t *)phys;

    words[0] = pattern;
    words[1] = ~pattern;
    return words[0] == pattern && words[1] == ~pattern;
}

static bool is_there(uint32_t page) {
    return holds(page, PATTERN) && holds(page, ~PATTERN);
}

/*
 * `bytes`, whole pages, at the end of a range, or of its first half, or of the half of that: a
 * BIOS may claim more memory than there is. 0: they are nowhere.
 */
static uint32_t place_in(const struct memory_range *range, uint64_t bytes) {
    uint64_t end = range_end(range) < LENT_END ? range_end(range) : LENT_END;

    if (range->type != MEMORY_USABLE || range->base < HIGH_MEMORY_START) return 0;
    for (; end > range->base + bytes; end = range->base + (end - range->base) / 2) {
        uint32_t start = (uint32_t)(end - bytes) & ~(uint32_t)(PAGE_SIZE - 1);
        if (start < range->base) break;
        if (is_there(start) && is_there((uint32_t)(start + bytes - PAGE_SIZE))) return start;
    }
    return 0;
}

/* From `bytes` in the highest range that has them to its end, nothing is usable now. 0: none has. */
static uint32_t borrow(uint64_t bytes) {
    for (uint32_t i = boot_info.map_count; i--;) {
        uint32_t start = place_in(&memory_map[i], bytes);
        if (!start) continue;
        lender = &memory_map[i];
        lent = lender->base + lender->length - start;
        lender->length -= lent;
        return start;
    }
    return 0;
}

void pm_unpack_plan(void *argument) {
    struct unpack_request *request = argument;
    struct lz4_frame *frame = &request->frame;

    request->error = lz4_header((const uint8_t *)HANDOFF_ADDR, request->file_bytes, frame);
    if (request->error || !frame->is_lz4) return;
    uint64_t content = whole_pages(frame->content_bytes);
    request->unpacked = borrow(content + whole_pages(request->file_bytes));
    request->packed = request->unpacked + (uint32_t)content;
    if (!request->unpacked) request->error = error_at(E_LZ4_ROOM, "bytes", frame->content_bytes);
}

void pm_unpack(void *argument) {
    struct unpack_request *request = argument;

    request->error = lz4_unpack((const uint8_t *)request->packed, request->file_bytes,
                                &request->frame, (uint8_t *)request->unpacked);
}

void pm_unpack_done(void *unused) {
    (void)unused;
    if (lender) lender->length += lent;
    lender = 0;
}
