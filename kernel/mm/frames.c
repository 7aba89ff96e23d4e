/*
 * frames.c: the page-frame allocator: a bitmap over the direct map, searched next-fit.
 *
 * The bitmap (28 KB for 896 MB) lies in .bss: it is there before there is an allocator, and its
 * frames are counted with the kernel's. A bit is 1 where a frame must not be handed out, which
 * includes every frame that is not usable memory.
 */
#include <cpu/panic.h>
#include <mm/frames.h>

#define BITMAP_FRAMES (DIRECT_MAP_MAX / PAGE_SIZE)
#define RESERVED_MAX 8

struct reserved_range {
    uint32_t first, end; /* frames */
    enum frame_use use;
};

static const struct memory_range *memory_map;
static uint32_t memory_map_count;
static uint32_t taken[BITMAP_FRAMES / 32];
static uint32_t counts[FRAME_USES];
static uint32_t total;
static uint32_t limit = BITMAP_FRAMES; /* frames at and above it are not handed out */
static uint32_t next;                  /* the search goes on here */
static struct reserved_range reserved[RESERVED_MAX];
static unsigned reserved_count;

static void add_usable(uint64_t first, uint64_t end, uint64_t reach);

static bool is_taken(uint32_t frame) {
    return taken[frame / 32] >> (frame % 32) & 1;
}

static void set_taken(uint32_t frame) {
    taken[frame / 32] |= 1u << (frame % 32);
}

static void clear_taken(uint32_t frame) {
    taken[frame / 32] &= ~(1u << (frame % 32));
}

/* Moves one frame from one count to another. */
static void recount(enum frame_use from, enum frame_use to) {
    counts[from]--;
    counts[to]++;
}

void frames_init(const struct memory_range *map, uint32_t count, uint64_t reach) {
    for (uint32_t i = 0; i < BITMAP_FRAMES / 32; i++) taken[i] = ~0u;
    for (unsigned use = 0; use < FRAME_USES; use++) counts[use] = 0;
    memory_map = map;
    memory_map_count = count;
    total = next = reserved_count = 0;
    limit = BITMAP_FRAMES;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t first = (map[i].base + PAGE_SIZE - 1) >> PAGE_SHIFT;
        uint64_t end = (map[i].base + map[i].length) >> PAGE_SHIFT;
        if (first == 0) first = 1; /* page 0 is the BIOS's, and PFN_NONE */
        if (map[i].type == MEMORY_USABLE && first < end)
            add_usable(first, end, reach >> PAGE_SHIFT);
    }
}

/* Counts frames [first, end); `reach` is the first that cannot be addressed. */
static void add_usable(uint64_t first, uint64_t end, uint64_t reach) {
    total += (uint32_t)(end - first);
    for (; first < end && first < BITMAP_FRAMES; first++) {
        clear_taken((uint32_t)first);
        counts[FRAME_FREE]++;
    }
    uint64_t reachable = end < reach ? end : reach;
    if (first < reachable) {
        counts[FRAME_ABOVE_MAP] += (uint32_t)(reachable - first);
        first = reachable;
    }
    counts[FRAME_BEYOND] += (uint32_t)(end - first);
}

/* Does the whole frame lie in a usable range? */
static bool is_usable(uint32_t frame) {
    uint64_t start = pfn_to_phys(pfn(frame)).value;
    for (uint32_t i = 0; i < memory_map_count; i++) {
        const struct memory_range *range = &memory_map[i];
        if (range->type == MEMORY_USABLE && range->base <= start &&
            start + PAGE_SIZE <= range->base + range->length)
            return frame != 0;
    }
    return false;
}

/* The first reservation that holds this frame, or 0. */
static const struct reserved_range *reservation_of(uint32_t frame) {
    for (unsigned i = 0; i < reserved_count; i++)
        if (frame >= reserved[i].first && frame < reserved[i].end) return &reserved[i];
    return 0;
}

void frames_reserve(phys_addr_t phys, uint64_t bytes, enum frame_use use) {
    if (bytes == 0) return;
    uint64_t first = phys.value >> PAGE_SHIFT;
    uint64_t end = (phys.value + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (first > BITMAP_FRAMES) first = BITMAP_FRAMES;
    if (end > BITMAP_FRAMES) end = BITMAP_FRAMES;
    if (reserved_count == RESERVED_MAX) panic("frames_reserve: more than %d ranges", RESERVED_MAX);
    reserved[reserved_count++] = (struct reserved_range){(uint32_t)first, (uint32_t)end, use};

    for (uint32_t frame = (uint32_t)first; frame < end; frame++) {
        if (is_taken(frame)) continue;
        set_taken(frame);
        recount(FRAME_FREE, use);
    }
}

void frames_release(enum frame_use use) {
    for (unsigned i = 0; i < reserved_count; i++) {
        struct reserved_range *range = &reserved[i];
        if (range->use != use) continue;
        for (uint32_t frame = range->first; frame < range->end; frame++) {
            if (reservation_of(frame) != range || !is_usable(frame)) continue;
            clear_taken(frame);
            recount(use, FRAME_FREE);
        }
        range->end = range->first;
    }
}

void frames_set_limit(uint64_t phys) {
    uint64_t frames = phys >> PAGE_SHIFT;
    limit = frames < BITMAP_FRAMES ? (uint32_t)frames & ~31u : BITMAP_FRAMES;
    next = 0;
}

pfn_t frame_alloc(enum frame_use use) {
    for (uint32_t searched = 0; searched < limit;) {
        if (next >= limit) next = 0;
        if (next % 32 == 0 && taken[next / 32] == ~0u) {
            next += 32;
            searched += 32;
            continue;
        }
        uint32_t frame = next++;
        searched++;
        if (is_taken(frame)) continue;
        set_taken(frame);
        recount(FRAME_FREE, use);
        return pfn(frame);
    }
    return PFN_NONE;
}

void frame_free(pfn_t frame, enum frame_use use) {
    uint32_t number = frame.value;
    if (number >= BITMAP_FRAMES || !is_usable(number))
        panic("frame_free: frame %x was never handed out", number);
    if (!is_taken(number)) panic("frame_free: double free of frame %x", number);
    if (reservation_of(number))
        panic("frame_free: frame %x is reserved: %s", number,
              frame_use_name(reservation_of(number)->use));
    if (use == FRAME_FREE || counts[use] == 0)
        panic("frame_free: frame %x is not in use as: %s", number, frame_use_name(use));
    clear_taken(number);
    recount(use, FRAME_FREE);
}

uint32_t frame_count(enum frame_use use) {
    return counts[use];
}

uint32_t frames_total(void) {
    return total;
}

const char *frame_use_name(enum frame_use use) {
    static const char *const names[FRAME_USES] = {
        [FRAME_FREE] = "free",
        [FRAME_KERNEL] = "kernel image",
        [FRAME_SYMBOLS] = "kernel symbols",
        [FRAME_INITRD] = "initrd",
        [FRAME_LOADER] = "loader",
        [FRAME_PAGE_TABLE] = "page tables",
        [FRAME_ALLOCATED] = "allocated",
        [FRAME_ABOVE_MAP] = "above 896 MB, not handed out yet",
        [FRAME_BEYOND] = "above 4 GB, needs PAE",
    };
    return use < FRAME_USES ? names[use] : "unknown";
}
