/*
 * test_address_spaces.c: the address space of a process on the processor: the kernel's own accesses
 * to it (mm/uaccess.c) fault, and are mended or not. Each case is a kernel thread with a space.
 */
#include <cpu/control.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page_view.h>
#include <mm/tlb.h>
#include <mm/uaccess.h>
#include <mm/user_pages.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/thread.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

#define AT 0x40000000u
#define TOP 0xBF000000u
#define RW (PROT_READ | PROT_WRITE)
#define ANON_FIXED (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)

static struct mm_struct *mm;
static void (*test_body)(void);
static bool ended;
static struct wait_queue end;

static void enter(struct mm_struct *space) {
    current->mm = space;
    mm_load(space ? &space->pt : &kernel_mm);
}

static void in_thread(void *unused) {
    (void)unused;
    mm = mm_alloc();
    if (HAVE(mm)) {
        enter(mm);
        test_body();
        enter(NULL);
        mm_put(mm);
    }
    ended = true;
    wake_up(&end);
}

/* Runs the body in a thread with an empty space, and waits until both are gone. */
static void in_space(void (*body)(void)) {
    struct wait_entry entry;

    accounting_start();
    test_body = body;
    ended = false;
    if (!HAVE(thread_start("space", 0, in_thread, NULL))) return;
    wait_add(&end, &entry);
    while (!ended) task_sleep_uninterruptible(WAIT_FOREVER);
    wait_remove(&entry);
    while (task_count() > 1) task_yield();
    accounting_check();
}

static bool map(uint32_t address, uint32_t pages, uint32_t prot) {
    return HAVE(mm_mmap(mm, address, pages * PAGE_SIZE, prot, ANON_FIXED, NULL, 0) ==
                (int32_t)address);
}

static uint32_t word_at(uint32_t address) {
    uint32_t value = 0;
    CHECK_EQUAL(get_user(&value, address), 0);
    return value;
}

static enum page_reason reason_at(struct mm_struct *space, uint32_t address) {
    const struct vm_area_struct *area = vma_find(space, address);
    return area && area->start <= address ? page_view(space, area, address).reason
                                          : PAGE_NOT_TOUCHED;
}

/* ---- pages come when they are touched ---- */

static void touch_some(void) {
    if (!map(AT, 8, RW)) return;
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER));
    CHECK_EQUAL(word_at(AT + PAGE_SIZE), 0);
    CHECK_EQUAL(reason_at(mm, AT + PAGE_SIZE), PAGE_OF_ZEROS);
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER));
    CHECK_EQUAL(put_user(AT + 2 * PAGE_SIZE, 7), 0);
    CHECK_EQUAL(put_user(AT + PAGE_SIZE, 8), 0);
    CHECK_EQUAL(word_at(AT + 2 * PAGE_SIZE), 7);
    CHECK_EQUAL(word_at(AT + PAGE_SIZE), 8);
    CHECK_EQUAL(reason_at(mm, AT + PAGE_SIZE), PAGE_OWN);
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER) + 2);
    CHECK_EQUAL(mm->minor_faults, 3);
}

static void pages_come_when_touched(void) {
    in_space(touch_some);
}

/* ---- what cannot be copied ---- */

static void copy_beyond(void) {
    static uint8_t bytes[3 * PAGE_SIZE];

    if (!map(AT, 2, RW)) return;
    memset(bytes, 0x5A, sizeof bytes);
    for (uint32_t before = 0; before < 9; before++) {
        uint32_t start = AT + 2 * PAGE_SIZE - before;
        CHECK_EQUAL(copy_to_user_left(start, bytes, 64), 64 - before / 4 * 4);
        CHECK_EQUAL(copy_from_user_left(bytes, start, 64), 64 - before / 4 * 4);
        CHECK_EQUAL(clear_user_left(start, 64), 64 - before / 4 * 4);
    }
    CHECK_EQUAL(copy_to_user(AT, bytes, 2 * PAGE_SIZE), 0);
    CHECK_EQUAL(copy_to_user(AT, bytes, 2 * PAGE_SIZE + 1), -EFAULT);
    CHECK_EQUAL(copy_from_user(bytes, 0, 1), -EFAULT);
    CHECK_EQUAL(copy_from_user(bytes, PAGE_OFFSET - 2, 4), -EFAULT);
    CHECK_EQUAL(copy_from_user(bytes, PAGE_OFFSET, 4), -EFAULT);
    CHECK_EQUAL(copy_from_user(bytes, ~0u, 4), -EFAULT);
    CHECK_EQUAL(copy_to_user((uint32_t)&bytes[0], bytes, 4), -EFAULT);
    CHECK_EQUAL(mm_mprotect(mm, AT, PAGE_SIZE, PROT_READ), 0);
    CHECK_EQUAL(put_user(AT, 1), -EFAULT);
    CHECK_EQUAL(word_at(AT), 0x5A5A5A5A);
    CHECK_EQUAL(mm_mprotect(mm, AT, PAGE_SIZE, PROT_NONE), 0);
    CHECK_EQUAL(copy_from_user(bytes, AT, 1), -EFAULT);
}

static void bad_addresses_end_in_efault(void) {
    in_space(copy_beyond);
}

static void copy_strings(void) {
    char text[16];
    uint32_t last = AT + PAGE_SIZE - 4;

    if (!map(AT, 1, RW)) return;
    CHECK_EQUAL(copy_to_user(last, "abcd", 4), 0);
    CHECK_EQUAL(strncpy_from_user(text, last, sizeof text), -EFAULT);
    CHECK_EQUAL(strncpy_from_user(text, last, 4), -ENAMETOOLONG);
    CHECK_EQUAL(copy_to_user(last, "abc", 4), 0);
    CHECK_EQUAL(strncpy_from_user(text, last, sizeof text), 3);
    CHECK_TEXT(text, "abc");
    CHECK_EQUAL(strncpy_from_user(text, last, 4), 3);
    CHECK_EQUAL(strncpy_from_user(text, last + 3, sizeof text), 0);
    CHECK_EQUAL(strncpy_from_user(text, PAGE_OFFSET, sizeof text), -EFAULT);
    CHECK_EQUAL(strncpy_from_user(text, AT, 0), -ENAMETOOLONG);
}

static void strings_end_where_memory_does(void) {
    in_space(copy_strings);
}

/* ---- fork ---- */

static void write_after_fork(void) {
    if (!map(AT, 4, RW)) return;
    for (uint32_t i = 0; i < 4; i++) CHECK_EQUAL(put_user(AT + i * PAGE_SIZE, 100 + i), 0);
    struct mm_struct *child = mm_fork(mm);
    if (!HAVE(child)) return;
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER) + 4);
    CHECK_EQUAL(reason_at(child, AT), PAGE_OF_FAMILY);
    CHECK_EQUAL(put_user(AT, 200), 0); /* the TLB must not have the old right to write */
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER) + 5);
    enter(child);
    CHECK_EQUAL(word_at(AT), 100);
    CHECK_EQUAL(put_user(AT, 300), 0); /* the last one takes the frame */
    CHECK_EQUAL(child->cow_reuses, 1);
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER) + 5);
    enter(mm);
    CHECK_EQUAL(word_at(AT), 200);
    CHECK_EQUAL(word_at(AT + PAGE_SIZE), 101);
    mm_put(child);
    CHECK_EQUAL(pages_of(OWNER_USER), accounting_before(OWNER_USER) + 4);
}

static void writers_get_copies(void) {
    in_space(write_after_fork);
}

/* ---- the rest of the calls ---- */

static void move_and_hide(void) {
    if (!map(AT, 4, RW)) return;
    for (uint32_t i = 0; i < 4; i++) CHECK_EQUAL(put_user(AT + i * PAGE_SIZE, i + 1), 0);
    uint32_t to = (uint32_t)mm_mremap(mm, AT, 4 * PAGE_SIZE, 6 * PAGE_SIZE,
                                      MREMAP_MAYMOVE | MREMAP_FIXED, 0x50000000);
    if (!HAVE(to == 0x50000000)) return;
    CHECK_EQUAL(put_user(AT, 1), -EFAULT);
    CHECK_EQUAL(word_at(to + 3 * PAGE_SIZE), 4);
    CHECK_EQUAL(mm_mprotect(mm, to + PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
    CHECK_EQUAL(put_user(to + PAGE_SIZE, 1), -EFAULT);
    CHECK_EQUAL(mm_mprotect(mm, to + PAGE_SIZE, PAGE_SIZE, RW), 0);
    CHECK_EQUAL(word_at(to + PAGE_SIZE), 2);
    CHECK_EQUAL(mm_madvise(mm, to, PAGE_SIZE, MADV_DONTNEED), 0);
    CHECK_EQUAL(word_at(to), 0);
    CHECK_EQUAL(mm_munmap(mm, to + 2 * PAGE_SIZE, PAGE_SIZE), 0);
    CHECK_EQUAL(put_user(to + 2 * PAGE_SIZE, 1), -EFAULT);
}

static void pages_move_and_hide(void) {
    in_space(move_and_hide);
}

static void use_stack_and_heap(void) {
    if (!HAVE(mm_set_stack(mm, TOP, PAGE_SIZE) == 0)) return;
    CHECK_EQUAL(put_user(TOP - 20 * PAGE_SIZE, 5), 0);
    CHECK_EQUAL(mm->stack_vm, 20);
    CHECK_EQUAL(put_user(TOP - STACK_LIMIT_DEFAULT - 4, 5), -EFAULT);
    mm->start_brk = mm->brk = 0x08050000;
    CHECK_EQUAL(mm_brk(mm, 0x08052000), 0x08052000);
    CHECK_EQUAL(put_user(0x08051FFC, 6), 0);
    CHECK_EQUAL(mm_brk(mm, 0x08051000), 0x08051000);
    CHECK_EQUAL(put_user(0x08051FFC, 6), -EFAULT);
}

static void stack_and_heap_grow(void) {
    in_space(use_stack_and_heap);
}

static void share_memory(void) {
    int32_t at =
        mm_mmap(mm, AT, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
    if (!HAVE(at == (int32_t)AT)) return;
    CHECK_EQUAL(put_user(AT, 1), 0);
    struct mm_struct *child = mm_fork(mm);
    if (!HAVE(child)) return;
    enter(child);
    CHECK_EQUAL(put_user(AT, 2), 0);
    CHECK_EQUAL(put_user(AT + PAGE_SIZE, 3), 0);
    enter(mm);
    CHECK_EQUAL(word_at(AT), 2);
    CHECK_EQUAL(word_at(AT + PAGE_SIZE), 3);
    mm_put(child);
}

/* The first file without a name makes their file system, which stays. */
static void shared_memory_is_shared(void) {
    struct file *first = file_anonymous(PAGE_SIZE);
    if (!HAVE(first)) return;
    file_put(first);
    in_space(share_memory);
}

/* ---- protection ---- */

/* U at all levels of what is the program's, and at no level of what is not; W only where it may be
 * written to; NX where the processor has it. */
static void look_at_bits(void) {
    if (!map(AT, 2, RW)) return;
    CHECK_EQUAL(put_user(AT, 1), 0);
    CHECK_EQUAL(word_at(AT + PAGE_SIZE), 0);
    struct translation one = pt_translate(&mm->pt, virt_addr(AT));
    struct translation two = pt_translate(&mm->pt, virt_addr(AT + PAGE_SIZE));
    struct translation kernel = pt_translate(&mm->pt, virt_addr((uintptr_t)look_at_bits));
    if (!HAVE(one.present && two.present)) return;
    CHECK(one.user && one.writable && two.user && !two.writable);
    CHECK_EQUAL(one.executable,
                !(mm->pt.mode->usable_flags & PTE_NX) || mm->pt.mode->entry_bytes == 4);
    CHECK(kernel.present && !kernel.user);
}

static void bits_are_right(void) {
    in_space(look_at_bits);
}

/* ---- the switch ---- */

static uint32_t cr3_seen;
static bool has_looked;
static struct wait_queue look;

static void look_at_cr3(void *unused) {
    (void)unused;
    cr3_seen = read_cr3();
    has_looked = true;
    wake_up(&look);
}

/* A kernel thread needs no space: it runs on the tables that are loaded. */
static void look_from_a_kernel_thread(void) {
    struct wait_entry entry;

    has_looked = false;
    if (!HAVE(thread_start("looker", 0, look_at_cr3, NULL))) return;
    wait_add(&look, &entry);
    while (!has_looked) task_sleep_uninterruptible(WAIT_FOREVER);
    wait_remove(&entry);
    CHECK_EQUAL(cr3_seen & mm->pt.mode->root_mask, mm->pt.root.value);
}

static void kernel_threads_load_no_cr3(void) {
    in_space(look_from_a_kernel_thread);
}

static const struct test_case cases[] = {
    {"pages_come_when_touched", pages_come_when_touched},
    {"bad_addresses_end_in_efault", bad_addresses_end_in_efault},
    {"strings_end_where_memory_does", strings_end_where_memory_does},
    {"writers_get_copies", writers_get_copies},
    {"pages_move_and_hide", pages_move_and_hide},
    {"stack_and_heap_grow", stack_and_heap_grow},
    {"shared_memory_is_shared", shared_memory_is_shared},
    {"bits_are_right", bits_are_right},
    {"kernel_threads_load_no_cr3", kernel_threads_load_no_cr3},
};

const struct test_suite suite_address_spaces = TEST_SUITE("address_spaces", cases);
