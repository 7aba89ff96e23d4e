/*
 * probe.c: looks at memory before anybody counts on it.
 */
#include <lib/printk.h>
#include <mm/early.h>
#include <mm/probe.h>

#define LOW_STEP (0x1000000u >> PAGE_SHIFT)   /* 16 MB in the direct map, where the kernel lives */
#define HIGH_STEP (0x40000000u >> PAGE_SHIFT) /* and 1 GB behind it */
#define ALIAS_MIN \
    (0x100000u >> PAGE_SHIFT) /* the loader has seen to A20: below is nothing to find */
#define PATTERN 0x5AA5C33Cu

static uint32_t first_missing(uint32_t first, uint32_t end);
static uint32_t between(uint32_t there, uint32_t missing);
static bool is_there(uint32_t frame);
static bool holds(uint32_t frame, uint32_t pattern);
static bool is_another_frame(uint32_t frame);
static void cut(struct memory_range *map, uint32_t *count, uint64_t missing);

void probe_memory(struct memory_range *map, uint32_t *count, pfn_t first, pfn_t end) {
    struct early_run run = {.end = first.value};

    while (early_next_run(run.end, &run) && run.first < end.value) {
        if (run.end > end.value) run.end = end.value;
        if (run.owner != OWNER_FREE)
            continue; /* somebody's data: they were there when it was put */
        uint32_t missing = first_missing(run.first, run.end);
        if (missing < run.end) cut(map, count, pfn_to_phys(pfn(missing)).value);
    }
}

/* Of the frames of a run; `end` if none that was looked at is missing. */
static uint32_t first_missing(uint32_t first, uint32_t end) {
    uint32_t there = first; /* all below, as far as anybody knows */

    for (uint32_t frame = first; frame < end;) {
        if (!is_there(frame)) return between(there, frame);
        there = frame + 1;
        uint32_t step = frame < DIRECT_MAP_MAX >> PAGE_SHIFT ? LOW_STEP : HIGH_STEP;
        frame = (frame | (step - 1)) + 1;
        if (frame >= end && there < end) frame = end - 1;
    }
    return end;
}

/* Memory ends somewhere from `there` to `missing`: halves that until it is one frame. */
static uint32_t between(uint32_t there, uint32_t missing) {
    while (there < missing) {
        uint32_t middle = there + (missing - there) / 2;
        /* What wraps to video memory and ROMs cannot be told: whole megabytes never do. */
        if (middle - there >= ALIAS_MIN) middle &= ~(ALIAS_MIN - 1);
        if (is_there(middle))
            there = middle + 1;
        else
            missing = middle;
    }
    return missing;
}

/* Two words, so that a bus that remembers the last one written is not taken for memory. */
static bool is_there(uint32_t frame) {
    uint32_t old[2] = {probe_read(pfn(frame), 0), probe_read(pfn(frame), 1)};
    bool there = holds(frame, PATTERN) && holds(frame, ~PATTERN) && !is_another_frame(frame);

    probe_write(pfn(frame), 0, old[0]);
    probe_write(pfn(frame), 1, old[1]);
    return there;
}

static bool holds(uint32_t frame, uint32_t pattern) {
    probe_write(pfn(frame), 0, pattern);
    probe_write(pfn(frame), 1, ~pattern);
    return probe_read(pfn(frame), 0) == pattern && probe_read(pfn(frame), 1) == ~pattern;
}

/* Whoever looks there disturbs no device. Frame 0 is nobody's to use, but it is memory. */
static bool may_be_read(uint32_t frame) {
    struct early_run run;
    return frame == 0 || (early_next_run(frame, &run) && run.first == frame);
}

/* Does what is written to `frame` appear in `other`? */
static bool appears_in(uint32_t frame, uint32_t other) {
    if (!may_be_read(other)) return false;
    probe_write(pfn(frame), 0, PATTERN);
    if (probe_read(pfn(other), 0) != PATTERN) return false;
    probe_write(pfn(frame), 0, ~PATTERN);
    return probe_read(pfn(other), 0) == ~PATTERN;
}

/* If an address bit counts for nothing, what is written here appears below, where that bit is 0; if
 * none from that one on does, where all of them are 0. */
static bool is_another_frame(uint32_t frame) {
    for (uint32_t bit = ALIAS_MIN; bit && bit <= frame; bit <<= 1) {
        if (!(frame & bit)) continue;
        if (appears_in(frame, frame ^ bit) || appears_in(frame, frame & (bit - 1))) return true;
    }
    return false;
}

/* The range that has the address `missing` ends there. The early allocator has a count of ranges of
 * its own, so if nothing is left of the range, the last place of the map becomes empty. */
static void cut(struct memory_range *map, uint32_t *count, uint64_t missing) {
    uint32_t i = 0;
    while (missing < map[i].base || missing - map[i].base >= map[i].length) i++;

    uint64_t left = missing - map[i].base;
    printk("memory: %llu KB from %llx on are not there, though the BIOS claims them\n",
           (map[i].length - left) / 1024, missing);
    map[i].length = left;
    if (left) return;
    for (--*count; i < *count; i++) map[i] = map[i + 1];
    map[*count] = (struct memory_range){0};
}
