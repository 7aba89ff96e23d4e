/*
 * early.c: the early allocator: the memory map, and a sorted table of reservations without
 * overlaps.
 *
 * It allocates from the top down. What lies low is scarce: only the first 16 MB are any good to
 * ISA devices. And blocks taken one after another are neighbours, so that a hundred page tables
 * are one line of the table.
 */
#include <cpu/panic.h>
#include <cpu/symbols.h>
#include <mm/early.h>

#define FRAMES_MAX 0xFFFFF000u /* 16 TB less a section: a frame number has 32 bits */

static const struct memory_range *memory_map;
static uint32_t memory_map_count;
static struct early_run reserved[EARLY_RANGES_MAX];
static unsigned reserved_count;
static bool retired;

static void reserve_frames(uint32_t first, uint32_t end, enum page_owner owner);
static void insert(unsigned at, struct early_run range);
static uint32_t find_room(uint32_t first, uint32_t end, uint32_t frames, uint32_t align);

void early_init(const struct memory_range *map, uint32_t count) {
    memory_map = map;
    memory_map_count = count;
    reserved_count = 0;
    retired = false;
}

void early_retire(void) {
    retired = true;
}

/* `caller` is the return address of the function that was called. */
static void check_not_retired(const void *caller) {
    if (!retired) return;
    uint32_t offset;
    const char *name = symbol_find((uint32_t)(uintptr_t)caller, &offset);
    panic("early allocator: used after the buddy allocator took over, by %s at %p",
          name ? name : "code", caller);
}

static uint32_t frame_at(uint64_t phys) {
    uint64_t frame = phys >> PAGE_SHIFT;
    return frame < FRAMES_MAX ? (uint32_t)frame : FRAMES_MAX;
}

/* The frame that starts at `phys` or after it. */
static uint32_t frame_from(uint64_t phys) {
    return phys > UINT64_MAX - (PAGE_SIZE - 1) ? FRAMES_MAX : frame_at(phys + PAGE_SIZE - 1);
}

/* A range that reaches past 2^64 ends there. */
static uint64_t end_of(uint64_t base, uint64_t bytes) {
    return base + bytes < base ? UINT64_MAX : base + bytes;
}

/* The whole frames of a usable range of the map; first >= end if there are none. */
static struct early_run usable_frames(const struct memory_range *range) {
    struct early_run frames = {0, 0, OWNER_FREE};
    if (range->type != MEMORY_USABLE) return frames;
    frames.first = frame_from(range->base);
    frames.end = frame_at(end_of(range->base, range->length));
    if (frames.first == 0) frames.first = 1;
    return frames;
}

void early_reserve(phys_addr_t phys, uint64_t bytes, enum page_owner owner) {
    check_not_retired(__builtin_return_address(0));
    if (bytes == 0) return;
    reserve_frames(frame_at(phys.value), frame_from(end_of(phys.value, bytes)), owner);
}

/* Enters the parts of [first, end) that are not in the table yet. */
static void reserve_frames(uint32_t first, uint32_t end, enum page_owner owner) {
    for (unsigned i = 0; first < end;) {
        if (i < reserved_count && reserved[i].end <= first) {
            i++;
        } else if (i < reserved_count && reserved[i].first <= first) {
            first = reserved[i].end;
        } else {
            uint32_t stop = i < reserved_count && reserved[i].first < end ? reserved[i].first : end;
            insert(i, (struct early_run){first, stop, owner});
            first = stop;
            if (i) i--; /* the one before may reach up to the next one now */
        }
    }
}

/* Enters `range` in front of reserved[at], joined to neighbours of the same owner. */
static void insert(unsigned at, struct early_run range) {
    struct early_run *below = at > 0 ? &reserved[at - 1] : 0;
    struct early_run *above = at < reserved_count ? &reserved[at] : 0;
    bool joins_below = below && below->end == range.first && below->owner == range.owner;
    bool joins_above = above && above->first == range.end && above->owner == range.owner;

    if (joins_below && joins_above) {
        below->end = above->end;
        reserved_count--;
        for (unsigned i = at; i < reserved_count; i++) reserved[i] = reserved[i + 1];
    } else if (joins_below) {
        below->end = range.end;
    } else if (joins_above) {
        above->first = range.first;
    } else {
        if (reserved_count == EARLY_RANGES_MAX)
            panic("early allocator: more than %d reserved ranges, at frame %x for %s",
                  EARLY_RANGES_MAX, range.first, page_owner_name(range.owner));
        for (unsigned i = reserved_count; i > at; i--) reserved[i] = reserved[i - 1];
        reserved[at] = range;
        reserved_count++;
    }
}

phys_addr_t early_alloc(uint64_t bytes, uint64_t align, enum page_owner owner, phys_addr_t limit) {
    check_not_retired(__builtin_return_address(0));
    uint32_t frames = frame_from(bytes);
    uint32_t align_frames = align > PAGE_SIZE ? frame_at(align) : 1;
    if (frames == 0) return phys_addr(0);

    for (uint32_t i = memory_map_count; i-- > 0;) {
        struct early_run usable = usable_frames(&memory_map[i]);
        if (usable.end > frame_at(limit.value)) usable.end = frame_at(limit.value);
        uint32_t first = find_room(usable.first, usable.end, frames, align_frames);
        if (first == 0) continue;
        reserve_frames(first, first + frames, owner);
        return pfn_to_phys(pfn(first));
    }
    return phys_addr(0);
}

/* A reservation that has a frame of [first, end), or a null pointer. */
static const struct early_run *reservation_in(uint32_t first, uint32_t end) {
    for (unsigned i = 0; i < reserved_count; i++)
        if (reserved[i].first < end && first < reserved[i].end) return &reserved[i];
    return 0;
}

/* The highest place for `frames` free ones in [first, end), or 0. */
static uint32_t find_room(uint32_t first, uint32_t end, uint32_t frames, uint32_t align) {
    while (end >= frames && end - frames >= first) {
        uint32_t start = (end - frames) & ~(align - 1);
        if (start < first) return 0;
        const struct early_run *taken = reservation_in(start, start + frames);
        if (!taken) return start;
        end = taken->first;
    }
    return 0;
}

bool early_next_run(uint32_t from, struct early_run *run) {
    check_not_retired(__builtin_return_address(0));
    for (uint32_t i = 0; i < memory_map_count; i++) {
        *run = usable_frames(&memory_map[i]);
        if (run->first < from) run->first = from;
        if (run->first >= run->end) continue;

        const struct early_run *next = reservation_in(run->first, run->end);
        if (!next) return true;
        if (next->first > run->first) {
            run->end = next->first; /* free up to there */
            return true;
        }
        run->owner = next->owner;
        if (next->end < run->end) run->end = next->end;
        return true;
    }
    return false;
}
