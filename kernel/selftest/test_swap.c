/*
 * test_swap.c: pages that go to the swap partition of this machine's disk, by whatever driver it has, and
 * come back when the kernel touches them; and swapoff, which brings back the rest.
 */
#include <ascent/swap_header.h>
#include <lib/errno.h>
#include <mm/reclaim.h>
#include <mm/uaccess.h>
#include <mm/user_pages.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/thread.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

#define AT 0x40000000u
#define PAGES 80u /* several clusters */

static struct block_device *device;
static bool ended;

static struct block_device *swap_partition(void) {
    struct block_device *found = block_devices;

    while (found && !(found->type == SWAP_PARTITION_TYPE && found->writable && !found->claimed))
        found = found->next;
    if (!found) test_skip("no swap partition");
    return found;
}

static void enter(struct mm_struct *space) {
    current->mm = space;
    mm_load(space ? &space->pt : &kernel_mm);
}

static bool write_all(uint32_t value) {
    for (uint32_t i = 0; i < PAGES; i++)
        if (put_user(AT + i * PAGE_SIZE + 4 * i, value + i)) return false;
    return true;
}

static bool read_all(uint32_t value) {
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t word = 0;
        if (get_user(&word, AT + i * PAGE_SIZE + 4 * i) || word != value + i) return false;
    }
    return true;
}

/* As the clock does it. Answers how many went. */
static uint32_t take_out(struct mm_struct *mm) {
    const struct vm_area_struct *area = vma_find(mm, AT);
    struct tlb_gather gather;
    uint32_t out = 0;

    tlb_gather_start(&gather, &mm->pt);
    for (uint32_t at = AT; at < AT + PAGES * PAGE_SIZE; at += PAGE_SIZE) {
        struct pte pte = pte_find(&mm->pt, virt_addr(at));
        if (pte_has_frame(pte.value)) out += user_page_out(&gather, mm, area, &pte, virt_addr(at));
    }
    tlb_gather_finish(&gather);
    return out;
}

static void out_and_in(struct mm_struct *mm) {
    if (!HAVE(write_all(1000))) return;
    CHECK_EQUAL(take_out(mm), PAGES);
    CHECK_EQUAL(swap_write_out(PAGES, BLOCK_HLT), PAGES);
    CHECK_EQUAL(mm->swapped, PAGES);
    CHECK_EQUAL(swap_total() - swap_free(), PAGES);
    CHECK_EQUAL(swap_cached(), 0);
    if (!HAVE(read_all(1000))) return;
    CHECK_EQUAL(mm->swapped, 0);
    CHECK(mm->major_faults >= PAGES / 32 && mm->major_faults <= PAGES);
}

/* Half-way out when the child appears; each writes, and neither sees what the other wrote. */
static void out_and_fork(struct mm_struct *mm) {
    if (!HAVE(write_all(2000))) return;
    take_out(mm);
    swap_write_out(PAGES / 2, BLOCK_HLT);
    struct mm_struct *child = mm_fork(mm);
    if (!HAVE(child)) return;
    CHECK_EQUAL(child->swapped, mm->swapped);
    CHECK(write_all(3000));
    enter(child);
    CHECK(read_all(2000));
    CHECK(write_all(4000));
    take_out(child);
    swap_write_out(PAGES, BLOCK_HLT);
    enter(mm);
    CHECK(read_all(3000));
    mm_put(child);
}

/* Rights do not reach pages that are out; they hold when these come back. */
static void out_and_protect(struct mm_struct *mm) {
    if (!HAVE(write_all(5000))) return;
    take_out(mm);
    swap_write_out(PAGES, BLOCK_HLT);
    CHECK_EQUAL(mm_mprotect(mm, AT, PAGES * PAGE_SIZE, PROT_READ), 0);
    if (!HAVE(read_all(5000))) return;
    CHECK_EQUAL(put_user(AT, 1), -EFAULT);
    CHECK_EQUAL(mm_mprotect(mm, AT, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
    if (!HAVE(write_all(6000))) return;
    take_out(mm);
    CHECK_EQUAL(swap_off(device), 0); /* from the cache, as well as from the disk */
    CHECK_EQUAL(mm->swapped, 0);
    if (!HAVE(read_all(6000))) return;
}

static void body(struct mm_struct *mm) {
    CHECK_EQUAL(mm_mmap(mm, AT, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0),
                (int32_t)AT);
    out_and_in(mm);
    out_and_fork(mm);
    out_and_protect(mm);
}

static void in_thread(void *done) {
    struct mm_struct *mm = mm_alloc();

    if (HAVE(mm)) {
        enter(mm);
        body(mm);
        enter(NULL);
        mm_put(mm);
    }
    ended = true;
    wake_up(done);
}

static void pages_go_and_come_back(void) {
    struct wait_queue end = {0};
    struct wait_entry entry;

    device = swap_partition();
    if (!device || !HAVE(kswapd_start())) return;
    const unsigned tasks = task_count();
    accounting_start();
    ended = false;
    if (HAVE(swap_on(device) == 0) && HAVE(thread_start("swap", 0, in_thread, &end))) {
        wait_add(&end, &entry);
        while (!ended) task_sleep_uninterruptible(WAIT_FOREVER);
        wait_remove(&entry);
    }
    swap_off(device);
    CHECK_EQUAL(swap_total(), 0);
    CHECK_EQUAL(swap_cached(), 0);
    while (task_count() > tasks) task_yield();
    accounting_check();
}

static const struct test_case cases[] = {
    {"pages_go_and_come_back", pages_go_and_come_back},
};
const struct test_suite suite_swap = TEST_SUITE("swap", cases);
