/*
 * test_kmalloc.c: kmalloc of every size, plain and with slab_debug, on the real buddy allocator;
 * and a million random calls against a table. Every test ends with all frames back where they were.
 */
#include "cmocka_test.h"

#include "memory_test.h"
#include "slab_test.h"

#include <mm/kmalloc.h>

static int start(uint64_t bytes, bool debug) {
    machine_start(bytes, debug);
    kmalloc_init();
    return 0;
}

static int start_plain(void **state) {
    (void)state;
    return start(64 * MB, false);
}

static int start_debug(void **state) {
    (void)state;
    return start(64 * MB, true);
}

static int stop(void **state) {
    (void)state;
    machine_stop();
    return 0;
}

static void fill(uint8_t *memory, size_t from, size_t to, uint8_t seed) {
    for (size_t i = from; i < to; i++) memory[i] = (uint8_t)(seed + i * 7);
}

static void is_filled(const uint8_t *memory, size_t size, uint8_t seed) {
    for (size_t i = 0; i < size; i++)
        if (memory[i] != (uint8_t)(seed + i * 7)) fail_msg("byte %zu of %zu is wrong", i, size);
}

static void is_zero(const uint8_t *memory, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (memory[i]) fail_msg("byte %zu of %zu is not zero", i, size);
}

static uint64_t phys_of(const void *memory) {
    return virt_to_phys(memory).value;
}

/* ---- what holds with and without slab_debug ---- */

static void check_size(size_t size) {
    uint8_t *memory = kmalloc(size, GFP_KERNEL);
    size_t block = PAGE_SIZE;

    if (!memory) fail_msg("no %zu bytes", size);
    while (block < size) block *= 2;
    assert_int_equal(phys_of(memory) % 8, 0);
    if ((size & (size - 1)) == 0) assert_int_equal(phys_of(memory) % size, 0);
    if (size > KMALLOC_CACHE_MAX) {
        assert_int_equal(phys_of(memory) % block, 0);
        assert_int_equal(pages_of(OWNER_KMALLOC), block / PAGE_SIZE);
        assert_int_equal(ksize(memory), block);
    } else {
        assert_int_equal(pages_of(OWNER_KMALLOC), 0);
        assert_true(slab_debug ? ksize(memory) == size : ksize(memory) >= size);
    }
    fill(memory, 0, ksize(memory), 1);
    is_filled(memory, size, 1);
    kfree(memory);
    assert_int_equal(pages_of(OWNER_KMALLOC), 0);
}

static void every_size_to_4_mb(void **state) {
    (void)state;
    for (size_t size = 1; size <= 9000; size++) check_size(size);
    for (size_t size = 16384; size <= KMALLOC_MAX; size *= 2) {
        check_size(size - 1);
        check_size(size);
        if (size < KMALLOC_MAX) check_size(size + 1);
    }
    assert_null(kmalloc(KMALLOC_MAX + 1, GFP_KERNEL));
    assert_null(kmalloc(SIZE_MAX, GFP_KERNEL));
    assert_null(kzalloc(KMALLOC_MAX + 1, GFP_ATOMIC));
    assert_int_equal(KMALLOC_MAX, 4 * MB);
}

static void powers_of_two_are_aligned_to_themselves(void **state) {
    (void)state;
    static void *memory[100];
    for (size_t size = 8; size <= 8192; size *= 2) {
        for (unsigned i = 0; i < 100; i++) {
            memory[i] = kmalloc(size, GFP_KERNEL);
            assert_int_equal(phys_of(memory[i]) % size, 0);
        }
        for (unsigned i = 0; i < 100; i++) kfree(memory[i]);
    }
}

static void nothing_is_something(void **state) {
    (void)state;
    assert_ptr_equal(kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
    assert_ptr_equal(kzalloc(0, GFP_DMA), ZERO_SIZE_PTR);
    assert_int_equal(ksize(ZERO_SIZE_PTR), 0);
    assert_int_equal(ksize(NULL), 0);
    kfree(ZERO_SIZE_PTR);
    kfree(NULL);
    assert_ptr_equal(krealloc(NULL, 0, GFP_KERNEL), ZERO_SIZE_PTR);
    void *memory = krealloc(ZERO_SIZE_PTR, 10, GFP_KERNEL);
    assert_int_equal(phys_of(memory) % 8, 0);
    assert_ptr_equal(krealloc(memory, 0, GFP_KERNEL), ZERO_SIZE_PTR);
}

static void zeros_where_asked_for(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 8, 61, 96, 2048, 2049, 5000, 100000};
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint8_t *memory = kmalloc(sizes[s], GFP_KERNEL);
        memset(memory, 0xFF, sizes[s]);
        kfree(memory);
        memory = kzalloc(sizes[s], GFP_KERNEL);
        is_zero(memory, ksize(memory));
        kfree(memory);
    }
}

static void dma_is_below_16_mb_or_not_at_all(void **state) {
    (void)state;
    static const size_t sizes[] = {8, 100, 2048, 4096, 1 << 20};
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        void *near = kmalloc(sizes[s], GFP_DMA), *far = kmalloc(sizes[s], GFP_KERNEL);
        assert_true(phys_of(near) + sizes[s] <= DMA_MAX);
        assert_true(phys_of(far) >= DMA_MAX);
        kfree(near);
        kfree(far);
    }
    slab_reclaim();
    struct page *page;
    while ((page = alloc_pages(GFP_DMA, 0, OWNER_OTHER))) hoard[hoarded++] = page;
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        void *far = kmalloc(sizes[s], GFP_KERNEL);
        assert_non_null(far);
        assert_null(kmalloc(sizes[s], GFP_DMA));
        kfree(far);
    }
    give_all_memory();
    PANICS("kmalloc: __GFP_HIGHMEM", kmalloc(8, __GFP_HIGHMEM));
    PANICS("kmalloc: __GFP_HIGHMEM", kmalloc(1 << 20, __GFP_HIGHMEM));
    PANICS("kmalloc: __GFP_HIGHMEM", krealloc(NULL, 8, __GFP_HIGHMEM));
}

static void no_memory_is_a_null_pointer_and_no_leak(void **state) {
    (void)state;
    uint8_t *memory = kmalloc(2000, GFP_KERNEL);
    fill(memory, 0, 2000, 3);
    take_all_memory();
    for (size_t size = KMALLOC_CACHE_MAX + 1; size <= KMALLOC_MAX; size *= 2)
        assert_null(kmalloc(size, GFP_KERNEL));
    unsigned count = 0;
    static void *small[100000];
    while ((small[count] = kmalloc(2048, GFP_KERNEL))) count++; /* the slab that is there already */
    for (unsigned size = 1; size < 1024; size++) assert_null(kmalloc(size, GFP_KERNEL));
    assert_null(krealloc(memory, 5000, GFP_KERNEL));
    is_filled(memory, 2000, 3);
    give_all_memory();
    while (count) kfree(small[--count]);
    kfree(memory);
}

/* Every second frame is free: all sizes to a page are served, and as many as there are frames. */
static void memory_in_pieces(void **state) {
    (void)state;
    static uint8_t *memory[PAGE_SIZE + 1];
    cut_memory_to_pieces();
    for (size_t size = 1; size <= PAGE_SIZE; size++) {
        memory[size] = kmalloc(size, GFP_KERNEL);
        if (!memory[size]) fail_msg("no %zu bytes", size);
        fill(memory[size], 0, size, (uint8_t)size);
    }
    assert_null(kmalloc(PAGE_SIZE + 1, GFP_KERNEL));
    for (size_t size = 1; size <= PAGE_SIZE; size++) {
        is_filled(memory[size], size, (uint8_t)size);
        kfree(memory[size]);
    }
    static const size_t sizes[] = {512, 1024, 2048, 4096};
    for (unsigned s = 0; s < 4; s++) {
        static void *many[1 << 16];
        unsigned count = 0, least = 0; /* to the last frame */
        slab_reclaim();
        least = pages_of(OWNER_FREE);
        while ((many[count] = kmalloc(sizes[s], __GFP_MEMALLOC))) count++;
        assert_int_equal(pages_of(OWNER_FREE), 0);
        assert_true(count >= least);
        while (count) kfree(many[--count]);
    }
    give_all_memory();
}

static void krealloc_keeps_the_contents(void **state) {
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        uint8_t *memory = NULL, seed = (uint8_t)round;
        size_t size = 0;
        for (unsigned step = 0; step < 20; step++) {
            size_t wanted = 1 + random_below(step % 5 ? 700 : 20000);
            memory = krealloc(memory, wanted, GFP_KERNEL);
            is_filled(memory, size < wanted ? size : wanted, seed);
            assert_true(ksize(memory) >= wanted);
            fill(memory, 0, wanted, seed);
            size = wanted;
        }
        kfree(memory);
    }
}

static void krealloc_adds_zeros_where_asked_for(void **state) {
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        size_t size = 1 + random_below(300);
        uint8_t *memory = kzalloc(size, GFP_KERNEL);
        is_zero(memory, size);
        for (unsigned step = 0; step < 20; step++) {
            size_t wanted = 1 + random_below(step % 5 ? 300 : 9000);
            fill(memory, 0, size, 9);
            memory = krealloc(memory, wanted, GFP_KERNEL | __GFP_ZERO);
            is_filled(memory, size < wanted ? size : wanted, 9);
            if (wanted > size) is_zero(memory + size, wanted - size);
            size = wanted;
        }
        kfree(memory);
    }
}

static void krealloc_stays_where_there_is_room(void **state) {
    (void)state;
    uint8_t *memory = kmalloc(40, GFP_KERNEL), *block = kmalloc(5000, GFP_KERNEL);
    for (size_t size = 1; size <= 64; size++)
        assert_ptr_equal(krealloc(memory, size, GFP_KERNEL), memory);
    for (size_t size = 8192; size; size /= 2)
        assert_ptr_equal(krealloc(block, size, GFP_KERNEL), block);
    kfree(memory);
    kfree(block);
}

static size_t random_size(void) {
    switch (random_below(16)) {
    case 0: return 1 + random_below(20000);
    case 1:
    case 2:
    case 3: return 1 + random_below(2500);
    default: return 1 + random_below(200);
    }
}

/* Alloc, free and krealloc; each allocation filled with a pattern of its own, against a table. */
static void a_million_random_calls_agree_with_a_model(void **state) {
    (void)state;
    enum { SLOTS = 600, CALLS = 1000000 };
    static struct {
        uint8_t *memory, seed;
        size_t size;
        bool dma;
    } slots[SLOTS];

    for (unsigned call = 0; call < CALLS; call++) {
        unsigned i = random_below(SLOTS), what = random_below(4);
        if (!slots[i].memory) {
            slots[i].size = random_size();
            slots[i].seed = (uint8_t)call;
            slots[i].dma = what == 0;
            slots[i].memory = kmalloc(slots[i].size, what == 0 ? GFP_DMA : GFP_KERNEL);
            if (what == 0) assert_true(phys_of(slots[i].memory) < DMA_MAX);
            fill(slots[i].memory, 0, slots[i].size, slots[i].seed);
        } else if (what == 0) {
            size_t size = random_size(), kept = size < slots[i].size ? size : slots[i].size;
            slots[i].memory = krealloc(slots[i].memory, size, slots[i].dma ? GFP_DMA : GFP_KERNEL);
            is_filled(slots[i].memory, kept, slots[i].seed);
            fill(slots[i].memory, kept, size, slots[i].seed);
            slots[i].size = size;
        } else {
            is_filled(slots[i].memory, slots[i].size, slots[i].seed);
            kfree(slots[i].memory);
            slots[i].memory = NULL;
        }
        if (call % 50000 == 0) slab_debug_check_all();
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        if (slots[i].memory) is_filled(slots[i].memory, slots[i].size, slots[i].seed);
        kfree(slots[i].memory);
        slots[i].memory = NULL;
    }
    slab_debug_check_all();
    assert_string_equal(printed, "");
}

/* ---- faults: a panic, or exactly one report each ---- */

static void faults_panic(void **state) {
    (void)state;
    uint8_t *small = kmalloc(100, GFP_KERNEL), *large = kmalloc(20000, GFP_KERNEL);
    struct kmem_cache *cache = kmem_cache_create("private", 64, 0, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    char on_the_stack[8];

    PANICS("slab: wrong cache: cache kmalloc-128", kfree(small + 8));
    PANICS("slab: wrong cache: cache kmalloc-128", kfree(small + 1));
    PANICS("slab: wrong cache: cache kmalloc,", kfree(large + 8));
    PANICS("slab: wrong cache: cache kmalloc,", kfree(large + PAGE_SIZE));
    PANICS("slab: wrong cache: cache kmalloc,", kfree(on_the_stack));
    PANICS("slab: wrong cache: cache kmalloc,", kfree(object));
    PANICS("slab: wrong cache: cache kmalloc,",
           kfree(phys_to_virt(pfn_to_phys(page_to_pfn(page)))));
    PANICS("slab: wrong cache: cache kmalloc,", kfree(host_memory));
    PANICS("slab: wrong cache: cache kmalloc,", ksize(object));
    PANICS("slab: wrong cache: cache kmalloc,", ksize(small + 8));
    kfree(small);
    PANICS("slab: double free: cache kmalloc-128", kfree(small));
    PANICS("slab: use after free: cache kmalloc-128", ksize(small));
    PANICS("slab: use after free: cache kmalloc-128", krealloc(small, 10, GFP_KERNEL));
    kfree(large);
    PANICS("slab: double free: cache kmalloc,", kfree(large));
    free_pages(page, 0);
    kmem_cache_free(cache, object);
}

static void one_byte_too_far_at_every_size(void **state) {
    (void)state;
    static uint8_t *memory[KMALLOC_CACHE_MAX + 1];
    for (size_t size = 1; size <= KMALLOC_CACHE_MAX; size++) {
        memory[size] = kmalloc(size, GFP_KERNEL);
        memory[size][size] = 0x41;
    }
    for (size_t size = 1; size <= KMALLOC_CACHE_MAX; size++) kfree(memory[size]);
    assert_int_equal(lines_with("slab: overrun: cache kmalloc-"), KMALLOC_CACHE_MAX);
    assert_int_equal(lines_with("slab: "), KMALLOC_CACHE_MAX);
    assert_int_equal(slab_debug_check_all(), 0);
    forget_reports();
}

static void krealloc_moves_the_red_zone(void **state) {
    (void)state;
    uint8_t *memory = kmalloc(60, GFP_KERNEL);
    memory = krealloc(memory, 10, GFP_KERNEL);
    memory[10] = 0;
    memory = krealloc(memory, 50, GFP_KERNEL); /* finds it */
    reported(1, "overrun", "kmalloc-64");
    fill(memory, 0, 50, 1);
    reported(0, "overrun", "kmalloc-64");
    memory[50] = 0;
    memory = krealloc(memory, 500, GFP_KERNEL); /* moves: the old place is freed */
    reported(1, "overrun", "kmalloc-64");
    is_filled(memory, 50, 1);
    kfree(memory);
}

static void faults_are_reported(void **state) {
    (void)state;
    char on_the_stack[8];
    uint8_t *small = kmalloc(100, GFP_KERNEL), *large = kmalloc(20000, GFP_KERNEL);
    struct kmem_cache *cache = kmem_cache_create("private", 64, 0, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);

    kfree(small + 8);
    reported(1, "wrong cache", "kmalloc-128");
    kfree(on_the_stack);
    kfree(large + 4096);
    kfree(object);
    assert_int_equal(ksize(object), 0);
    reported(4, "wrong cache", "kmalloc");
    kfree(small);
    kfree(small);
    kfree(small);
    reported(2, "double free", "kmalloc-128");
    assert_int_equal(ksize(small), 0);
    assert_null(krealloc(small, 10, GFP_KERNEL));
    small[99] = 1;
    assert_int_equal(slab_debug_check_all(), 1);
    reported(3, "use after free", "kmalloc-128");
    kfree(large);
    kfree(large);
    reported(1, "double free", "kmalloc");
    kmem_cache_free(cache, object);
}

/* Faults of all kinds among other work: the sum is right to the one. */
static void as_many_reports_as_faults(void **state) {
    (void)state;
    enum { SLOTS = 200 };
    static uint8_t *memory[SLOTS];
    static size_t sizes[SLOTS];
    unsigned overruns = 0, underruns = 0, after = 0, twice = 0;

    for (unsigned step = 0; step < 20000; step++) {
        unsigned i = random_below(SLOTS), fault = random_below(100);
        if (!memory[i]) {
            sizes[i] = 1 + random_below(KMALLOC_CACHE_MAX);
            memory[i] = kmalloc(sizes[i], GFP_KERNEL);
            continue;
        }
        if (fault == 0) memory[i][sizes[i]] ^= 0xFF, overruns++;
        if (fault == 1) memory[i][-1] ^= 0xFF, underruns++;
        kfree(memory[i]);
        if (fault == 2 && slab_of(memory[i])) kfree(memory[i]), twice++;
        if (fault == 3 && slab_of(memory[i]))
            memory[i][random_below((uint32_t)sizes[i])] ^= 1, after++;
        memory[i] = NULL;
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        kfree(memory[i]);
        memory[i] = NULL;
    }
    slab_debug_check_all();
    assert_int_equal(lines_with("slab: overrun"), overruns);
    assert_int_equal(lines_with("slab: underrun"), underruns);
    assert_int_equal(lines_with("slab: double free"), twice);
    assert_int_equal(lines_with("slab: use after free"), after);
    assert_int_equal(lines_with("slab: "), overruns + underruns + twice + after);
    assert_true(overruns > 50 && underruns > 50 && twice > 50 && after > 50);
    forget_reports();
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, stop)
#define BOTH(name)                                   \
    TEST(name, start_plain), {                       \
#name " (debug)", name, start_debug, stop, 0 \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(every_size_to_4_mb),
        BOTH(powers_of_two_are_aligned_to_themselves),
        BOTH(nothing_is_something),
        BOTH(zeros_where_asked_for),
        BOTH(dma_is_below_16_mb_or_not_at_all),
        BOTH(no_memory_is_a_null_pointer_and_no_leak),
        TEST(memory_in_pieces, start_plain),
        BOTH(krealloc_keeps_the_contents),
        BOTH(krealloc_adds_zeros_where_asked_for),
        BOTH(krealloc_stays_where_there_is_room),
        BOTH(a_million_random_calls_agree_with_a_model),
        TEST(faults_panic, start_plain),
        TEST(one_byte_too_far_at_every_size, start_debug),
        TEST(krealloc_moves_the_red_zone, start_debug),
        TEST(faults_are_reported, start_debug),
        TEST(as_many_reports_as_faults, start_debug),
    };
    return cmocka_run_group_tests_name("kmalloc", tests, 0, 0);
}
