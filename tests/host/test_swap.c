/*
 * test_swap.c: swap areas, on the real sources: slots, the cache, headers that are refused, disks that
 * fail. What random operations do to pages that are out: test_address_space_random.c.
 */
#include "cmocka_test.h"

#include <stdlib.h>

#include "memory_test.h"
#include "process_memory.h"

#include <mm/page_view.h>

#define AT 0x10000000u
#define DISK_PAGES 200u

static struct mm_struct *mm;
static struct swap_disk *disk;

static void start(void) {
    machine_start(&paging_pae, 64 * MB);
    disk = swap_disk_make(0, DISK_PAGES);
    assert_int_equal(swap_on(&disk->device), 0);
    mm = mm_alloc();
    assert_int_equal(mm_mmap(mm, AT, 512 * PAGE_SIZE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0),
                     AT);
}

static void stop(void) {
    mm_put(mm);
    assert_int_equal(swap_cached(), 0);
    assert_int_equal(swap_off(&disk->device), 0);
    machine_stop();
}

static uint32_t page_at(uint32_t page) {
    return AT + page * PAGE_SIZE;
}

static void write_pages(struct mm_struct *to, uint32_t first, uint32_t end, uint32_t value) {
    uint32_t word;
    for (uint32_t i = first; i < end; i++)
        assert_int_equal(program_access(to, page_at(i), FAULT_WRITE, 0, value + i, &word),
                         FAULT_MENDED);
}

static enum fault_outcome read_page(struct mm_struct *from, uint32_t page, uint32_t *word) {
    return program_access(from, page_at(page), FAULT_READ, 0, 0, word);
}

static void pages_must_hold(struct mm_struct *from, uint32_t first, uint32_t end, uint32_t value) {
    uint32_t word;
    for (uint32_t i = first; i < end; i++) {
        assert_int_equal(read_page(from, i, &word), FAULT_MENDED);
        assert_int_equal(word, value + i);
    }
}

static uint32_t take_out(struct mm_struct *from, uint32_t first, uint32_t end) {
    struct tlb_gather gather;
    uint32_t out = 0;

    tlb_gather_start(&gather, &from->pt);
    for (uint32_t i = first; i < end; i++) {
        struct pte pte = pte_find(&from->pt, virt_addr(page_at(i)));
        if (pte_has_frame(pte.value))
            out += user_page_out(&gather, from, vma_find(from, page_at(i)), &pte,
                                 virt_addr(page_at(i)));
    }
    tlb_gather_finish(&gather);
    return out;
}

static uint64_t entry_of(struct mm_struct *of, uint32_t page) {
    return pte_find(&of->pt, virt_addr(page_at(page))).value;
}

static uint32_t slot_of(uint32_t page) {
    assert_true(pte_is_swapped(entry_of(mm, page)));
    return pte_swap_place(entry_of(mm, page));
}

static uint32_t in_use(void) {
    struct swap_view view;
    assert_true(swap_view(0, &view));
    return view.used;
}

/* ---- slots and requests ---- */

static void neighbours_go_and_come_together(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 64, 1000);
    assert_int_equal(take_out(mm, 0, 64), 64);
    for (uint32_t i = 1; i < 64; i++) assert_int_equal(slot_of(i), slot_of(0) + i);
    assert_int_equal(mm->rss_anon, 0);
    assert_int_equal(mm->swapped, 64);
    disk->requests = 0;
    assert_int_equal(swap_write_out(64, BLOCK_HLT), 64);
    assert_int_equal(disk->requests, 2);
    assert_int_equal(swap_cached(), 0);

    disk->requests = 0;
    pages_must_hold(mm, 0, 64, 1000);
    assert_int_equal(disk->requests, 64 / 8);
    assert_int_equal(mm->major_faults, 64 / 8);
    assert_int_equal(mm->swapped, 0);
    stop();
}

/* Read again and not written to: the copy on the disk is as good as before. */
static void clean_pages_are_not_written_again(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 8, 1);
    take_out(mm, 0, 8);
    swap_write_out(8, BLOCK_HLT);
    pages_must_hold(mm, 0, 8, 1);
    assert_int_equal(in_use(), 8);
    disk->requests = 0;
    assert_int_equal(take_out(mm, 0, 8), 8);
    assert_int_equal(swap_write_out(8, BLOCK_HLT), 8);
    assert_int_equal(disk->requests, 0);
    write_pages(mm, 0, 8, 2); /* each takes its page out of the cache */
    assert_int_equal(in_use(), 0);
    stop();
}

static void a_shared_page_is_written_and_read_once(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 1, 5);
    struct mm_struct *child = mm_fork(mm);
    assert_int_equal(take_out(mm, 0, 1), 1);
    assert_int_equal(take_out(child, 0, 1), 1);
    assert_int_equal(entry_of(mm, 0), entry_of(child, 0));
    struct page_view view = page_view(mm, vma_find(mm, AT), AT);
    assert_int_equal(view.reason, PAGE_SWAP_CACHED);
    assert_int_equal(view.users, 2);
    disk->requests = 0;
    assert_int_equal(swap_write_out(8, BLOCK_HLT), 1);
    view = page_view(mm, vma_find(mm, AT), AT);
    assert_int_equal(view.reason, PAGE_SWAPPED);
    assert_int_equal(view.users, 2);
    assert_false(mm_page_is_in_memory(mm, AT));
    pages_must_hold(child, 0, 1, 5);
    assert_true(mm_page_is_in_memory(mm, AT)); /* in the cache */
    write_pages(mm, 0, 1, 6);
    pages_must_hold(child, 0, 1, 5);
    pages_must_hold(mm, 0, 1, 6);
    assert_int_equal(disk->requests, 2);
    mm_put(child);
    assert_int_equal(in_use(), 0);
    stop();
}

static void no_slot_is_free(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 300, 1);
    assert_int_equal(take_out(mm, 0, 300), DISK_PAGES - 1);
    assert_int_equal(swap_free(), 0);
    swap_write_out(300, BLOCK_HLT);
    pages_must_hold(mm, 0, 300, 1);
    assert_int_equal(swap_total(), DISK_PAGES - 1);
    stop();
}

/* ---- what is read before memory is taken is not true any more afterwards ---- */

/* Reclaim, at the next allocation: all pages of `mm` go, and their frames. */
static void make_room(void) {
    on_allocation = NULL;
    take_out(mm, 0, 100);
    swap_write_out(100, BLOCK_HLT);
}

/* At each allocation of a call in turn. */
static unsigned allocations_left;

static void make_room_later(void) {
    if (allocations_left-- == 0) make_room();
}

/* As /proc/swaps says: one that was off and on again comes after the others. */
static void areas_are_filled_by_priority(void **state) {
    struct swap_view view;

    (void)state;
    start();
    struct swap_disk *second = swap_disk_make(1, DISK_PAGES);
    assert_int_equal(swap_on(&second->device), 0);
    assert_int_equal(swap_off(&disk->device), 0);
    assert_int_equal(swap_on(&disk->device), 0);
    write_pages(mm, 0, 10, 1);
    assert_int_equal(take_out(mm, 0, 10), 10);
    for (unsigned i = 0; i < SWAP_AREAS; i++)
        if (swap_view(i, &view)) assert_int_equal(view.used, view.device == &second->device ? 10 : 0);
    assert_int_equal(swap_off(&second->device), 0);
    pages_must_hold(mm, 0, 10, 1);
    stop();
}

static void moved_while_pages_go(void **state) {
    (void)state;
    const uint32_t to = 0x20000000; /* its table has to be made first */
    for (unsigned nth = 0; nth < 6; nth++) {
        start();
        write_pages(mm, 0, 100, 3);
        allocations_left = nth;
        on_allocation = make_room_later;
        assert_int_equal(mm_mremap(mm, AT, 100 * PAGE_SIZE, 100 * PAGE_SIZE,
                                   MREMAP_MAYMOVE | MREMAP_FIXED, to),
                         to);
        on_allocation = NULL;
        check_space(mm);
        for (uint32_t i = 0; i < 100; i++) {
            uint32_t word;
            assert_int_equal(
                program_access(mm, to + i * PAGE_SIZE, FAULT_READ, 0, 0, &word), FAULT_MENDED);
            assert_int_equal(word, 3 + i);
        }
        stop();
    }
}

static void forked_while_pages_go(void **state) {
    (void)state;
    for (unsigned nth = 0; nth < 8; nth++) {
        start();
        write_pages(mm, 0, 100, 3);
        allocations_left = nth;
        on_allocation = make_room_later;
        struct mm_struct *child = mm_fork(mm);
        on_allocation = NULL;
        check_space(mm);
        check_space(child);
        pages_must_hold(child, 0, 100, 3);
        write_pages(child, 0, 100, 4);
        pages_must_hold(mm, 0, 100, 3);
        mm_put(child);
        stop();
    }
}

static void copied_while_pages_go(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 100, 3);
    struct mm_struct *child = mm_fork(mm);
    take_out(child, 0, 100);
    on_allocation = make_room;
    write_pages(mm, 7, 8, 5); /* the copy takes memory, and so the page itself */
    assert_null(on_allocation);
    check_space(mm);
    pages_must_hold(mm, 7, 8, 5);
    pages_must_hold(child, 0, 100, 3);
    mm_put(child);
    pages_must_hold(mm, 0, 7, 3);
    stop();
}

/* ---- a disk that fails ---- */

static void one_page_cannot_be_read(void **state) {
    (void)state;
    uint32_t word;
    start();
    write_pages(mm, 0, 16, 7);
    take_out(mm, 0, 16);
    swap_write_out(16, BLOCK_HLT);
    disk->broken = slot_of(4);
    assert_int_equal(read_page(mm, 4, &word), FAULT_SWAP_READ);
    pages_must_hold(mm, 0, 4, 7);
    pages_must_hold(mm, 5, 16, 7);
    disk->broken = 0;
    pages_must_hold(mm, 4, 5, 7); /* the next time it can */

    /* Its slot is given to nobody else. */
    uint32_t bad = DISK_PAGES;
    for (uint32_t slot = 1; slot < DISK_PAGES; slot++)
        if (swap_bit(swap_areas[0].unreliable, slot)) bad = slot;
    assert_int_equal(mm_munmap(mm, AT, 16 * PAGE_SIZE), 0);
    assert_int_equal(swap_total(), DISK_PAGES - 2);
    write_pages(mm, 16, 300, 8);
    assert_int_equal(take_out(mm, 16, 300), DISK_PAGES - 2);
    for (uint32_t i = 16; i < 300; i++)
        if (pte_is_swapped(entry_of(mm, i))) assert_int_not_equal(slot_of(i), bad);
    stop();
}

static void one_page_cannot_be_written(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 40, 7);
    take_out(mm, 0, 40);
    disk->broken = slot_of(10);
    assert_int_equal(swap_write_out(40, BLOCK_HLT), 39);
    assert_int_equal(swap_cached(), 1);
    assert_int_equal(swap_write_out(40, BLOCK_HLT), 0); /* it is not tried again */
    pages_must_hold(mm, 0, 40, 7);
    write_pages(mm, 0, 40, 9);
    assert_int_equal(swap_total(), DISK_PAGES - 2);
    assert_int_equal(take_out(mm, 0, 40), 40);
    for (uint32_t i = 0; i < 40; i++) assert_int_not_equal(slot_of(i), disk->broken);
    assert_int_equal(swap_write_out(40, BLOCK_HLT), 40);
    pages_must_hold(mm, 0, 40, 9);
    stop();
}

static void a_dead_disk_gets_no_more_pages(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 100, 7);
    take_out(mm, 0, 100);
    disk->device.dead = true;
    disk->requests = 0;
    assert_int_equal(swap_write_out(100, BLOCK_HLT), 0);
    assert_in_range(disk->requests, 1, 8);
    assert_true(swap_areas[0].dead);
    disk->requests = 0;
    assert_int_equal(swap_write_out(100, BLOCK_HLT), 0);
    write_pages(mm, 100, 120, 7);
    assert_int_equal(take_out(mm, 100, 120), 0);
    pages_must_hold(mm, 0, 120, 7);
    assert_int_equal(disk->requests, 0);
    stop();
}

/* ---- on and off ---- */

static void swapoff_brings_all_back_or_nothing(void **state) {
    (void)state;
    start();
    write_pages(mm, 0, 100, 3);
    take_out(mm, 0, 100);
    swap_write_out(100, BLOCK_HLT);

    disk->broken = slot_of(50);
    assert_int_equal(swap_off(&disk->device), -EIO);
    disk->broken = 0;
    assert_true(disk->device.claimed);
    pages_must_hold(mm, 0, 20, 3);

    signal_comes = true;
    assert_int_equal(swap_off(&disk->device), -EINTR);
    signal_comes = false;
    take_out(mm, 0, 100);
    swap_write_out(100, BLOCK_HLT);
    fail_countdown = 1;
    assert_int_equal(swap_off(&disk->device), -ENOMEM);
    fail_countdown = 0;
    assert_true(disk->device.claimed);
    assert_int_equal(swap_on(&disk->device), -EBUSY);
    pages_must_hold(mm, 0, 20, 3);

    struct page *taken = NULL, *page; /* no room from the start */
    while ((page = alloc_pages(__GFP_MEMALLOC | __GFP_HIGHMEM, 0, OWNER_OTHER))) {
        page->private = taken;
        taken = page;
    }
    assert_int_equal(take_out(mm, 0, 100) > 0, true);
    swap_write_out(100, BLOCK_HLT);
    while ((page = alloc_pages(__GFP_MEMALLOC | __GFP_HIGHMEM, 0, OWNER_OTHER))) {
        page->private = taken;
        taken = page;
    }
    disk->requests = 0;
    assert_int_equal(swap_off(&disk->device), -ENOMEM);
    assert_int_equal(disk->requests, 0);
    for (; taken; taken = page) {
        page = taken->private;
        put_page(taken);
    }

    pages_must_hold(mm, 0, 60, 3);
    assert_int_equal(swap_off(&disk->device), 0);
    assert_int_equal(swap_off(&disk->device), -EINVAL);
    assert_int_equal(mm->swapped, 0);
    assert_int_equal(swap_total(), 0);
    pages_must_hold(mm, 0, 100, 3);
    assert_int_equal(swap_on(&disk->device), 0);
    stop();
}

struct damage {
    const char *what;
    size_t offset;
    uint32_t value;
    bool sum; /* make the checksum right again */
};

#define FIELD(name) offsetof(struct swap_header, name)

static void headers_are_refused(void **state) {
    (void)state;
    static const struct damage damages[] = {
        {"magic", FIELD(magic), 0x12345678, true},
        {"version", FIELD(version), 2, true},
        {"version 0", FIELD(version), 0, true},
        {"more pages than there are", FIELD(last_page), DISK_PAGES, true},
        {"no pages", FIELD(last_page), 0, true},
        {"too few", FIELD(last_page), 8, true},
        {"a wild number", FIELD(last_page), ~0u, true},
        {"bad pages", FIELD(bad_pages), 1, true},
        {"no mark", FIELD(mark), 0, true},
        {"page size", FIELD(page_bytes), 8192, true},
        {"checksum", FIELD(crc), 1, false},
        {"a bit of the label", FIELD(label), 1, false},
        {"a bit of what is not used", FIELD(unused), 1, false},
    };
    uint8_t *before = malloc(DISK_PAGES * PAGE_SIZE);

    machine_start(&paging_classic, 64 * MB);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        disk = swap_disk_make(0, DISK_PAGES);
        struct swap_header *header = (struct swap_header *)disk->bytes;
        memcpy(disk->bytes + damages[i].offset, &damages[i].value, 4);
        header->crc = damages[i].sum ? 0 : header->crc;
        if (damages[i].sum) header->crc = crc32_of(header, sizeof *header);
        memcpy(before, disk->bytes, DISK_PAGES * PAGE_SIZE);
        int error = swap_on(&disk->device);
        if (error != -EINVAL) fail_msg("%s: %d", damages[i].what, error);
        assert_memory_equal(before, disk->bytes, DISK_PAGES * PAGE_SIZE);
        assert_false(disk->device.claimed);
        assert_int_equal(swap_total(), 0);
    }
    disk = swap_disk_make(0, DISK_PAGES);
    disk->device.writable = false;
    assert_int_equal(swap_on(&disk->device), -EINVAL);
    disk->device.writable = true;
    disk->broken_header = true;
    assert_int_equal(swap_on(&disk->device), -EIO);
    disk->broken_header = false;
    for (unsigned nth = 1; nth <= 2; nth++) {
        fail_countdown = nth;
        assert_int_equal(swap_on(&disk->device), -ENOMEM);
    }
    fail_countdown = 0;
    assert_int_equal(swap_on(&disk->device), 0);
    assert_int_equal(swap_off(&disk->device), 0);
    free(before);
    machine_stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_go_and_come_together),
        cmocka_unit_test(clean_pages_are_not_written_again),
        cmocka_unit_test(a_shared_page_is_written_and_read_once),
        cmocka_unit_test(no_slot_is_free),
        cmocka_unit_test(areas_are_filled_by_priority),
        cmocka_unit_test(moved_while_pages_go),
        cmocka_unit_test(forked_while_pages_go),
        cmocka_unit_test(copied_while_pages_go),
        cmocka_unit_test(one_page_cannot_be_read),
        cmocka_unit_test(one_page_cannot_be_written),
        cmocka_unit_test(a_dead_disk_gets_no_more_pages),
        cmocka_unit_test(swapoff_brings_all_back_or_nothing),
        cmocka_unit_test(headers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
