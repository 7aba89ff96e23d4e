/*
 * unpack.c: memory for a kernel that is packed, and the way through it. Contracts in unpack.h.
 */
#include "unpack.h"

#include <ascent/layout.h>

#include "boot.h"
#include "error.h"
#include "map.h"

#define ADDRESS_SPACE (1ull << 32)

static struct memory_range *lender; /* a range of memory_map, or 0 */
static uint32_t lent;               /* bytes, that it was longer */

static uint64_t whole_pages(uint32_t bytes) {
    return ((uint64_t)bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

static bool can_lend(const struct memory_range *range, uint64_t bytes) {
    return range->type == MEMORY_USABLE && range->base >= HIGH_MEMORY_START &&
           range_end(range) <= ADDRESS_SPACE && range->length > bytes;
}

/* The last `bytes` of the highest memory that has them. 0: none has. */
static uint32_t borrow(uint64_t bytes) {
    for (uint32_t i = boot_info.map_count; i--;) {
        if (!can_lend(&memory_map[i], bytes)) continue;
        lender = &memory_map[i];
        lent = (uint32_t)bytes;
        lender->length -= lent;
        return (uint32_t)range_end(lender);
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
