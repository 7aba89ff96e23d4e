/*
 * test_address_space.c: address spaces of processes, case by case: what each call answers, what
 * each fault comes to, who shares which frame, and each allocation made to fail in turn. Classic
 * and PAE.
 */
#include "cmocka_test.h"

#include "memory_test.h"
#include "process_memory.h"

#include <mm/page_view.h>

#define AT 0x40000000u
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED (ANON | MAP_FIXED)
#define TOP_OF_STACK 0xBF000000u
#define ESP_ELSEWHERE 0xBFFFF000u /* of a program whose stack is not what it touches */

static struct mm_struct *mm;

static int start(const struct paging_mode *mode) {
    machine_start(mode, 64 * MB);
    mm = mm_alloc();
    assert_non_null(mm);
    mm->mmap_base = 0xB0000000u;
    mm->start_brk = mm->brk = 0x08100010u;
    mm_load(&mm->pt);
    return 0;
}

static int start_classic(void **state) {
    (void)state;
    return start(&paging_classic);
}

static int start_pae(void **state) {
    (void)state;
    return start(&paging_pae);
}

static int stop(void **state) {
    (void)state;
    check_space(mm);
    mm_put(mm);
    assert_ptr_equal(mm_loaded(), &kernel_mm);
    machine_stop();
    return 0;
}

static int64_t answer_of(int32_t answer) {
    return answer < 0 && answer >= -4095 ? (int64_t)answer : (int64_t)(uint32_t)answer;
}

/* The address, or an error. */
static int64_t map(uint32_t address, uint32_t pages, uint32_t prot, uint32_t flags) {
    return answer_of(mm_mmap(mm, address, pages * PAGE_SIZE, prot, flags, NULL, 0));
}

static enum fault_outcome touch(struct mm_struct *in, uint32_t address, enum fault_access access,
                                uint32_t value) {
    uint32_t word;
    return program_access(in, address, access, ESP_ELSEWHERE, value, &word);
}

static void store(struct mm_struct *in, uint32_t address, uint32_t value) {
    assert_int_equal(touch(in, address, FAULT_WRITE, value), FAULT_MENDED);
}

static uint32_t load(struct mm_struct *in, uint32_t address) {
    uint32_t word = 0;
    assert_int_equal(program_access(in, address, FAULT_READ, ESP_ELSEWHERE, 0, &word),
                     FAULT_MENDED);
    return word;
}

static struct page *frame_at(const struct mm_struct *in, uint32_t address) {
    struct pte pte = pte_find(&in->pt, virt_addr(address));
    return pte.value ? pfn_to_page(phys_to_pfn(pte_phys(in->pt.mode, pte.value))) : NULL;
}

static bool may_write(const struct mm_struct *in, uint32_t address) {
    return pt_translate(&in->pt, virt_addr(address)).writable;
}

/* ---- demand paging ---- */

static void zeros_are_shared_until_written(void **state) {
    (void)state;
    uint32_t before = pages_of(OWNER_USER);
    assert_int_equal(map(AT, 4, RW, FIXED), AT);
    assert_int_equal(pages_of(OWNER_USER), before);
    assert_int_equal(load(mm, AT), 0);
    assert_int_equal(load(mm, AT + PAGE_SIZE), 0);
    assert_ptr_equal(frame_at(mm, AT), zero_page);
    assert_ptr_equal(frame_at(mm, AT + PAGE_SIZE), zero_page);
    assert_int_equal(pages_of(OWNER_USER), before);
    assert_int_equal(mm->rss_anon, 0);
    store(mm, AT, 7);
    assert_int_equal(pages_of(OWNER_USER), before + 1);
    assert_int_equal(load(mm, AT), 7);
    assert_int_equal(load(mm, AT + PAGE_SIZE), 0);
    assert_int_equal(mm->rss_anon, 1);
}

static void user_pages_have_user_rights_at_all_levels(void **state) {
    (void)state;
    map(AT, 1, RW, FIXED);
    store(mm, AT, 1);
    struct translation at = pt_translate(&mm->pt, virt_addr(AT));
    assert_true(at.user && at.writable);
    if (mode_now.entry_bytes == 8) assert_false(at.executable);
    assert_int_equal(mm_mprotect(mm, AT, PAGE_SIZE, RW | PROT_EXEC), 0);
    assert_true(pt_translate(&mm->pt, virt_addr(AT)).executable);
}

static void every_outcome_has_its_cause(void **state) {
    (void)state;
    struct file *file = file_new(2, false);
    bool nx = mode_now.entry_bytes == 8;

    map(AT, 1, PROT_READ, FIXED);
    map(AT + 2 * PAGE_SIZE, 1, PROT_NONE, FIXED);
    map(AT + 4 * PAGE_SIZE, 1, PROT_READ | PROT_EXEC, FIXED);
    mm_mmap(mm, AT + 8 * PAGE_SIZE, 4 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0);
    mm->limit_stack = 16 * PAGE_SIZE;
    assert_int_equal(mm_set_stack(mm, TOP_OF_STACK, PAGE_SIZE), 0);

    assert_int_equal(touch(mm, 0, FAULT_READ, 0), FAULT_NULL_POINTER);
    assert_int_equal(touch(mm, MMAP_MIN_ADDR - 1, FAULT_WRITE, 0), FAULT_NULL_POINTER);
    assert_int_equal(touch(mm, MMAP_MIN_ADDR, FAULT_READ, 0), FAULT_NO_AREA);
    assert_int_equal(touch(mm, AT + PAGE_SIZE, FAULT_READ, 0), FAULT_NO_AREA);
    assert_int_equal(touch(mm, PAGE_OFFSET - 1, FAULT_READ, 0), FAULT_NO_AREA);
    assert_int_equal(touch(mm, AT, FAULT_WRITE, 0), FAULT_READ_ONLY);
    assert_int_equal(touch(mm, AT + 2 * PAGE_SIZE, FAULT_READ, 0), FAULT_NOT_READABLE);
    assert_int_equal(touch(mm, AT + 2 * PAGE_SIZE, FAULT_WRITE, 0), FAULT_NOT_READABLE);
    assert_int_equal(touch(mm, AT, FAULT_EXEC, 0), nx ? FAULT_NOT_EXECUTABLE : FAULT_MENDED);
    assert_int_equal(touch(mm, AT + 4 * PAGE_SIZE, FAULT_EXEC, 0), FAULT_MENDED);
    assert_int_equal(touch(mm, AT + 9 * PAGE_SIZE, FAULT_READ, 0), FAULT_MENDED);
    assert_int_equal(touch(mm, AT + 10 * PAGE_SIZE, FAULT_READ, 0), FAULT_BEYOND_FILE);
    assert_int_equal(touch(mm, TOP_OF_STACK - 16 * PAGE_SIZE, FAULT_WRITE, 0), FAULT_MENDED);
    assert_int_equal(touch(mm, TOP_OF_STACK - 16 * PAGE_SIZE - 1, FAULT_WRITE, 0), FAULT_NO_AREA);
    uint32_t word, below = TOP_OF_STACK - 16 * PAGE_SIZE - 4;
    assert_int_equal(program_access(mm, below, FAULT_WRITE, below, 0, &word), FAULT_STACK_OVERFLOW);
    for (unsigned i = 0; i < FAULT_OUTCOMES; i++)
        assert_string_not_equal(fault_outcome_name((enum fault_outcome)i), "unknown");
    file_put(file);
}

static void write_rights_include_reading(void **state) {
    (void)state;
    map(AT, 2, PROT_WRITE, FIXED);
    assert_int_equal(load(mm, AT), 0);
    store(mm, AT + PAGE_SIZE, 5);
    assert_int_equal(load(mm, AT + PAGE_SIZE), 5);
}

/* ---- the stack ---- */

static void stack_grows_in_one_leap(void **state) {
    (void)state;
    assert_int_equal(mm_set_stack(mm, TOP_OF_STACK, PAGE_SIZE), 0);
    store(mm, TOP_OF_STACK - 100 * PAGE_SIZE, 1);
    assert_int_equal(mm->areas, 1);
    assert_int_equal(mm->first->start, TOP_OF_STACK - 100 * PAGE_SIZE);
    assert_int_equal(mm->stack_vm, 100);
    assert_int_equal(mm->rss_anon, 1);
}

static void a_gap_stays_below_the_stack(void **state) {
    (void)state;
    const uint32_t gap = STACK_GAP_PAGES * PAGE_SIZE, other = TOP_OF_STACK - 2 * gap;
    assert_int_equal(mm_set_stack(mm, TOP_OF_STACK, PAGE_SIZE), 0);
    map(other - PAGE_SIZE, 1, RW, FIXED);
    store(mm, other + gap, 1);
    assert_int_equal(touch(mm, other + gap - 1, FAULT_WRITE, 1), FAULT_NO_AREA);
    assert_int_equal(mm_mprotect(mm, other - PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
    store(mm, other + gap - 1, 1);

    /* No map is put into the gap, but by those who insist. */
    mm->mmap_base = PAGE_OFFSET;
    int64_t found = map(TOP_OF_STACK - gap - PAGE_SIZE, 1, RW, ANON);
    assert_true(found > TOP_OF_STACK);
    assert_int_equal(map(other + PAGE_SIZE, 1, RW, FIXED), other + PAGE_SIZE);
}

static void stack_does_not_grow_beyond_rlimit_as(void **state) {
    (void)state;
    assert_int_equal(mm_set_stack(mm, TOP_OF_STACK, PAGE_SIZE), 0);
    mm->limit_as = 4 * PAGE_SIZE;
    store(mm, TOP_OF_STACK - 4 * PAGE_SIZE, 1);
    assert_int_equal(touch(mm, TOP_OF_STACK - 5 * PAGE_SIZE, FAULT_WRITE, 1), FAULT_NO_AREA);
}

/* ---- files ---- */

static void shared_and_private_maps_of_a_file(void **state) {
    (void)state;
    struct file *file = file_new(4, true);
    file->content[2] = 42;
    const uint32_t shared = AT, private = AT + 16 * PAGE_SIZE;
    mm_mmap(mm, shared, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, file, 0);
    mm_mmap(mm, private, 4 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, file, 0);
    const uint32_t page = 2 * PAGE_SIZE;

    assert_int_equal(load(mm, private + page), 42);
    assert_ptr_equal(frame_at(mm, private + page), file_frame(file, 2));
    store(mm, shared + page, 43);
    assert_int_equal(load(mm, private + page), 43);
    store(mm, private + page, 99);
    assert_int_equal(load(mm, shared + page), 43);
    assert_int_equal(mm->rss_shmem, 1);
    assert_int_equal(mm->rss_anon, 1);
    assert_int_equal(mm_madvise(mm, private + page, PAGE_SIZE, MADV_DONTNEED), 0);
    assert_int_equal(load(mm, private + page), 43);
    file_put(file);
}

/* Only what is in memory, in the area, in the 16 pages around; and it has not been used yet. */
static void neighbours_of_a_file_come_along(void **state) {
    (void)state;
    struct file *file = file_new(64, true);
    for (uint32_t i = 0; i < 64; i++) {
        struct page *page;
        if (i == 5) continue;
        assert_int_equal(file_page(file, i, BLOCK_HLT, &page), 0);
        put_page(page);
    }
    mm_mmap(mm, AT, 40 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, file, 2);
    map(AT + 9 * PAGE_SIZE, 1, RW, FIXED);
    load(mm, AT + 4 * PAGE_SIZE);
    assert_int_equal(mm->minor_faults, 1);
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(frame_at(mm, AT + i * PAGE_SIZE) != NULL, i < 9 && i != 3);
    struct pte asked = pte_find(&mm->pt, virt_addr(AT + 4 * PAGE_SIZE));
    struct pte brought = pte_find(&mm->pt, virt_addr(AT + 6 * PAGE_SIZE));
    assert_true(asked.value & PTE_ACCESSED && !(brought.value & (PTE_ACCESSED | PTE_WRITE)));
    assert_int_equal(mm->rss_shmem, 8);
    store(mm, AT + 6 * PAGE_SIZE, 1);
    assert_int_equal(file_frame(file, 8)->count, 1);
    file_put(file);
}

static void files_open_for_reading_are_not_written_to(void **state) {
    (void)state;
    struct file *file = file_new(1, false);
    assert_int_equal(mm_mmap(mm, AT, PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, file, 0), -EACCES);
    assert_int_equal(mm_mmap(mm, AT, PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0), AT);
    assert_int_equal(mm_mprotect(mm, AT, PAGE_SIZE, RW), -EACCES);
    assert_int_equal(mm_mmap(mm, AT, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0), AT);
    assert_int_equal(mm_mprotect(mm, AT, PAGE_SIZE, RW), 0);
    store(mm, AT, 1);
    file_put(file);
}

static void the_end_of_a_shorter_file_is_gone(void **state) {
    (void)state;
    struct file *file = file_new(8, true);
    const uint32_t shared = AT, private = AT + 64 * PAGE_SIZE;
    mm_mmap(mm, shared, 6 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, file, 2);
    mm_mmap(mm, private, 8 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, file, 0);
    for (uint32_t i = 0; i < 6; i++) store(mm, shared + i * PAGE_SIZE, 100 + i);
    store(mm, private + 3 * PAGE_SIZE, 1);
    store(mm, private + 4 * PAGE_SIZE, 2);
    struct mm_struct *child = mm_fork(mm);
    uint32_t before = pages_of(OWNER_SHMEM);
    file_truncate(file, 4);
    assert_int_equal(pages_of(OWNER_SHMEM), before - 4);
    assert_int_equal(load(child, shared + PAGE_SIZE), 101);
    assert_int_equal(touch(child, shared + 2 * PAGE_SIZE, FAULT_READ, 0), FAULT_BEYOND_FILE);
    assert_int_equal(touch(mm, shared + 5 * PAGE_SIZE, FAULT_WRITE, 0), FAULT_BEYOND_FILE);
    assert_int_equal(load(mm, private + 3 * PAGE_SIZE), 1);
    assert_int_equal(touch(mm, private + 4 * PAGE_SIZE, FAULT_READ, 0), FAULT_BEYOND_FILE);
    file_truncate(file, 8);
    assert_int_equal(load(mm, private + 4 * PAGE_SIZE), 0);
    check_space(child);
    mm_put(child);
    file_put(file);
}

static void shared_anonymous_memory_is_seen_by_children(void **state) {
    (void)state;
    assert_int_equal(map(AT, 2, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED), AT);
    store(mm, AT, 1);
    struct mm_struct *child = mm_fork(mm);
    store(child, AT, 2);
    store(child, AT + PAGE_SIZE, 3);
    assert_int_equal(load(mm, AT), 2);
    assert_int_equal(load(mm, AT + PAGE_SIZE), 3);
    assert_int_equal(mm->rss_shmem, 2);
    mm_put(child);
    assert_int_equal(load(mm, AT + PAGE_SIZE), 3);
}

static void dev_zero_is_anonymous_memory(void **state) {
    (void)state;
    struct file *device = file_new(0, true);
    device->anonymous_device = true;
    assert_int_equal(mm_mmap(mm, AT, PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, device, 0), AT);
    assert_null(vma_find(mm, AT)->file);
    store(mm, AT, 1);
    assert_int_equal(mm_mmap(mm, AT, PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, device, 0), AT);
    assert_int_equal(load(mm, AT), 0);
    assert_true(vma_find(mm, AT)->flags & VM_SHMEM);
    file_put(device);
}

/* ---- copy-on-write ---- */

static void fork_shares_until_one_writes(void **state) {
    (void)state;
    map(AT, 3, RW, FIXED);
    store(mm, AT, 10);
    store(mm, AT + PAGE_SIZE, 11);
    uint32_t before = pages_of(OWNER_USER);
    struct mm_struct *child = mm_fork(mm);
    assert_int_equal(pages_of(OWNER_USER), before);
    assert_ptr_equal(frame_at(mm, AT), frame_at(child, AT));
    assert_int_equal(frame_at(mm, AT)->count, 2);
    assert_false(may_write(mm, AT) || may_write(child, AT));

    store(child, AT, 20);
    assert_int_equal(child->cow_copies, 1);
    assert_int_equal(pages_of(OWNER_USER), before + 1);
    assert_int_equal(load(mm, AT), 10);
    assert_int_equal(load(child, AT), 20);

    /* The last one does not copy. */
    struct page *frame = frame_at(mm, AT);
    store(mm, AT, 12);
    assert_ptr_equal(frame_at(mm, AT), frame);
    assert_int_equal(mm->cow_reuses, 1);
    assert_int_equal(mm->cow_copies, 0);
    assert_int_equal(pages_of(OWNER_USER), before + 1);

    /* What the parent writes the child does not see. */
    store(mm, AT + PAGE_SIZE, 13);
    assert_int_equal(load(child, AT + PAGE_SIZE), 11);
    mm_put(child);
    assert_int_equal(pages_of(OWNER_USER), before);
}

static void hidden_pages_survive_fork_and_come_back(void **state) {
    (void)state;
    map(AT, 2, RW, FIXED);
    store(mm, AT, 5);
    assert_int_equal(mm_mprotect(mm, AT, 2 * PAGE_SIZE, PROT_NONE), 0);
    assert_int_equal(touch(mm, AT, FAULT_READ, 0), FAULT_NOT_READABLE);
    struct mm_struct *child = mm_fork(mm);
    assert_int_equal(frame_at(mm, AT)->count, 2);
    assert_int_equal(mm_mprotect(child, AT, 2 * PAGE_SIZE, RW), 0);
    store(child, AT, 6);
    assert_int_equal(mm_mprotect(mm, AT, 2 * PAGE_SIZE, PROT_READ), 0);
    assert_int_equal(load(mm, AT), 5);
    check_space(child);
    mm_put(child);
    assert_int_equal(mm_mprotect(mm, AT, 2 * PAGE_SIZE, PROT_NONE), 0);
}

/* ---- the answers of mmap(2) and friends ---- */

static void mmap_refuses(void **state) {
    (void)state;
    struct file *file = file_new(1, true);
    assert_int_equal(mm_mmap(mm, 0, 0, RW, ANON, NULL, 0), -EINVAL);
    assert_int_equal(mm_mmap(mm, 0, 0xFFFFF001u, RW, ANON, NULL, 0), -ENOMEM);
    assert_int_equal(mm_mmap(mm, 0, PAGE_OFFSET + 1, RW, ANON, NULL, 0), -ENOMEM);
    assert_int_equal(mm_mmap(mm, 0, PAGE_OFFSET, RW, ANON, NULL, 0), -ENOMEM);
    assert_int_equal(mm_mmap(mm, 0, PAGE_SIZE, RW, MAP_ANONYMOUS, NULL, 0), -EINVAL);
    assert_int_equal(mm_mmap(mm, 0, PAGE_SIZE, RW, MAP_ANONYMOUS | 0xF, NULL, 0), -EINVAL);
    assert_int_equal(mm_mmap(mm, AT + 1, PAGE_SIZE, RW, FIXED, NULL, 0), -EINVAL);
    assert_int_equal(mm_mmap(mm, 0, PAGE_SIZE, RW, FIXED, NULL, 0), -EPERM);
    assert_int_equal(mm_mmap(mm, MMAP_MIN_ADDR - PAGE_SIZE, PAGE_SIZE, RW, FIXED, NULL, 0), -EPERM);
    assert_int_equal(mm_mmap(mm, PAGE_OFFSET, PAGE_SIZE, RW, FIXED, NULL, 0), -ENOMEM);
    assert_int_equal(mm_mmap(mm, PAGE_OFFSET - PAGE_SIZE, 2 * PAGE_SIZE, RW, FIXED, NULL, 0),
                     -ENOMEM);
    assert_int_equal(mm_mmap(mm, 0, 2 * PAGE_SIZE, RW, MAP_PRIVATE, file, 0xFFFFFFFFu), -EOVERFLOW);
    assert_int_equal(
        mm_mmap(mm, 0, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, NULL, 0),
        -EINVAL);
    assert_int_equal(map(AT, 2, RW, ANON | MAP_FIXED_NOREPLACE), AT);
    assert_int_equal(map(AT + PAGE_SIZE, 2, RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST);
    assert_int_equal(mm->total_vm, 2);
    file_put(file);
}

static void mmap_takes_the_highest_hole(void **state) {
    (void)state;
    const uint32_t base = mm->mmap_base;
    assert_int_equal(map(0, 2, RW, ANON), base - 2 * PAGE_SIZE);
    assert_int_equal(map(0, 1, PROT_READ, ANON), base - 3 * PAGE_SIZE);
    assert_int_equal(map(0, 4, RW, ANON), base - 7 * PAGE_SIZE);
    assert_int_equal(mm_munmap(mm, base - 3 * PAGE_SIZE, PAGE_SIZE), 0);
    assert_int_equal(map(0, 2, RW, ANON), base - 9 * PAGE_SIZE);
    assert_int_equal(map(0, 1, PROT_READ, ANON), base - 3 * PAGE_SIZE);
    assert_int_equal(map(AT, 1, RW, ANON), AT);
    assert_int_equal(map(AT, 1, RW, ANON), base - 10 * PAGE_SIZE); /* the wish is taken */
    assert_int_equal(map(0x1000, 1, RW, ANON), base - 11 * PAGE_SIZE);
}

static void alike_neighbours_are_one_area(void **state) {
    (void)state;
    map(AT, 2, RW, FIXED);
    map(AT + 4 * PAGE_SIZE, 2, RW, FIXED);
    assert_int_equal(mm->areas, 2);
    map(AT + 2 * PAGE_SIZE, 2, RW, FIXED);
    assert_int_equal(mm->areas, 1);
    assert_int_equal(mm_mprotect(mm, AT + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
    assert_int_equal(mm->areas, 3);
    assert_int_equal(mm_mprotect(mm, AT + PAGE_SIZE, PAGE_SIZE, RW), 0);
    assert_int_equal(mm->areas, 1);
    assert_int_equal(mm_munmap(mm, AT + 2 * PAGE_SIZE, PAGE_SIZE), 0);
    assert_int_equal(mm->areas, 2);
    assert_int_equal(mm_munmap(mm, AT, 64 * PAGE_SIZE), 0);
    assert_int_equal(mm->areas, 0);
}

static void munmap_and_mprotect_refuse(void **state) {
    (void)state;
    map(AT, 4, RW, FIXED);
    assert_int_equal(mm_munmap(mm, AT + 1, PAGE_SIZE), -EINVAL);
    assert_int_equal(mm_munmap(mm, AT, 0), -EINVAL);
    assert_int_equal(mm_munmap(mm, PAGE_OFFSET - PAGE_SIZE, 2 * PAGE_SIZE), -EINVAL);
    assert_int_equal(mm_munmap(mm, AT, 0xFFFFFFFFu), -EINVAL);
    assert_int_equal(mm_munmap(mm, 0x10000000, PAGE_SIZE), 0);
    assert_int_equal(mm_mprotect(mm, AT + 1, PAGE_SIZE, RW), -EINVAL);
    assert_int_equal(mm_mprotect(mm, AT, PAGE_SIZE, 0x10), -EINVAL);
    assert_int_equal(mm_mprotect(mm, AT, 0, RW), 0);
    assert_int_equal(mm_mprotect(mm, AT, 0xFFFFFFFFu, PROT_READ), -ENOMEM);
    assert_int_equal(mm_mprotect(mm, AT - PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ), -ENOMEM);
    store(mm, AT, 1); /* nothing has changed */
    assert_int_equal(mm->areas, 1);
    assert_int_equal(mm_mprotect(mm, AT, 5 * PAGE_SIZE, PROT_READ), -ENOMEM);
    assert_int_equal(touch(mm, AT + 3 * PAGE_SIZE, FAULT_WRITE, 1),
                     FAULT_READ_ONLY); /* up to the hole */
}

static void limits_hold(void **state) {
    (void)state;
    mm->limit_as = 8 * PAGE_SIZE + 5;
    assert_int_equal(map(AT, 8, PROT_READ, FIXED), AT);
    assert_int_equal(map(0, 1, PROT_READ, ANON), -ENOMEM);
    assert_int_equal(map(AT + 4 * PAGE_SIZE, 4, RW, FIXED),
                     AT + 4 * PAGE_SIZE); /* replaces as many */
    assert_int_equal(map(AT + 4 * PAGE_SIZE, 5, RW, FIXED), -ENOMEM);
    assert_int_equal(
        mm_mremap(mm, AT + 4 * PAGE_SIZE, 4 * PAGE_SIZE, 5 * PAGE_SIZE, MREMAP_MAYMOVE, 0),
        -ENOMEM);
    mm->limit_as = RLIM_INFINITY;
    mm->limit_data = 4 * PAGE_SIZE;
    assert_int_equal(map(0, 1, RW, ANON), -ENOMEM);
    assert_int_equal(mm_mprotect(mm, AT, PAGE_SIZE, RW), -ENOMEM);
    assert_int_not_equal(map(0, 1, PROT_READ, ANON), -ENOMEM);
    assert_int_equal(mm_brk(mm, mm->start_brk + PAGE_SIZE), mm->start_brk);
}

/* ---- brk ---- */

/* The page that start_brk lies in belongs to the program's data. */
static void heap_grows_and_shrinks(void **state) {
    (void)state;
    uint32_t start = mm->start_brk, some = start + PAGE_SIZE;
    assert_int_equal(mm_brk(mm, 0), start);
    assert_int_equal(mm_brk(mm, some), some);
    assert_int_equal(mm->areas, 1);
    store(mm, some - 1, 1);
    assert_int_equal(mm_brk(mm, start + 10 * PAGE_SIZE), start + 10 * PAGE_SIZE);
    assert_int_equal(mm->areas, 1);
    assert_int_equal(mm_brk(mm, start - 1), start + 10 * PAGE_SIZE);
    assert_int_equal(mm_brk(mm, PAGE_OFFSET + 5), start + 10 * PAGE_SIZE);
    assert_int_equal(mm_brk(mm, start), start);
    assert_int_equal(mm->areas, 0);
    assert_int_equal(mm->rss_anon, 0);
    assert_int_equal(mm_brk(mm, some), some);
    assert_int_equal(load(mm, some - 1), 0);
}

static void heap_stops_at_what_is_in_its_way(void **state) {
    (void)state;
    uint32_t start = mm->start_brk, next = 0x08110000u;
    map(next, 1, RW, FIXED);
    assert_int_equal(mm_brk(mm, next - PAGE_SIZE), next - PAGE_SIZE);
    assert_int_equal(mm_brk(mm, next - PAGE_SIZE + 1), next - PAGE_SIZE);
    assert_int_equal(mm_brk(mm, next + 5 * PAGE_SIZE), next - PAGE_SIZE);
    assert_int_equal(mm_brk(mm, start), start);
}

/* ---- mremap ---- */

static void mremap_refuses(void **state) {
    (void)state;
    const uint32_t page = PAGE_SIZE;
    map(AT, 4, RW, FIXED);
    map(AT + 4 * page, 1, PROT_READ, FIXED);
    assert_int_equal(mm_mremap(mm, AT + 1, page, page, 0, 0), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, 0, 0, 0), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, page, 8, 0), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, page, MREMAP_FIXED, AT + 64 * page), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, 2 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0),
                     -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, 0, page, MREMAP_MAYMOVE, 0), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT + 8 * page, page, page, 0, 0), -EFAULT);
    assert_int_equal(mm_mremap(mm, AT, 5 * page, 6 * page, MREMAP_MAYMOVE, 0), -EFAULT);
    assert_int_equal(mm_mremap(mm, AT, 4 * page, 5 * page, 0, 0), -ENOMEM);
    const uint32_t fixed = MREMAP_MAYMOVE | MREMAP_FIXED;
    assert_int_equal(mm_mremap(mm, AT, 4 * page, 4 * page, fixed, AT + page), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, page, fixed, AT + 64 * page + 1), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, page, fixed, PAGE_OFFSET), -EINVAL);
    assert_int_equal(mm_mremap(mm, AT, page, page, fixed, 0), -EPERM);
    assert_int_equal(mm->areas, 2);
}

static void mremap_moves_frames_not_bytes(void **state) {
    (void)state;
    map(AT, 3, RW, FIXED);
    for (uint32_t i = 0; i < 3; i++) store(mm, AT + i * PAGE_SIZE, i + 1);
    struct page *frame = frame_at(mm, AT + PAGE_SIZE);
    uint32_t frames = pages_of(OWNER_USER);
    map(AT + 3 * PAGE_SIZE, 1, PROT_READ, FIXED);
    uint32_t to = (uint32_t)mm_mremap(mm, AT, 3 * PAGE_SIZE, 8 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
    assert_int_equal(to, mm->mmap_base - 8 * PAGE_SIZE);
    assert_ptr_equal(frame_at(mm, to + PAGE_SIZE), frame);
    assert_int_equal(frame->count, 1);
    assert_int_equal(load(mm, to + 2 * PAGE_SIZE), 3);
    assert_int_equal(load(mm, to + 7 * PAGE_SIZE), 0);
    assert_int_equal(touch(mm, AT, FAULT_READ, 0), FAULT_NO_AREA);
    assert_int_equal(pages_of(OWNER_USER), frames);
}

static void mremap_keeps_the_old_place_if_asked(void **state) {
    (void)state;
    map(AT, 2, RW, FIXED);
    store(mm, AT, 9);
    uint32_t to = (uint32_t)mm_mremap(mm, AT, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                                      MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
    assert_int_equal(load(mm, to), 9);
    assert_int_equal(load(mm, AT), 0);
    assert_int_equal(mm->total_vm, 4);
}

static void mremap_of_nothing_maps_shared_memory_again(void **state) {
    (void)state;
    map(AT, 2, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    store(mm, AT, 9);
    uint32_t to = (uint32_t)mm_mremap(mm, AT, 0, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
    assert_int_equal(load(mm, to), 9);
    store(mm, to, 10);
    assert_int_equal(load(mm, AT), 10);
}

/* ---- madvise, mincore ---- */

static void madvise_answers(void **state) {
    (void)state;
    map(AT, 4, RW, FIXED);
    store(mm, AT, 1);
    assert_int_equal(mm_madvise(mm, AT + 1, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
    assert_int_equal(mm_madvise(mm, AT, PAGE_SIZE, 77), -EINVAL);
    assert_int_equal(mm_madvise(mm, AT, 0xFFFFFFFFu, MADV_DONTNEED), -EINVAL);
    assert_int_equal(mm_madvise(mm, AT, 0, MADV_DONTNEED), 0);
    assert_int_equal(mm_madvise(mm, AT, PAGE_SIZE, MADV_WILLNEED), 0);
    assert_int_equal(load(mm, AT), 1);
    assert_true(mm_page_is_in_memory(mm, AT));
    assert_int_equal(mm_madvise(mm, AT, 8 * PAGE_SIZE, MADV_DONTNEED), -ENOMEM);
    assert_false(mm_page_is_in_memory(mm, AT));
    assert_int_equal(load(mm, AT), 0);
    mm_populate(mm, AT, AT + 4 * PAGE_SIZE);
    assert_int_equal(mm->rss_anon, 3); /* the first is the page of zeros */
    assert_int_equal(mm_madvise(mm, AT, 4 * PAGE_SIZE, MADV_FREE), 0);
    assert_int_equal(mm->rss_anon, 0);
    map(AT + 8 * PAGE_SIZE, 2, RW, FIXED);
    assert_int_equal(mm_mprotect(mm, AT, PAGE_SIZE, PROT_NONE), 0);
    mm_populate(mm, 0, PAGE_OFFSET); /* passes over what has no rights */
    assert_int_equal(mm->rss_anon, 5);
}

/* ---- what people are told ---- */

static void seen_at(uint32_t address, enum page_reason reason, uint32_t pages, uint32_t users) {
    struct page_view view = page_view(mm, vma_find(mm, address), address);
    assert_string_equal(page_reason_name(view.reason), page_reason_name(reason));
    assert_int_equal((view.end - view.start) / PAGE_SIZE, pages);
    assert_int_equal(view.users, users);
    if (users) assert_ptr_equal(pfn_to_page(pfn(view.frame)), frame_at(mm, address));
    assert_int_equal(view.readable, users && reason != PAGE_HIDDEN);
    assert_int_equal(view.writable, reason == PAGE_OWN || reason == PAGE_OF_FILE);
}

static void each_page_has_its_reason(void **state) {
    (void)state;
    struct file *file = file_new(4, true);
    map(AT, 600, RW, FIXED);
    mm_mmap(mm, 0x50000000, 4 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, file, 0);
    mm_mmap(mm, 0x60000000, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, file, 0);
    seen_at(AT, PAGE_NOT_TOUCHED, 600, 0);
    store(mm, AT + 2 * PAGE_SIZE, 1);
    load(mm, AT + 3 * PAGE_SIZE);
    load(mm, 0x50000000);
    load(mm, 0x60001000);
    store(mm, 0x50002000, 1);
    seen_at(AT, PAGE_NOT_TOUCHED, 2, 0);
    seen_at(AT + 2 * PAGE_SIZE, PAGE_OWN, 1, 1);
    seen_at(AT + 3 * PAGE_SIZE, PAGE_OF_ZEROS, 1, zero_page->count);
    seen_at(AT + 4 * PAGE_SIZE, PAGE_NOT_TOUCHED, 596, 0);
    seen_at(0x50000000, PAGE_TO_COPY, 1, file_frame(file, 0)->count);
    seen_at(0x60001000, PAGE_OF_FILE, 1, file_frame(file, 1)->count);
    seen_at(0x50002000, PAGE_OWN, 1, 1);
    struct mm_struct *child = mm_fork(mm);
    seen_at(AT + 2 * PAGE_SIZE, PAGE_OF_FAMILY, 1, 2);
    mm_put(child);
    assert_int_equal(mm_mprotect(mm, AT, 8 * PAGE_SIZE, PROT_NONE), 0);
    seen_at(AT + 2 * PAGE_SIZE, PAGE_HIDDEN, 1, 1);
    file_put(file);
}

/* ---- each allocation fails in turn ---- */

static struct file *held_file;

/* A space with a bit of everything. */
static void furnish(void) {
    held_file = file_new(8, true);
    for (uint32_t i = 0; i < 8; i++) {
        struct page *page;
        assert_int_equal(file_page(held_file, i, BLOCK_HLT, &page), 0);
        put_page(page);
    }
    map(AT, 8, RW, FIXED);
    map(AT + 8 * PAGE_SIZE, 4, PROT_READ, FIXED);
    mm_mmap(mm, 0x50000000, 8 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, held_file, 0);
    mm_mmap(mm, 0x60000000, 8 * PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, held_file, 0);
    map(0x70000000, 4, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    mm_set_stack(mm, TOP_OF_STACK, 2 * PAGE_SIZE);
    mm_brk(mm, mm->start_brk + 3 * PAGE_SIZE);
    static const uint32_t written[] = {AT,         AT + 0x3000, 0x50001000,
                                       0x60002000, 0x70001000,  TOP_OF_STACK - 4};
    for (unsigned i = 0; i < sizeof written / sizeof written[0]; i++)
        store(mm, written[i], 100 + i);
    load(mm, AT + 0x5000);
    load(mm, 0x50004000);
}

/* All that a space is, but for what faults that lead to nothing may count. */
struct picture {
    uint32_t areas, total, data, anon, file, shmem, brk;
    uint32_t start[32], end[32], flags[32];
    uint32_t words[4];
};

static struct picture picture_of(struct mm_struct *of) {
    struct picture picture;
    uint32_t i = 0;
    memset(&picture, 0, sizeof picture);
    picture.words[0] = load(of, AT);
    picture.words[1] = load(of, 0x50001000);
    picture.words[2] = load(of, 0x60000000);
    picture.words[3] = load(of, 0x70001000);
    picture.areas = of->areas;
    picture.total = of->total_vm;
    picture.data = of->data_vm;
    picture.anon = of->rss_anon;
    picture.file = of->rss_file;
    picture.shmem = of->rss_shmem;
    picture.brk = of->brk;
    for (struct vm_area_struct *area = of->first; area; area = area->next, i++) {
        picture.start[i] = area->start;
        picture.end[i] = area->end;
        picture.flags[i] = area->flags;
    }
    return picture;
}

/* Calls `call` with its first, second... allocation failing, until it does all that it wants
 * without. Each time it fails, it must say so (`failed_with`), and everything must be as it was. */
static unsigned each_fails(int32_t (*call)(void), int32_t failed_with) {
    for (unsigned n = 1;; n++) {
        struct picture before = picture_of(mm);
        struct counts counts = counts_take();
        fail_countdown = n;
        int32_t answer = call();
        bool failed = fail_countdown == 0;
        fail_countdown = 0;
        if (!failed) {
            assert_int_not_equal(answer, failed_with);
            return n - 1;
        }
        if (answer != failed_with) continue; /* it could do without */
        counts_must_be(&counts);
        struct picture after = picture_of(mm);
        assert_memory_equal(&before, &after, sizeof before);
        check_space(mm);
        if (n > 200) fail_msg("no end");
    }
}

static int32_t call_fork(void) {
    struct mm_struct *child = mm_fork(mm);
    if (!child) return -ENOMEM;
    check_space(child);
    mm_put(child);
    return 0;
}

static int32_t call_mmap(void) {
    return (int32_t)map(AT + 2 * PAGE_SIZE, 2, PROT_READ | PROT_EXEC, FIXED);
}

static int32_t call_mmap_shared(void) {
    return (int32_t)map(0x71000000, 2, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
}

static int32_t call_munmap(void) {
    return mm_munmap(mm, 0x50002000, PAGE_SIZE);
}

static int32_t call_mprotect(void) {
    return mm_mprotect(mm, AT + 5 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_EXEC);
}

static int32_t call_mremap(void) {
    return mm_mremap(mm, 0x60001000, 4 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
}

/* To where two new tables are needed: the second may be the one that there is no memory for. */
static int32_t call_mremap_two_tables(void) {
    int32_t to = mm_mremap(mm, AT, 8 * PAGE_SIZE, 8 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
                           0x80400000u - 2 * PAGE_SIZE);
    return to == -ENOMEM ? to : 0;
}

static int32_t call_brk(void) {
    uint32_t old = mm->brk;
    mm_mprotect(mm, mm->brk - 1 - (mm->brk - 1) % PAGE_SIZE, PAGE_SIZE, PROT_READ);
    return mm_brk(mm, old + 4 * PAGE_SIZE) == old ? -ENOMEM : 0;
}

static int32_t fault_at(uint32_t address, enum fault_access access) {
    return mm_fault(mm, address, access, TOP_OF_STACK, BLOCK_HLT) == FAULT_OUT_OF_MEMORY ? -ENOMEM : 0;
}

static int32_t call_fault_zero(void) {
    return fault_at(AT + 0x6000, FAULT_WRITE);
}

static int32_t call_fault_new_table(void) {
    return fault_at(TOP_OF_STACK - 0x7FF000, FAULT_WRITE);
}

static int32_t call_fault_file(void) {
    return fault_at(0x50005000, FAULT_WRITE);
}

static int32_t call_fault_cow(void) {
    return fault_at(0x50004000, FAULT_WRITE);
}

static void a_move_comes_back_as_a_whole(void **state) {
    (void)state;
    map(AT, 8, RW, FIXED);
    for (uint32_t i = 0; i < 8; i++) store(mm, AT + i * PAGE_SIZE, i);
    for (unsigned n = 1; n <= 3; n++) { /* the area, one table, the other */
        struct counts counts = counts_take();
        fail_countdown = n;
        assert_int_equal(call_mremap_two_tables(), -ENOMEM);
        fail_countdown = 0;
        counts_must_be(&counts);
        for (uint32_t i = 0; i < 8; i++) assert_int_equal(load(mm, AT + i * PAGE_SIZE), i);
        assert_int_equal(frame_at(mm, AT)->count, 1);
        check_space(mm);
    }
    assert_int_equal(call_mremap_two_tables(), 0);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(load(mm, 0x80400000u + (i - 2) * PAGE_SIZE), i);
}

static void nothing_is_lost_when_memory_is(void **state) {
    (void)state;
    furnish();
    mm_brk(mm, mm->brk); /* brk and its page of other rights: */
    mm_mprotect(mm, mm->brk - 1 - (mm->brk - 1) % PAGE_SIZE, PAGE_SIZE, PROT_READ);
    assert_true(each_fails(call_fork, -ENOMEM) >= 10);
    assert_true(each_fails(call_mmap, -ENOMEM) >= 2);
    assert_true(each_fails(call_mmap_shared, -ENOMEM) >= 2);
    assert_true(each_fails(call_munmap, -ENOMEM) >= 1);
    assert_true(each_fails(call_mprotect, -ENOMEM) >= 2);
    assert_true(each_fails(call_mremap, -ENOMEM) >= 3);
    assert_true(each_fails(call_brk, -ENOMEM) >= 1);
    assert_true(each_fails(call_fault_zero, -ENOMEM) >= 1);
    assert_true(each_fails(call_fault_file, -ENOMEM) >= 1);
    assert_true(each_fails(call_fault_cow, -ENOMEM) >= 1);
    file_put(held_file);
}

/* The stack has grown by then; that is kept. No frame is lost. */
static void a_fault_without_a_table_frees_its_page(void **state) {
    (void)state;
    mm_set_stack(mm, TOP_OF_STACK, PAGE_SIZE);
    for (unsigned n = 1; n <= 2; n++) {
        struct counts counts = counts_take();
        fail_countdown = n;
        assert_int_equal(call_fault_new_table(), -ENOMEM);
        fail_countdown = 0;
        counts_must_be(&counts);
    }
    assert_int_equal(call_fault_new_table(), 0);
}

static void a_space_without_memory_is_none(void **state) {
    (void)state;
    struct counts counts = counts_take();
    for (unsigned n = 1;; n++) {
        fail_countdown = n;
        struct mm_struct *new = mm_alloc();
        bool failed = fail_countdown == 0;
        fail_countdown = 0;
        if (new) mm_put(new);
        counts_must_be(&counts);
        if (!failed) break;
        if (new) assert_true(n > 1);
    }
}

/* ---- look-up ---- */

/* 20,000 areas: no way down is longer than an AVL tree allows, 1.44 log2(n). */
static void many_areas_stay_balanced(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 20000; i++)
        assert_true(map(0x10000000 + i * 2 * PAGE_SIZE, 1, PROT_READ, FIXED) > 0);
    assert_int_equal(mm->areas, 20000);
    assert_in_range(mm->root->height, 15, 20);
    assert_int_equal(mm_munmap(mm, 0x10000000 + 10000 * PAGE_SIZE, 20000 * PAGE_SIZE), 0);
    assert_int_equal(mm->areas, 10000);
    assert_in_range(mm->root->height, 14, 19);
    check_space(mm);
}

static void areas_have_a_limit(void **state) {
    (void)state;
    for (uint32_t i = 0; i < AREAS_MAX; i++)
        assert_int_equal(map(0x10000000 + i * 2 * PAGE_SIZE, 1, PROT_READ, FIXED),
                         0x10000000 + i * 2 * PAGE_SIZE);
    assert_int_equal(map(0, 1, PROT_READ, ANON), -ENOMEM);
    assert_int_equal(mm_mprotect(mm, 0x10000000, PAGE_SIZE, RW), 0);
    assert_int_equal(mm_munmap(mm, 0x10000000, PAGE_SIZE), 0);
    assert_int_equal(map(0x30000000, 3, RW, FIXED), 0x30000000);
    assert_int_equal(mm_munmap(mm, 0x30001000, PAGE_SIZE), -ENOMEM);
    assert_int_equal(mm_mprotect(mm, 0x30001000, PAGE_SIZE, PROT_READ), -ENOMEM);
    assert_int_equal(vma_find(mm, 0x30001000)->end, 0x30003000);
}

int main(void) {
#define TEST(name)                                           \
    {#name " (classic)", name, start_classic, stop, NULL}, { \
#name " (PAE)", name, start_pae, stop, NULL          \
    }
    const struct CMUnitTest tests[] = {
        TEST(zeros_are_shared_until_written),
        TEST(user_pages_have_user_rights_at_all_levels),
        TEST(every_outcome_has_its_cause),
        TEST(write_rights_include_reading),
        TEST(stack_grows_in_one_leap),
        TEST(a_gap_stays_below_the_stack),
        TEST(stack_does_not_grow_beyond_rlimit_as),
        TEST(shared_and_private_maps_of_a_file),
        TEST(neighbours_of_a_file_come_along),
        TEST(files_open_for_reading_are_not_written_to),
        TEST(the_end_of_a_shorter_file_is_gone),
        TEST(shared_anonymous_memory_is_seen_by_children),
        TEST(dev_zero_is_anonymous_memory),
        TEST(fork_shares_until_one_writes),
        TEST(hidden_pages_survive_fork_and_come_back),
        TEST(mmap_refuses),
        TEST(mmap_takes_the_highest_hole),
        TEST(alike_neighbours_are_one_area),
        TEST(munmap_and_mprotect_refuse),
        TEST(limits_hold),
        TEST(heap_grows_and_shrinks),
        TEST(heap_stops_at_what_is_in_its_way),
        TEST(mremap_refuses),
        TEST(mremap_moves_frames_not_bytes),
        TEST(mremap_keeps_the_old_place_if_asked),
        TEST(mremap_of_nothing_maps_shared_memory_again),
        TEST(madvise_answers),
        TEST(each_page_has_its_reason),
        TEST(nothing_is_lost_when_memory_is),
        TEST(a_move_comes_back_as_a_whole),
        TEST(a_fault_without_a_table_frees_its_page),
        TEST(a_space_without_memory_is_none),
        TEST(many_areas_stay_balanced),
        TEST(areas_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
