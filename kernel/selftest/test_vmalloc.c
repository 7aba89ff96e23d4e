/*
 * test_vmalloc.c: contiguous addresses over frames that are not.
 */
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <mm/place.h>
#include <selftest/random.h>
#include <selftest/test.h>

#define PAGES 64
#define BYTES (PAGES * PAGE_SIZE)
#define RANGE (VMALLOC_END - VMALLOC_START)

static virt_addr_t address_of(const void *memory) {
    return virt_addr((uintptr_t)memory);
}

/* Half of twice as many frames are given back: no two that are free are neighbours, but for those
 * whose neighbour went as well. vmalloc() gets these. */
static void scattered_frames(void) {
    struct chain held = {0};
    uint32_t wrong = 0, jumps = 0;

    accounting_start();
    for (unsigned i = 0; i < 2 * PAGES; i++)
        chain_add(&held, alloc_pages(__GFP_HIGHMEM, 0, OWNER_OTHER));
    chain_free_half(&held);

    uint32_t *words = vmalloc(BYTES);
    if (!HAVE(words)) {
        chain_free_all(&held);
        return;
    }
    CHECK_EQUAL(pages_of(OWNER_VMALLOC), PAGES);
    for (uint32_t i = 0; i < BYTES / 4; i++) words[i] = ~i;
    for (uint32_t i = 0; i < BYTES / 4; i++) wrong += words[i] != ~i;
    for (uint32_t i = 1; i < PAGES; i++) {
        phys_addr_t here = place_walk(virt_addr((uintptr_t)words + i * PAGE_SIZE)).phys;
        phys_addr_t before = place_walk(virt_addr((uintptr_t)words + (i - 1) * PAGE_SIZE)).phys;
        jumps += here.value != before.value + PAGE_SIZE;
    }
    CHECK_EQUAL(wrong, 0);
    CHECK(jumps > PAGES / 8);
    vfree(words);
    CHECK_EQUAL(pages_of(OWNER_VMALLOC), 0);
    chain_free_all(&held);
    accounting_check();
}

static void rights(void) {
    accounting_start();
    uint8_t *memory = vmalloc(PAGE_SIZE);
    if (!HAVE(memory)) return;
    struct translation found = place_walk(address_of(memory));
    CHECK(found.present && found.writable && !found.user);
    CHECK_EQUAL(found.executable, !(kernel_mm.mode->usable_flags & PTE_NX));
    CHECK_EQUAL(found.flags & PTE_GLOBAL,
                kernel_mm.mode->usable_flags & PTE_GLOBAL);
    vfree(memory);
    accounting_check();
}

/* A page with nothing behind each, whether the next address is in use or not. */
static void guard_pages(void) {
    accounting_start();
    uint8_t *one = vmalloc(5000), *two = vmalloc(1);
    if (!HAVE(one && two)) {
        vfree(one);
        vfree(two);
        return;
    }
    virt_addr_t guard = address_of(one + 2 * PAGE_SIZE);
    CHECK(two == one + 3 * PAGE_SIZE);
    one[2 * PAGE_SIZE - 1] = 1; /* whole pages */
    CHECK(!place_walk(guard).present);
    CHECK(!place_walk(address_of(two + PAGE_SIZE)).present);
    const struct vm_area *area = vmalloc_area(guard);
    CHECK(area && area->start.value == (uintptr_t)one && area->bytes == 5000);
    CHECK(area && vm_area_is_guard(area, guard));
    CHECK(vmalloc_area(address_of(two + 2 * PAGE_SIZE)) == NULL);
    vfree(one);
    vfree(two);
    vfree(NULL);
    accounting_check();
}

/* The same frames again, so there is something to be zeroed. */
static void zeroed(void) {
    uint32_t wrong = 0;

    accounting_start();
    uint8_t *memory = vmalloc(BYTES);
    if (!HAVE(memory)) return;
    memset(memory, 0xFF, BYTES);
    vfree(memory);
    memory = vzalloc(BYTES);
    if (!HAVE(memory)) return;
    for (uint32_t i = 0; i < BYTES; i++) wrong += memory[i] != 0;
    CHECK_EQUAL(wrong, 0);
    vfree(memory);
    accounting_check();
}

static void refused(void) {
    accounting_start();
    CHECK(vmalloc(0) == NULL);
    CHECK(vmalloc(RANGE) == NULL); /* with its guard page it is too large by one */
    CHECK(vmalloc(RANGE + 1) == NULL);
    CHECK(vmalloc((size_t)-1) == NULL);
    CHECK(vmalloc((size_t)-PAGE_SIZE) == NULL);
    CHECK(vzalloc(0) == NULL);
    accounting_check();
}

/* Areas of many sizes, as a list through themselves, until addresses or frames run out; then some
 * are freed and taken again, and in the end all are freed. */
struct node {
    struct node *next;
    uint32_t bytes;
};

static struct node *take_areas(struct node *list) {
    for (unsigned failures = 0; failures < 20;) {
        uint32_t bytes = sizeof(struct node) + test_random() * 40;
        struct node *node = vmalloc(bytes);
        if (!node) {
            failures++;
            continue;
        }
        *node = (struct node){list, bytes};
        list = node;
    }
    return list;
}

static struct node *free_areas(struct node *list, bool all) {
    struct node *kept = NULL;
    while (list) {
        struct node *node = list;
        list = node->next;
        if (all || test_random() % 2) {
            const struct vm_area *area = vmalloc_area(address_of(node));
            CHECK(area && area->bytes == node->bytes);
            vfree(node);
        } else {
            node->next = kept;
            kept = node;
        }
    }
    return kept;
}

static void exhaustion(void) {
    struct node *list = NULL;

    accounting_start();
    for (unsigned round = 0; round < 3; round++) list = free_areas(take_areas(list), false);
    list = take_areas(list);
    CHECK(pages_of(OWNER_VMALLOC) > 0);
    free_areas(list, true);
    CHECK_EQUAL(pages_of(OWNER_VMALLOC), 0);
    accounting_check();
}

/* Frames run out in the middle of an area: what it has so far is unmapped and given back. */
static void too_few_frames(void) {
    struct chain some = {0}, rest = {0};

    accounting_start();
    for (unsigned i = 0; i < PAGES; i++) {
        chain_add(&some, alloc_pages(__GFP_HIGHMEM, 0, OWNER_OTHER));
        chain_add(&some, alloc_pages(GFP_KERNEL, 0, OWNER_OTHER));
    }
    kfree(kmalloc(sizeof(struct vm_area), GFP_KERNEL)); /* leaves a slab with room for one */
    chain_take_all(&rest, __GFP_HIGHMEM, 0);
    chain_free_all(&some);

    uint32_t free = pages_of(OWNER_FREE);
    void *too_large = vmalloc((2 * PAGES + 1) * PAGE_SIZE);
    CHECK(too_large == NULL);
    vfree(too_large);
    CHECK_EQUAL(pages_of(OWNER_VMALLOC), 0);
    CHECK(pages_of(OWNER_FREE) + 1 >= free); /* classic mode keeps the table for the next one */
    void *memory = vmalloc(PAGES / 2 * PAGE_SIZE);
    CHECK(memory != NULL);
    vfree(memory);
    chain_free_all(&rest);
    accounting_check();
}

/* The screen, through uncached addresses of ioremap(). */
static void devices(void) {
    accounting_start();
    const volatile uint16_t *screen = phys_to_virt(phys_addr(VGA_TEXT_ADDR));
    volatile uint16_t *cells = ioremap(phys_addr(VGA_TEXT_ADDR + 2), 4096);
    if (!HAVE(cells)) return;
    CHECK_EQUAL((uint32_t)cells % PAGE_SIZE, 2);
    CHECK_EQUAL(cells[0], screen[1]);
    CHECK_EQUAL(cells[2047], screen[2048]);
    struct translation found = place_walk(address_of((const void *)cells));
    CHECK_EQUAL(found.phys.value, VGA_TEXT_ADDR + 2);
    CHECK_EQUAL(found.flags & (PTE_PCD | PTE_PWT), PTE_PCD | PTE_PWT);
    iounmap((void *)cells);
    CHECK(ioremap(phys_addr(VGA_TEXT_ADDR), 0) == NULL);
    CHECK(ioremap(phys_addr(VGA_TEXT_ADDR), RANGE + 1) == NULL);
    CHECK(ioremap(phys_addr(kernel_mm.mode->reach), PAGE_SIZE) == NULL);
    CHECK(ioremap(phys_addr(kernel_mm.mode->reach - 1), 2) == NULL);
    CHECK(ioremap(phys_addr(0x100000), PAGE_SIZE) == NULL); /* RAM: the kernel */
    CHECK(ioremap(phys_addr(0x90000), 0x30000) == NULL);    /* RAM, and then the screen */
    accounting_check();
}

static const struct test_case cases[] = {
    {"scattered_frames", scattered_frames},
    {"rights", rights},
    {"guard_pages", guard_pages},
    {"zeroed", zeroed},
    {"refused", refused},
    {"exhaustion", exhaustion},
    {"too_few_frames", too_few_frames},
    {"devices", devices},
};

const struct test_suite suite_vmalloc = TEST_SUITE("vmalloc", cases);
