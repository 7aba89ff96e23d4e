/*
 * slab_test.h: what the tests of slab caches and of kmalloc share: a machine with the real buddy
 * allocator, and a console that remembers. Included by one file of each test program, after
 * memory_test.h.
 */
#ifndef SLAB_TEST_H
#define SLAB_TEST_H

#include <cpu/backtrace.h>
#include <cpu/symbols.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/early.h>
#include <mm/reclaim.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>

#define MB 0x100000ull

/* ---- what the sources need of the kernel ---- */

static char printed[1 << 20];
static size_t printed_length;

int printk(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(printed + printed_length, sizeof printed - printed_length, format, args);
    va_end(args);
    printed_length += (size_t)length;
    if (printed_length >= sizeof printed) {
        printed_length = 0;
        fail_msg("too much printed: %.1000s", printed);
    }
    return length;
}

const char *symbol_find(uint32_t address, uint32_t *offset) {
    *offset = 1;
    return address ? "symbol" : 0;
}

void print_code_address(uint32_t address) {
    printk("%08x symbol+0x1", address);
}

size_t strlcpy(char *to, const char *from, size_t size) {
    return (size_t)(snprintf)(to, size, "%s", from);
}

/* The nth call from now on fails; 0: none. */
static unsigned fail_countdown;
unsigned failalloc_armed;

bool failalloc(void) {
    return fail_countdown && --fail_countdown == 0;
}

void kswapd_wake(enum zone_id wanted) {
    (void)wanted;
}

/* There is nothing else to give up. */
unsigned reclaim_frames(enum zone_id wanted) {
    (void)wanted;
    return slab_reclaim();
}

void page_zero(struct page *page) {
    (void)page;
    fail_msg("memory above the direct map was asked for");
}

/* ---- a machine ---- */

static uint32_t pages_free_at_start;
static unsigned reports_seen;

static void forget_reports(void) {
    reports_seen = slab_debug_reports();
    printed_length = 0;
    printed[0] = 0;
}

/* `bytes` of memory, the buddy allocator on it, and no cache but the cache of caches. */
static void machine_start(uint64_t bytes, bool debug) {
    static struct memory_range map[1];

    host_memory_new(bytes);
    map[0] = (struct memory_range){0x1000, bytes - 0x1000, MEMORY_USABLE, 1};
    early_init(map, 1);
    page_init(phys_addr(bytes), phys_addr(bytes));
    buddy_init();
    slab_debug = slab_watched = debug;
    slab_init();
    pages_free_at_start = pages_of(OWNER_FREE);
    forget_reports();
}

/* Destroys all caches: every frame must come back, and nothing be reported that a test has not
 * asked for by reported() or forget_reports(). */
static void machine_stop(void) {
    while (kmem_cache_first()->next) kmem_cache_destroy(kmem_cache_first());
    slab_reclaim();
    assert_int_equal(pages_of(OWNER_SLAB), 0);
    assert_int_equal(pages_of(OWNER_KMALLOC), 0);
    assert_int_equal(pages_of(OWNER_FREE), pages_free_at_start);
    uint32_t sum = 0;
    for (unsigned owner = 0; owner < OWNERS; owner++) sum += pages_of((enum page_owner)owner);
    assert_int_equal(sum, pages_total());
    if (slab_debug_reports() != reports_seen) fail_msg("reports: %.1000s", printed);
}

/* Takes all the memory that GFP_KERNEL can have; gives it back. */
static struct page *hoard[1 << 16];
static unsigned hoarded;

static inline void take_all_memory(void) {
    struct page *page;
    while ((page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER))) hoard[hoarded++] = page;
}

static inline void give_all_memory(void) {
    while (hoarded) free_pages(hoard[--hoarded], 0);
}

/* Takes every frame that there is, and gives every second one back: no two are neighbours. */
static inline void cut_memory_to_pieces(void) {
    struct page *page;
    unsigned odd = 0;
    while ((page = alloc_pages(__GFP_MEMALLOC, 0, OWNER_OTHER))) hoard[hoarded++] = page;
    for (unsigned i = 0; i < hoarded; i++) {
        if (page_to_pfn(hoard[i]).value % 2)
            hoard[odd++] = hoard[i];
        else
            free_pages(hoard[i], 0);
    }
    hoarded = odd;
    assert_null(alloc_pages(__GFP_MEMALLOC, 1, OWNER_OTHER));
}

/* ---- reports ---- */

static inline unsigned lines_with(const char *beginning) {
    unsigned count = 0;
    for (const char *line = printed; *line; line = strchr(line, '\n') + 1)
        if (!strncmp(line, beginning, strlen(beginning))) count++;
    return count;
}

/* Since the last call there were `count` reports, all of this kind, with both callers, and the same
 * damage is not found again. */
static inline void reported(unsigned count, const char *kind, const char *cache) {
    char line[80];

    (snprintf)(line, sizeof line, "slab: %s: cache %s, object ", kind, cache);
    if (slab_debug_check_all()) fail_msg("not repaired: %.1000s", printed);
    if (lines_with("slab: ") != count || lines_with(line) != count)
        fail_msg("not %u times %s: %.1000s", count, line, printed);
    assert_int_equal(slab_debug_reports() - reports_seen, lines_with("slab: "));
    assert_int_equal(lines_with("  allocated by "), count);
    assert_int_equal(lines_with("  freed by "), count);
    forget_reports();
}

#endif
