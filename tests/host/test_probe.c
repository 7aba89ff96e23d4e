/*
 * test_probe.c: a map that claims too much, on machines that have nothing there, ROM, the same
 * memory once more, or a bus that remembers.
 */
#include "cmocka_test.h"

#include "fake/memory_test.h"

#include <cpu/symbols.h>
#include <lib/printk.h>
#include <mm/early.h>
#include <mm/probe.h>

#define MB 0x100000ull
#define FRAMES_OF(bytes) ((uint32_t)((bytes) >> PAGE_SHIFT))
#define EVERYTHING pfn(UINT32_MAX)

enum behind { NOTHING, ROM, WRAP, BUS_REMEMBERS };

static struct {
    uint64_t bytes; /* of real memory */
    enum behind behind;
    uint32_t bus, writes;
} machine;

static struct memory_range map[8];
static uint32_t map_count;
static char printed[512];

const char *symbol_find(uint32_t address, uint32_t *offset) {
    (void)address;
    (void)offset;
    return NULL;
}

int printk(const char *format, ...) {
    size_t used = strlen(printed);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(printed + used, sizeof printed - used, format, args);
    va_end(args);
    return length;
}

/* Where the word is kept, or a null pointer. */
static uint32_t *memory_of(pfn_t frame, unsigned word) {
    uint64_t phys = pfn_to_phys(frame).value + word * 4;
    if (phys >= machine.bytes && machine.behind != WRAP) return NULL;
    return (uint32_t *)(host_memory + phys % machine.bytes);
}

uint32_t probe_read(pfn_t frame, unsigned word) {
    uint32_t *memory = memory_of(frame, word);
    if (memory) return machine.bus = *memory;
    if (machine.behind == ROM) return 0x12345678;
    return machine.behind == BUS_REMEMBERS ? machine.bus : UINT32_MAX;
}

void probe_write(pfn_t frame, unsigned word, uint32_t value) {
    uint32_t *memory = memory_of(frame, word);
    machine.bus = value;
    machine.writes++;
    if (memory) *memory = value;
}

static void start(uint64_t bytes, enum behind behind) {
    host_memory_new(bytes);
    for (uint64_t i = 0; i < bytes; i += 4)
        *(uint32_t *)(host_memory + i) = (uint32_t)i * 2654435761u;
    machine.bytes = bytes;
    machine.behind = behind;
    machine.writes = 0;
    printed[0] = 0;
    map_count = 0;
}

static void claim(uint64_t base, uint64_t end) {
    map[map_count++] = (struct memory_range){base, end - base, MEMORY_USABLE, 1};
}

static void probe(void) {
    early_init(map, map_count);
    probe_memory(map, &map_count, pfn(0), EVERYTHING);
    for (uint64_t i = 0; i < machine.bytes; i += 4)
        if (*(uint32_t *)(host_memory + i) != (uint32_t)i * 2654435761u)
            fail_msg("%llx has changed", (unsigned long long)i);
}

static void all_there(void **state) {
    (void)state;
    start(64 * MB, NOTHING);
    claim(0x1000, 0x9FC00);
    claim(MB, 64 * MB);
    probe();
    assert_int_equal(map_count, 2);
    assert_int_equal(map[1].length, 63 * MB);
    assert_string_equal(printed, "");
}

static void cut_to_the_frame(void **state) {
    (void)state;
    static const uint64_t ends[] = {
        MB + PAGE_SIZE,     5 * MB, 16 * MB, 16 * MB + PAGE_SIZE, 37 * MB - PAGE_SIZE,
        64 * MB - PAGE_SIZE};
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++)
        for (enum behind behind = NOTHING; behind <= BUS_REMEMBERS; behind++) {
            if (behind == WRAP) continue; /* by any number of bytes no address wraps */
            start(ends[i], behind);
            claim(0x1000, 0x9FC00);
            claim(MB, 64 * MB);
            probe();
            assert_int_equal(map_count, 2);
            assert_int_equal(map[1].base + map[1].length, ends[i]);
            char said[128];
            snprintf(said, sizeof said, "memory: %llu KB from %llx on are not there, though",
                     (unsigned long long)(64 * MB - ends[i]) / 1024, (unsigned long long)ends[i]);
            assert_non_null(strstr(printed, said));
        }
}

static void the_same_memory_once_more(void **state) {
    (void)state;
    for (uint64_t bytes = 16 * MB; bytes <= 64 * MB; bytes *= 2) {
        start(bytes, WRAP);
        claim(0x1000, 0x9FC00);
        claim(MB, 1024 * MB);
        probe();
        assert_int_equal(map[1].base + map[1].length, bytes);
    }
}

/* A range of its own: where one bit that counts for nothing is 0, another may be 1. */
static void the_same_memory_in_another_range(void **state) {
    (void)state;
    start(256 * MB, WRAP);
    claim(0x1000, 0x9FC00);
    claim(MB, 1024 * MB);
    claim(1024 * MB + 0xE3000, 2048 * MB); /* what the first of it shows nobody may read */
    probe();
    assert_int_equal(map[1].base + map[1].length, 256 * MB);
    assert_true(map_count == 2 || map[2].base + map[2].length <= 1025 * MB);
}

static void ranges_that_are_not_there_at_all(void **state) {
    (void)state;
    start(32 * MB, NOTHING);
    claim(0x1000, 0x9FC00);
    claim(MB, 32 * MB);
    claim(48 * MB, 49 * MB);
    claim(64 * MB, 64 * MB + PAGE_SIZE);
    map[map_count++] = (struct memory_range){65 * MB, MB, MEMORY_RESERVED, 1};
    claim(4096 * MB, UINT64_MAX);
    probe();
    assert_int_equal(map_count, 3);
    assert_int_equal(map[2].type, MEMORY_RESERVED);
    struct early_run run;
    assert_false(early_next_run(FRAMES_OF(32 * MB), &run));
}

static void all_addresses_there_are(void **state) {
    (void)state;
    start(32 * MB, NOTHING);
    claim(0, UINT64_MAX);
    probe();
    assert_int_equal(map_count, 1);
    assert_int_equal(map[0].length, 32 * MB);
}

/* What lies there may be in a cache, or be what runs. */
static void only_free_frames_are_written(void **state) {
    (void)state;
    start(32 * MB, NOTHING);
    claim(MB, 32 * MB);
    early_init(map, map_count);
    early_reserve(phys_addr(MB), 31 * MB, OWNER_KERNEL);
    probe_memory(map, &map_count, pfn(0), EVERYTHING);
    assert_int_equal(machine.writes, 0);
    assert_int_equal(map_count, 1);
}

static void not_beyond_the_end(void **state) {
    (void)state;
    start(8 * MB, NOTHING);
    claim(MB, 32 * MB);
    early_init(map, map_count);
    probe_memory(map, &map_count, pfn(0), pfn(FRAMES_OF(8 * MB)));
    assert_int_equal(map[0].length, 31 * MB);
    probe_memory(map, &map_count, pfn(FRAMES_OF(8 * MB)), EVERYTHING);
    assert_int_equal(map[0].length, 7 * MB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_there),
        cmocka_unit_test(cut_to_the_frame),
        cmocka_unit_test(the_same_memory_once_more),
        cmocka_unit_test(the_same_memory_in_another_range),
        cmocka_unit_test(ranges_that_are_not_there_at_all),
        cmocka_unit_test(all_addresses_there_are),
        cmocka_unit_test(only_free_frames_are_written),
        cmocka_unit_test(not_beyond_the_end),
    };
    return cmocka_run_group_tests_name("probe", tests, 0, 0);
}
