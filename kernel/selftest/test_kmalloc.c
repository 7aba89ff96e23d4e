/*
 * test_kmalloc.c: memory of any size up to 4 MB, on this machine.
 */
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/kmalloc.h>
#include <mm/slab_debug.h>
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <selftest/test.h>

/* Is there a block of so many bytes? A machine with 4 MB has none of 4 MB. */
static bool block_there(size_t bytes) {
    unsigned order = 0;
    while ((size_t)PAGE_SIZE << order < bytes) order++;
    struct page *page = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
    if (page) free_pages(page, order);
    return page != NULL;
}

static void try_size(size_t size) {
    bool there = block_there(size);
    uint8_t *memory = kmalloc(size, GFP_KERNEL);
    uint32_t wrong = 0;

    CHECK_EQUAL(memory != NULL, there);
    if (!memory) return;
    CHECK_EQUAL((uintptr_t)memory % (size > KMALLOC_CACHE_MAX ? PAGE_SIZE : 8), 0);
    if ((size & (size - 1)) == 0 && size < PAGE_SIZE) CHECK_EQUAL((uintptr_t)memory % size, 0);
    CHECK(ksize(memory) >= size);
    memset(memory, 0x3C, size);
    for (size_t i = 0; i < size; i += 509) wrong += memory[i] != 0x3C;
    CHECK_EQUAL(wrong, 0);
    kfree(memory);
}

/* Each power of two from 8 bytes to 4 MB, and its neighbours. */
static void sizes(void) {
    accounting_start();
    for (size_t size = 8; size <= KMALLOC_MAX; size *= 2) {
        try_size(size - 1);
        try_size(size);
        if (size < KMALLOC_MAX) try_size(size + 1);
    }
    accounting_check();
}

static bool refuses(size_t size, gfp_t gfp) {
    void *memory = kmalloc(size, gfp);
    kfree(memory);
    return memory == NULL;
}

static void refused(void) {
    accounting_start();
    CHECK(refuses(KMALLOC_MAX + 1, GFP_KERNEL));
    CHECK(refuses((size_t)-1, GFP_KERNEL));
    CHECK(refuses(KMALLOC_MAX + 1, GFP_DMA));
    CHECK_EQUAL((uintptr_t)kmalloc(0, GFP_KERNEL), (uintptr_t)ZERO_SIZE_PTR);
    CHECK_EQUAL(ksize(ZERO_SIZE_PTR), 0);
    kfree(ZERO_SIZE_PTR);
    kfree(NULL);
    accounting_check();
}

static bool below_16_mb(const void *memory, size_t size) {
    return virt_to_phys(memory).value + size <= DMA_MAX;
}

/* In the zone of ISA devices, whatever the size; and when that is full, nowhere. */
static void dma(void) {
    struct chain all = {0};

    accounting_start();
    for (size_t size = 8; size <= 64 * 1024; size *= 2) {
        void *memory = kmalloc(size, GFP_DMA);
        CHECK(memory && below_16_mb(memory, size));
        kfree(memory);
    }
    slab_reclaim();
    chain_take_all(&all, GFP_DMA | __GFP_MEMALLOC, 0);
    for (size_t size = 8; size <= 64 * 1024; size *= 2) CHECK(refuses(size, GFP_DMA));
    chain_free_all(&all);
    accounting_check();
}

/* Grows from size to size and shrinks again; the bytes that both have stay. */
static void resized(void) {
    uint8_t *memory = NULL;
    size_t before = 0;
    uint32_t wrong = 0;

    accounting_start();
    for (size_t size = 5; size < 300000; size = size * 3 + 1) {
        uint8_t *moved = krealloc(memory, size, GFP_KERNEL);
        if (!HAVE(moved)) break;
        memory = moved;
        for (size_t i = 0; i < before; i++) wrong += memory[i] != (uint8_t)(i * 7);
        for (size_t i = before; i < size; i++) memory[i] = (uint8_t)(i * 7);
        before = size;
    }
    for (size_t size = before; size > 4; size /= 2) {
        memory = krealloc(memory, size, GFP_KERNEL);
        for (size_t i = 0; i < size; i++) wrong += memory[i] != (uint8_t)(i * 7);
        before = size;
    }
    CHECK(krealloc(memory, KMALLOC_MAX + 1, GFP_KERNEL) == NULL);
    for (size_t i = 0; i < before; i++) wrong += memory[i] != (uint8_t)(i * 7);
    CHECK_EQUAL(wrong, 0);
    CHECK(krealloc(memory, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
    accounting_check();
}

/* Where something else was before, in caches and in whole frames; and what krealloc() adds. */
static void zeroed(void) {
    uint32_t wrong = 0;

    accounting_start();
    for (size_t size = 16; size <= 64 * 1024; size *= 4) {
        void *old = kmalloc(size, GFP_KERNEL);
        if (!HAVE(old)) break;
        memset(old, 0xFF, size);
        kfree(old);
        uint8_t *memory = kzalloc(size, GFP_KERNEL);
        if (!HAVE(memory)) break;
        for (size_t i = 0; i < size; i++) wrong += memory[i] != 0;
        uint8_t *more = krealloc(memory, 3 * size, GFP_KERNEL | __GFP_ZERO);
        CHECK(more != NULL);
        for (size_t i = 0; more && i < 3 * size; i++) wrong += more[i] != 0;
        kfree(more ? more : memory);
    }
    CHECK_EQUAL(wrong, 0);
    accounting_check();
}

/* Objects and whole frames in turn, until there is nothing. */
static void exhaustion(void) {
    void **list = NULL;
    size_t size = 24;

    accounting_start();
    for (;;) {
        void **memory = kmalloc(size, GFP_KERNEL);
        if (memory) {
            *memory = list;
            list = memory;
            size = size * 5 % 99991 + 8;
        } else if (size > PAGE_SIZE) {
            size = 96; /* what is left is small */
        } else {
            break;
        }
    }
    CHECK(list != NULL);
    CHECK(refuses(KMALLOC_MAX, GFP_KERNEL));
    while (list) {
        void **memory = list;
        list = *memory;
        kfree(memory);
    }
    accounting_check();
}

static const struct test_case cases[] = {
    {"sizes", sizes},     {"refused", refused}, {"dma", dma},
    {"resized", resized}, {"zeroed", zeroed},   {"exhaustion", exhaustion},
};

const struct test_suite suite_kmalloc = TEST_SUITE("kmalloc", cases);
