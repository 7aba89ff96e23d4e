/*
 * test_clock.c: which pages of programs go when memory is short, on real page tables, with a
 * processor that sets A and D and a TLB that forgets only when told to; and programs that have less
 * memory than they use. Classic and PAE.
 */
#include "cmocka_test.h"

#include "memory_test.h"
#include "process_memory.h"

#include <mm/clock.h>
#include <mm/page_view.h>

#define AT 0x40000000u
#define RW (PROT_READ | PROT_WRITE)
#define FIXED (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define ESP_ELSEWHERE 0xBFFFF000u
#define SLOTS 2048u
#define ALL 100000u

static struct swap_disk *disk;
static uint32_t scanned;

static int start_with(const struct paging_mode *mode, uint64_t bytes) {
    machine_start(mode, bytes);
    disk = swap_disk_make(0, SLOTS + 1);
    assert_int_equal(swap_on(&disk->device), 0);
    swap_counts = (struct swap_counts){0, 0};
    return 0;
}

static int start_classic(void **state) {
    (void)state;
    return start_with(&paging_classic, 64 * MB);
}

static int start_pae(void **state) {
    (void)state;
    return start_with(&paging_pae, 64 * MB);
}

/* The smallest machine with descriptors, of which all but FRAMES_LEFT are gone. */
#define FRAMES_LEFT 900u
static struct page *held;

static void hold_all_but(uint32_t frames) {
    while (pages_of(OWNER_FREE) > frames) {
        struct page *page = alloc_pages(__GFP_MEMALLOC, 0, OWNER_OTHER);
        page->private = held;
        held = page;
    }
}

static int small_classic(void **state) {
    (void)state;
    start_with(&paging_classic, 16 * MB);
    hold_all_but(FRAMES_LEFT);
    return 0;
}

static int small_pae(void **state) {
    (void)state;
    start_with(&paging_pae, 16 * MB);
    hold_all_but(FRAMES_LEFT);
    return 0;
}

static void let_go(void) {
    while (held) {
        struct page *page = held;
        held = page->private;
        put_page(page);
    }
}

/* Nothing is left: no space, no slot, no frame. */
static int stop(void **state) {
    (void)state;
    let_go();
    assert_null(mm_first());
    assert_int_equal(swap_free(), swap_total());
    assert_int_equal(swap_cached(), 0);
    assert_int_equal(swap_off(&disk->device), 0);
    machine_stop();
    return 0;
}

/* ---- programs ---- */

static struct mm_struct *space(uint32_t pages) {
    struct mm_struct *mm = mm_alloc();

    assert_non_null(mm);
    mm->mmap_base = 0xB0000000u;
    assert_int_equal(mm_mmap(mm, AT, pages * PAGE_SIZE, RW, FIXED, NULL, 0), AT);
    return mm;
}

static void store(struct mm_struct *mm, uint32_t page, uint32_t value) {
    uint32_t word;
    assert_int_equal(
        program_access(mm, AT + page * PAGE_SIZE, FAULT_WRITE, ESP_ELSEWHERE, value, &word),
        FAULT_MENDED);
}

static uint32_t load(struct mm_struct *mm, uint32_t page) {
    uint32_t word = 0;
    assert_int_equal(program_access(mm, AT + page * PAGE_SIZE, FAULT_READ, ESP_ELSEWHERE, 0, &word),
                     FAULT_MENDED);
    return word;
}

static void store_all(struct mm_struct *mm, uint32_t pages, uint32_t value) {
    for (uint32_t page = 0; page < pages; page++) store(mm, page, value + page);
}

static void check_all(struct mm_struct *mm, uint32_t pages, uint32_t value) {
    for (uint32_t page = 0; page < pages; page++) assert_int_equal(load(mm, page), value + page);
}

static struct pte entry(const struct mm_struct *mm, uint32_t page) {
    return pte_find(&mm->pt, virt_addr(AT + page * PAGE_SIZE));
}

static bool is_out(const struct mm_struct *mm, uint32_t page) {
    return pte_is_swapped(entry(mm, page).value);
}

static uint32_t count_out(const struct mm_struct *mm, uint32_t pages) {
    uint32_t out = 0;
    for (uint32_t page = 0; page < pages; page++) out += is_out(mm, page);
    assert_int_equal(out, mm->swapped);
    return out;
}

static unsigned take_out(unsigned pages) {
    return clock_take_out(pages, ZONE_HIGHMEM, &scanned);
}

/* ---- the hand ---- */

/* All have A: the hand clears it, and takes the first ones the second time. From there it goes on. */
static void the_hand_goes_round(void **state) {
    (void)state;
    struct mm_struct *mm = space(64);

    store_all(mm, 64, 1);
    assert_int_equal(take_out(8), 8);
    for (uint32_t page = 0; page < 64; page++) assert_int_equal(is_out(mm, page), page < 8);
    assert_ptr_equal(clock_hand().mm, mm);
    assert_int_equal(clock_hand().address, AT + 8 * PAGE_SIZE);
    scanned = 0;
    assert_int_equal(take_out(8), 8);
    assert_int_equal(scanned, 8);
    for (uint32_t page = 0; page < 64; page++) assert_int_equal(is_out(mm, page), page < 16);
    check_all(mm, 64, 1); /* all have A again, also those behind the hand */
    assert_int_equal(clock_hand().address, AT + 16 * PAGE_SIZE);
    assert_int_equal(take_out(ALL), 64);
    assert_int_equal(count_out(mm, 64), 64);
    assert_int_equal(take_out(1), 0);
    check_all(mm, 64, 1);
    mm_put(mm);
}

/* What was used since the hand was there stays: the processor has set A again, which it does only if
 * the TLB has forgotten the page. In the space that is loaded and in another. */
static void what_is_used_stays(void **state) {
    (void)state;
    struct mm_struct *spaces[] = {space(64), space(64)};

    mm_load(&spaces[0]->pt);
    store_all(spaces[0], 64, 1);
    store_all(spaces[1], 64, 100);
    assert_int_equal(take_out(1), 1);
    for (uint32_t page = 0; page < 64; page += 2) (void)load(spaces[0], page);
    mm_load(&spaces[1]->pt);
    for (uint32_t page = 0; page < 64; page += 2) (void)load(spaces[1], page);
    assert_int_equal(take_out(40), 40);
    for (unsigned i = 0; i < 2; i++)
        for (uint32_t page = 2; page < 64; page += 2) assert_false(is_out(spaces[i], page));
    check_all(spaces[0], 64, 1);
    check_all(spaces[1], 64, 100);
    for (unsigned i = 0; i < 2; i++) mm_put(spaces[i]);
}

/* Nothing of a page that is out is left in the TLB of the space that is loaded: the fake fails if there
 * is. Many pages, and few. */
static void what_goes_is_flushed(void **state) {
    (void)state;
    struct mm_struct *mm = space(256);

    mm_load(&mm->pt);
    for (uint32_t round = 0; round < 3; round++) {
        store_all(mm, 256, round);
        assert_int_equal(take_out(round ? 200 : 3), round ? 200 : 3);
        check_all(mm, 256, round);
    }
    mm_put(mm);
}

static void all_spaces_have_their_turn(void **state) {
    (void)state;
    struct mm_struct *spaces[4];

    for (uint32_t i = 0; i < 4; i++) {
        spaces[i] = space(32);
        store_all(spaces[i], 32, 100 * i);
    }
    for (unsigned i = 0; i < 8; i++) assert_int_equal(take_out(16), 16);
    for (uint32_t i = 0; i < 4; i++) assert_int_equal(count_out(spaces[i], 32), 32);
    for (uint32_t i = 0; i < 4; i++) {
        check_all(spaces[i], 32, 100 * i);
        check_space(spaces[i]);
        mm_put(spaces[i]);
    }
}

/* Any of the spaces, while the hand is in any of them. */
static void a_space_ends_under_the_hand(void **state) {
    (void)state;
    for (uint32_t under = 0; under < 3; under++) {
        struct mm_struct *spaces[3];
        for (uint32_t i = 0; i < 3; i++) {
            spaces[i] = space(32);
            store_all(spaces[i], 32, 100 * i);
        }
        for (unsigned tries = 0; clock_hand().mm != spaces[under]; tries++) {
            assert_true(tries < 200);
            (void)take_out(1);
        }
        const struct mm_struct *next = spaces[under]->next_space;
        mm_put(spaces[under]);
        assert_ptr_equal(clock_hand().mm, next);
        assert_int_equal(clock_hand().address, 0);
        (void)take_out(ALL);
        for (uint32_t i = 0; i < 3; i++) {
            if (i == under) continue;
            check_all(spaces[i], 32, 100 * i);
            mm_put(spaces[i]);
        }
    }
}

/* An allocation that needs a frame below 16 MB is not helped by others. */
static void only_frames_that_help(void **state) {
    (void)state;
    const uint32_t pages = 1024;
    struct mm_struct *mm = space(pages);
    struct page *below[4096];
    uint32_t taken = 0;

    while (taken < 4096 && (below[taken] = alloc_pages(GFP_DMA, 0, OWNER_OTHER))) taken++;
    store_all(mm, pages / 2, 1); /* above, all of them */
    while (taken > 64) free_pages(below[--taken], 0);
    for (uint32_t page = pages / 2; page < pages; page++) {
        struct page *frame = alloc_pages(GFP_DMA, 0, OWNER_USER);
        assert_non_null(frame);
        struct pte pte = pte_make(&mm->pt, virt_addr(AT + page * PAGE_SIZE), PT_LAST);
        pte_set(&mm->pt, &pte, page_to_phys(frame).value | PTE_PRESENT | PTE_WRITE | PTE_USER);
        user_page_count(mm, frame, 1);
    }
    assert_int_equal(clock_take_out(ALL, ZONE_DMA, &scanned), pages / 2);
    for (uint32_t page = 0; page < pages; page++)
        assert_int_equal(is_out(mm, page), page >= pages / 2);
    while (taken) free_pages(below[--taken], 0);
    mm_put(mm);
}

/* ---- the way out and back ---- */

/* One that only was read is not written a second time; one that was written to is. */
static void a_good_copy_is_not_written_again(void **state) {
    (void)state;
    struct mm_struct *mm = space(64);

    store_all(mm, 64, 1);
    assert_int_equal(take_out(ALL), 64);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 64);
    assert_int_equal(swap_counts.out, 64);
    check_all(mm, 64, 1);
    assert_int_equal(swap_counts.in, 64);
    for (uint32_t page = 0; page < 8; page++) store(mm, page, 200 + page);
    assert_int_equal(take_out(ALL), 64);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 64);
    assert_int_equal(swap_counts.out, 64 + 8);
    for (uint32_t page = 0; page < 64; page++)
        assert_int_equal(load(mm, page), page < 8 ? 200 + page : 1 + page);
    mm_put(mm);
}

/* Written once, read once, and each has its own afterwards. */
static void what_is_shared_goes_once(void **state) {
    (void)state;
    struct mm_struct *parent = space(64), *child;

    store_all(parent, 64, 1);
    child = mm_fork(parent);
    assert_non_null(child);
    assert_int_equal(take_out(64), 64);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 0); /* the other still has them */
    assert_int_equal(take_out(ALL), 64);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 64);
    assert_int_equal(swap_counts.out, 64);
    store_all(child, 64, 1000);
    check_all(parent, 64, 1);
    assert_int_equal(swap_counts.in, 64);
    check_all(child, 64, 1000);
    check_space(parent);
    check_space(child);
    mm_put(parent);
    check_all(child, 64, 1000);
    mm_put(child);
}

/* As many processes have the same pages as one pass takes entries out. */
static void what_many_share_is_not_the_end_of_memory(void **state) {
    (void)state;
    struct mm_struct *spaces[40] = {space(200)};

    store_all(spaces[0], 200, 1);
    for (uint32_t i = 1; i < 40; i++) spaces[i] = mm_fork(spaces[0]);
    for (uint32_t freed = 0; freed < 200;) {
        uint32_t now = reclaim_frames(ZONE_HIGHMEM);
        assert_true(now > 0);
        freed += now;
    }
    assert_int_equal(swap_counts.out, 200);
    assert_int_equal(reclaim_frames(ZONE_HIGHMEM), 0);
    for (uint32_t i = 0; i < 40; i++) {
        check_all(spaces[i], 200, 1);
        mm_put(spaces[i]);
    }
}

static void hidden_pages_go_too(void **state) {
    (void)state;
    struct mm_struct *mm = space(32);

    store_all(mm, 32, 1);
    assert_int_equal(mm_mprotect(mm, AT, 32 * PAGE_SIZE, PROT_NONE), 0);
    assert_int_equal(take_out(ALL), 32);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 32);
    assert_int_equal(mm_mprotect(mm, AT, 32 * PAGE_SIZE, RW), 0);
    check_all(mm, 32, 1);
    mm_put(mm);
}

/* mlockall(MCL_FUTURE): a map, the heap and the stack's new pages are as if locked each; not those of a child,
 * and no more after munlockall(). */
static void what_comes_after_mlockall_stays(void **state) {
    (void)state;
    struct mm_struct *mm = mm_alloc();
    uint32_t word;

    mm->start_brk = mm->brk = AT + 64 * PAGE_SIZE;
    assert_int_equal(mm_set_stack(mm, AT + 1024 * PAGE_SIZE, PAGE_SIZE), 0);
    assert_int_equal(mm_lock_all(mm, MCL_FUTURE), 0);
    assert_true(mm->populates);
    assert_int_equal(mm_mmap(mm, AT, 16 * PAGE_SIZE, RW, FIXED, NULL, 0), AT);
    assert_int_equal(mm_brk(mm, AT + 72 * PAGE_SIZE), AT + 72 * PAGE_SIZE);
    store_all(mm, 16, 1);
    for (uint32_t page = 64; page < 72; page++) store(mm, page, 1 + page);
    for (uint32_t page = 1023; page > 1015; page--) store(mm, page, 1 + page);
    assert_int_equal(mm_locked_pages(mm), 16 + 8 + 8);
    assert_int_equal(mm_madvise(mm, AT, 16 * PAGE_SIZE, MADV_DONTNEED), -EINVAL);
    assert_int_equal(mm_madvise(mm, AT, 16 * PAGE_SIZE, MADV_FREE), -EINVAL);
    assert_int_equal(load(mm, 15), 16);
    assert_int_equal(take_out(ALL), 0);

    struct mm_struct *child = mm_fork(mm);
    assert_false(child->populates);
    assert_int_equal(mm_locked_pages(child), 0);
    assert_int_equal(mm_mmap(child, AT + 32 * PAGE_SIZE, PAGE_SIZE, RW, FIXED, NULL, 0),
                     AT + 32 * PAGE_SIZE);
    assert_int_equal(mm_locked_pages(child), 0);
    assert_int_equal(take_out(ALL), 32);
    mm_put(child);

    assert_int_equal(mm_lock_all(mm, 0), 0);
    assert_int_equal(mm_locked_pages(mm), 0);
    assert_int_equal(mm_mmap(mm, AT + 32 * PAGE_SIZE, PAGE_SIZE, RW, FIXED, NULL, 0),
                     AT + 32 * PAGE_SIZE);
    assert_int_equal(mm_locked_pages(mm), 0);
    assert_int_equal(take_out(ALL), 32);
    assert_int_equal(program_access(mm, AT, FAULT_READ, ESP_ELSEWHERE, 0, &word), FAULT_MENDED);
    assert_int_equal(mm_lock_all(mm, MCL_CURRENT), 0);
    assert_false(mm->populates);
    assert_int_equal(mm->swapped, 0); /* all are in memory again */
    mm_put(mm);
}

/* Pages of tmpfs: entries go one by one, and with the last the page gets a slot; it comes back as it was for all, by
 * the file, and the slot is free again. */
static void what_several_have_goes_with_the_last(void **state) {
    (void)state;
    struct mm_struct *mm = mm_alloc();
    struct file *file = file_new(64, true);

    assert_int_equal(mm_mmap(mm, AT, 64 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, file, 0), AT);
    store_all(mm, 64, 1);
    struct mm_struct *child = mm_fork(mm);
    assert_int_equal(mm_lock(mm, AT, AT + 64 * PAGE_SIZE, true), 0);
    assert_int_equal(take_out(ALL), 63); /* of the child; its table keeps one */
    assert_int_equal(swap_free(), swap_total());
    assert_int_equal(mm_lock(mm, AT, AT + 64 * PAGE_SIZE, false), 0);
    assert_int_equal(take_out(ALL), 63);
    assert_int_equal(mm->rss_shmem + child->rss_shmem, 2);
    assert_int_equal(mm->swapped, 0); /* as in Linux: VmSwap is of what nobody else has */
    assert_int_equal(swap_total() - swap_free(), 63);
    assert_true(mm_page_is_in_memory(mm, AT)); /* in the swap cache */
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 63);
    assert_false(mm_page_is_in_memory(mm, AT));
    assert_int_equal(pages_of(OWNER_SHMEM), 1);
    store(child, 0, 500);
    assert_int_equal(load(mm, 0), 500);
    assert_int_equal(mm->major_faults, 0);
    assert_int_equal(child->major_faults, 1);
    for (uint32_t page = 1; page < 64; page++) assert_int_equal(load(mm, page), 1 + page);
    assert_int_equal(swap_free(), swap_total());
    mm_put(child);
    mm_put(mm);
    file_put(file);
}

/* Files that were only written to: no entry leads to them. What was read lately goes a round later. */
static void what_nobody_has_mapped_goes(void **state) {
    (void)state;
    struct file *file = file_new(200, true);
    struct page *page;

    for (uint32_t i = 0; i < 200; i++) {
        file->content[i] = 7 + i;
        assert_int_equal(file_page(file, i, BLOCK_HLT, &page), 0);
        if (i % 2) page->flags |= PG_REFERENCED;
        put_page(page);
    }
    assert_int_equal(shmem_swap_out(ALL, ZONE_HIGHMEM, 200), 100);
    assert_int_equal(shmem_swap_out(ALL, ZONE_HIGHMEM, 200), 100);
    assert_int_equal(pages_of(OWNER_SHMEM), 0);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 200);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(file_page(file, i, BLOCK_HLT, &page), 0);
        assert_int_equal(*(uint32_t *)page_address(page), 7 + i);
        put_page(page);
    }
    assert_int_equal(swap_free(), swap_total());
    file_put(file);
}

/* What people are shown of a page that the file alone has: where it is, and not that nobody has touched it. */
static void a_page_that_the_file_has_out_is_seen(void **state) {
    (void)state;
    struct mm_struct *mm = mm_alloc();
    struct file *file = file_new(64, true);

    assert_int_equal(mm_mmap(mm, AT, 64 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, file, 0), AT);
    const struct vm_area_struct *area = vma_find(mm, AT);
    store(mm, 20, 7);
    store(mm, 40, 8);
    store(mm, 41, 9);
    assert_int_equal(take_out(ALL), 2); /* its table keeps one */
    struct page_view view = page_view(mm, area, AT);
    assert_int_equal(view.reason, PAGE_NOT_TOUCHED);
    assert_int_equal(view.end, AT + 20 * PAGE_SIZE);
    view = page_view(mm, area, view.end);
    assert_int_equal(view.reason, PAGE_SWAP_CACHED);
    assert_int_equal(view.users, 1);
    assert_int_equal(view.end, AT + 21 * PAGE_SIZE);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), 2);
    view = page_view(mm, area, AT + 20 * PAGE_SIZE);
    assert_int_equal(view.reason, PAGE_SWAPPED);
    assert_int_equal(view.users, 1);
    assert_true(view.slot > 0);
    assert_int_equal(page_view(mm, area, AT + 30 * PAGE_SIZE).end, AT + 40 * PAGE_SIZE);
    assert_int_equal(page_view(mm, area, AT + 41 * PAGE_SIZE).reason, PAGE_OF_FILE);
    assert_int_equal(page_view(mm, area, AT + 50 * PAGE_SIZE).end, AT + 64 * PAGE_SIZE);
    mm_put(mm);
    file_put(file);
}

/* As many pages of files were read lately as one call does not look at: there is memory all the same. */
static void what_was_read_lately_is_not_the_end_of_memory(void **state) {
    (void)state;
    struct file *files[4];
    struct page *page;

    for (unsigned i = 0; i < 4; i++) {
        files[i] = file_new(200, true);
        for (uint32_t index = 0; index < 200; index++) {
            assert_int_equal(file_page(files[i], index, BLOCK_HLT, &page), 0);
            page->flags |= PG_REFERENCED;
            put_page(page);
        }
    }
    for (uint32_t freed = 0; freed < 800;) {
        uint32_t now = reclaim_frames(ZONE_HIGHMEM);
        assert_true(now > 0);
        freed += now;
    }
    assert_int_equal(reclaim_frames(ZONE_HIGHMEM), 0);
    for (unsigned i = 0; i < 4; i++) file_put(files[i]);
}

/* From the first space on: all of them have two turns, not only the first. */
static void all_spaces_have_two_turns(void **state) {
    (void)state;
    struct mm_struct *used = space(64), *stays = space(64);

    assert_int_equal(mm_lock_all(stays, MCL_CURRENT), 0);
    assert_ptr_equal(mm_first(), stays);
    store_all(used, 64, 1);
    assert_null(clock_hand().mm);
    assert_int_equal(take_out(8), 8);
    mm_put(used);
    mm_put(stays);
}

/* Pages of a file on a disk are let go, and read again; but one in each table. Those of files that are
 * nowhere else stay, and so does the page of zeros. */
static void files(void **state) {
    (void)state;
    struct mm_struct *mm = mm_alloc();
    struct file *file = file_new(64, false), *ramfs = file_new(64, true);

    file->on_disk = true;
    file_on_disk = file;
    shmem_end(&ramfs->shmem); /* so its pages stay */
    for (uint32_t i = 0; i < 64; i++) file->content[i] = ramfs->content[i] = 1 + i;
    assert_int_equal(mm_mmap(mm, AT, 64 * PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0),
                     AT);
    check_all(mm, 64, 1);
    assert_int_equal(take_out(ALL), 63);
    assert_int_equal(file_cache_reclaim(ALL), 63);
    assert_int_equal(mm->rss_file, 1);
    check_all(mm, 64, 1);
    assert_int_equal(
        mm_mmap(mm, AT, 64 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, ramfs, 0), AT);
    check_all(mm, 64, 1);
    assert_int_equal(take_out(ALL), 0);
    assert_int_equal(mm_mmap(mm, AT, 64 * PAGE_SIZE, RW, FIXED, NULL, 0), AT);
    for (uint32_t page = 0; page < 64; page++) assert_int_equal(load(mm, page), 0);
    assert_int_equal(take_out(ALL), 0);
    mm_put(mm);
    file_on_disk = NULL;
    file_put(file);
    file_put(ramfs);
}

/* Pages of a file, two in each of many tables. */
#define TABLES 100u
#define TABLE_BYTES (4u * MB)

static struct mm_struct *in_many_tables(struct file *file) {
    struct mm_struct *mm = space(1);

    file->on_disk = true;
    file_on_disk = file;
    for (uint32_t i = 0; i < TABLES; i++) {
        const uint32_t at = AT + i * TABLE_BYTES;
        assert_int_equal(mm_mmap(mm, at, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file,
                                 2 * i),
                         at);
    }
    return mm;
}

static void touch_all(struct mm_struct *mm, uint32_t at) {
    uint32_t word;

    for (uint32_t i = 0; i < 2 * TABLES; i++)
        assert_int_equal(program_access(mm, at + i / 2 * TABLE_BYTES + i % 2 * PAGE_SIZE,
                                        FAULT_READ, ESP_ELSEWHERE, 0, &word),
                         FAULT_MENDED);
}

static void end_of(struct mm_struct *mm, struct file *file) {
    mm_put(mm);
    file_on_disk = NULL;
    file_put(file);
}

/* The table that fork() makes for the child takes the memory of the page that was to be copied to it. */
static void a_page_goes_when_it_is_to_be_copied(void **state) {
    (void)state;
    struct file *file = file_new(2 * TABLES, false);
    struct mm_struct *mm = in_many_tables(file), *children[20];
    const uint32_t tables = pages_of(OWNER_PAGE_TABLE);

    for (uint32_t round = 0; round < 10; round++) {
        uint32_t forks = 0;
        touch_all(mm, AT);
        while ((children[forks] = mm_fork(mm))) assert_true(++forks < 20);
        check_space(mm);
        while (forks) {
            check_space(children[--forks]);
            mm_put(children[forks]);
        }
    }
    touch_all(mm, AT);
    assert_int_equal(pages_of(OWNER_PAGE_TABLE), tables + TABLES);
    end_of(mm, file);
}

/* The same where mremap() makes a table: nothing stays of it that nobody would free. */
static void a_page_goes_when_it_is_to_be_moved(void **state) {
    const uint32_t tables = pages_of(OWNER_PAGE_TABLE);

    (void)state;
    for (uint32_t round = 0; round < 10; round++) {
        struct file *file = file_new(2 * TABLES, false);
        struct mm_struct *mm = in_many_tables(file);
        touch_all(mm, AT);
        hold_all_but(zone_stats(ZONE_DMA)->min + round);
        for (uint32_t i = 0; i < TABLES; i++) {
            const uint32_t from = AT + i * TABLE_BYTES, to = from + TABLE_BYTES / 2;
            assert_int_equal(mm_mremap(mm, from, PAGE_SIZE, PAGE_SIZE,
                                       MREMAP_MAYMOVE | MREMAP_FIXED, to),
                             (int32_t)to);
        }
        check_space(mm);
        end_of(mm, file);
        assert_int_equal(pages_of(OWNER_PAGE_TABLE), tables);
        let_go();
    }
}

/* Without a slot nothing goes, and the hand stops all the same. */
static void no_slot_is_left(void **state) {
    (void)state;
    struct mm_struct *mm = space(SLOTS + 100);

    store_all(mm, SLOTS + 100, 1);
    assert_int_equal(take_out(ALL), SLOTS);
    assert_int_equal(take_out(ALL), 0);
    assert_int_equal(swap_free(), 0);
    mm_put(mm);
    assert_int_equal(swap_free(), SLOTS);
}

static void without_swap_nothing_goes(void **state) {
    (void)state;
    struct mm_struct *mm;

    assert_int_equal(swap_off(&disk->device), 0);
    mm = space(32);
    store_all(mm, 32, 1);
    assert_int_equal(reclaim_frames(ZONE_NORMAL), 0);
    assert_int_equal(take_out(ALL), 0);
    check_all(mm, 32, 1);
    mm_put(mm);
    assert_int_equal(swap_on(&disk->device), 0);
}

/* ---- less memory than is used ---- */

#define IDLE_PAGES 600u
static struct mm_struct *grows;

/* A program that wants more than is left, while swap_off() is at work. */
static void want_more(void) {
    uint32_t word, page = 0;
    enum fault_outcome outcome = FAULT_MENDED;

    other_task = NULL;
    for (; outcome == FAULT_MENDED; page++)
        outcome = program_access(grows, AT + page * PAGE_SIZE, FAULT_WRITE, ESP_ELSEWHERE, 1 + page,
                                 &word);
    assert_int_equal(outcome, FAULT_OUT_OF_MEMORY);
    assert_true(swap_off_refuse());
    assert_false(swap_off_refuse());
    store_all(grows, FRAMES_LEFT, 1);
}

/* There was room when it began. Nobody ends for it: it is refused. */
static void swap_does_not_end_when_memory_runs_out(void **state) {
    (void)state;
    struct mm_struct *idle = space(IDLE_PAGES);

    store_all(idle, IDLE_PAGES, 1);
    assert_int_equal(take_out(ALL), IDLE_PAGES);
    assert_int_equal(swap_write_out(ALL, BLOCK_HLT), IDLE_PAGES);
    grows = space(FRAMES_LEFT);
    other_task = want_more;
    assert_int_equal(swap_off(&disk->device), -ENOMEM);
    check_all(grows, FRAMES_LEFT, 1);
    check_all(idle, IDLE_PAGES, 1);
    check_space(grows);
    check_space(idle);
    mm_put(grows);
    mm_put(idle);
}

static void a_program_larger_than_memory(void **state) {
    const uint32_t pages = 2000;
    struct mm_struct *mm = space(pages);

    (void)state;
    mm_load(&mm->pt);
    reclaim_counts = (struct reclaim_counts){0};
    for (uint32_t pass = 0; pass < 3; pass++) {
        store_all(mm, pages, pass * 10000);
        check_all(mm, pages, pass * 10000);
    }
    assert_true(swap_counts.out >= pages && swap_counts.in >= pages);
    assert_true(reclaim_counts.stalls > 0);
    assert_true(reclaim_counts.direct.stolen >= pages);
    assert_int_equal(count_out(mm, pages), mm->swapped);
    check_space(mm);
    mm_put(mm);
}

#define SPACES 6
#define SPACE_PAGES 300u

/* Programs that come, write, read, fork, hide and end; what each page must hold is known. */
static void many_programs_at_random(void **state) {
    static uint32_t wanted[SPACES][SPACE_PAGES];
    struct mm_struct *spaces[SPACES] = {NULL};

    (void)state;
    random_state = 11;
    for (uint32_t step = 1; step <= 60000; step++) {
        uint32_t which = random_below(SPACES), page = random_below(SPACE_PAGES);
        uint32_t what = random_below(1000), other = random_below(SPACES);
        if (!spaces[which]) {
            spaces[which] = space(SPACE_PAGES);
            memset(wanted[which], 0, sizeof wanted[which]);
        }
        struct mm_struct *mm = spaces[which];
        if (what < 300) mm_load(&mm->pt);
        if (what < 500) {
            store(mm, page, wanted[which][page] = step);
        } else if (what < 990) {
            assert_int_equal(load(mm, page), wanted[which][page]);
        } else if (what < 994 && !spaces[other]) {
            spaces[other] = mm_fork(mm);
            memcpy(wanted[other], wanted[which], sizeof wanted[which]);
        } else if (what < 996) {
            assert_int_equal(mm_mprotect(mm, AT, SPACE_PAGES * PAGE_SIZE, PROT_NONE), 0);
            (void)take_out(random_below(200));
            assert_int_equal(mm_mprotect(mm, AT, SPACE_PAGES * PAGE_SIZE, RW), 0);
        } else if (what < 998) {
            check_space(mm);
            mm_put(mm);
            spaces[which] = NULL;
        } else {
            (void)take_out(random_below(300));
            (void)swap_write_out(random_below(300), BLOCK_HLT);
        }
    }
    assert_true(swap_counts.out > 5000 && swap_counts.in > 5000);
    for (uint32_t i = 0; i < SPACES; i++) {
        for (uint32_t page = 0; spaces[i] && page < SPACE_PAGES; page++)
            assert_int_equal(load(spaces[i], page), wanted[i][page]);
        if (spaces[i]) mm_put(spaces[i]);
    }
}

int main(void) {
#define TEST(name)                                           \
    {#name " (classic)", name, start_classic, stop, NULL}, { \
#name " (PAE)", name, start_pae, stop, NULL          \
    }
#define SMALL(name)                                          \
    {#name " (classic)", name, small_classic, stop, NULL}, { \
#name " (PAE)", name, small_pae, stop, NULL          \
    }
    const struct CMUnitTest tests[] = {
        TEST(the_hand_goes_round),
        TEST(what_is_used_stays),
        TEST(what_goes_is_flushed),
        TEST(all_spaces_have_their_turn),
        TEST(a_space_ends_under_the_hand),
        TEST(only_frames_that_help),
        TEST(a_good_copy_is_not_written_again),
        TEST(what_is_shared_goes_once),
        TEST(what_many_share_is_not_the_end_of_memory),
        TEST(hidden_pages_go_too),
        TEST(what_comes_after_mlockall_stays),
        TEST(what_several_have_goes_with_the_last),
        TEST(what_nobody_has_mapped_goes),
        TEST(a_page_that_the_file_has_out_is_seen),
        TEST(what_was_read_lately_is_not_the_end_of_memory),
        TEST(all_spaces_have_two_turns),
        TEST(files),
        TEST(no_slot_is_left),
        TEST(without_swap_nothing_goes),
        SMALL(a_page_goes_when_it_is_to_be_copied),
        SMALL(a_page_goes_when_it_is_to_be_moved),
        SMALL(swap_does_not_end_when_memory_runs_out),
        SMALL(a_program_larger_than_memory),
        SMALL(many_programs_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
