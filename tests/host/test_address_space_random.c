/*
 * test_address_space_random.c: random calls and accesses of up to six processes that come
 * from each other by fork(), against a model that knows for each page what it should hold, what may
 * be done with it and who shares its frame. Classic and PAE. In the end every frame is back.
 *
 * With swap, an evictor takes pages out and writes them: between the operations, whenever memory is
 * allocated, and while a disk works, when other processes run too.
 */
#include "cmocka_test.h"

#include <stdlib.h>

#include "memory_test.h"
#include "process_memory.h"

#define SPACES 6
#define PAGES 3072u /* 12 MB: several page tables of either mode */
#define BASE MMAP_MIN_ADDR
#define TOP (BASE + PAGES * PAGE_SIZE)
#define FILES 4
#define STACK_LIMIT (64 * PAGE_SIZE)
#define ALIKE \
    (VM_READ | VM_WRITE | VM_EXEC | VM_SHARED | VM_MAYWRITE | VM_GROWSDOWN | VM_HEAP | VM_SHMEM)

/* ---- the model ---- */

/* A frame with contents of a process's own, which a page gets when it is first written to. */
struct frame {
    uint32_t content, users;
};

struct model_page {
    bool mapped;
    unsigned flags;
    struct file *file;
    uint32_t pgoff;
    struct frame *frame; /* a null pointer: what the file has there, or zeros */
};

struct space {
    struct mm_struct *mm; /* a null pointer: not in use */
    struct model_page page[PAGES];
};

static struct space spaces[SPACES];
static struct file *files[FILES];
static uint32_t frames_live, next_value;
static unsigned long outcomes[FAULT_OUTCOMES], done[16], failed;

static struct frame *frame_new(uint32_t content) {
    struct frame *frame = malloc(sizeof *frame);
    *frame = (struct frame){content, 1};
    frames_live++;
    return frame;
}

static void frame_put(struct frame *frame) {
    if (!frame || --frame->users) return;
    free(frame);
    frames_live--;
}

static uint32_t address_of(uint32_t page) {
    return BASE + page * PAGE_SIZE;
}

static void forget(struct space *space, uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        frame_put(space->page[i].frame);
        space->page[i] = (struct model_page){0};
    }
}

static bool range_is(const struct space *space, uint32_t first, uint32_t end, bool mapped) {
    for (uint32_t i = first; i < end; i++)
        if (space->page[i].mapped != mapped) return false;
    return true;
}

/* The next mapped page from `page` on; PAGES if there is none. */
static uint32_t next_mapped(const struct space *space, uint32_t page) {
    while (page < PAGES && !space->page[page].mapped) page++;
    return page;
}

/* Where the free pages end that start at `page`: early if a stack comes then. */
static uint32_t hole_end(const struct space *space, uint32_t page) {
    uint32_t next = next_mapped(space, page);
    if (next == PAGES || !(space->page[next].flags & VM_GROWSDOWN)) return next;
    return next < STACK_GAP_PAGES ? 0 : next - STACK_GAP_PAGES;
}

static bool hole_holds(const struct space *space, uint32_t first, uint32_t end) {
    return next_mapped(space, first) >= end &&
           (next_mapped(space, first) == PAGES || hole_end(space, first) >= end);
}

/* The highest free place, or PAGES. */
static uint32_t highest_place(const struct space *space, uint32_t pages) {
    uint32_t run = 0, blocked = 0; /* pages that the gap of a stack above still takes */
    for (uint32_t i = PAGES; i-- > 0;) {
        const struct model_page *page = &space->page[i];
        if (page->mapped) {
            run = 0;
            blocked = page->flags & VM_GROWSDOWN ? STACK_GAP_PAGES : 0;
        } else if (blocked) {
            blocked--;
        } else if (++run == pages) {
            return i;
        }
    }
    return PAGES;
}

static bool are_alike(const struct model_page *page, const struct model_page *next) {
    return page->mapped && next->mapped && page->flags == next->flags && page->file == next->file &&
           (!page->file || page->pgoff + 1 == next->pgoff);
}

static uint32_t count_areas(const struct space *space) {
    uint32_t areas = 0;
    for (uint32_t i = 0; i < PAGES; i++)
        areas +=
            space->page[i].mapped && (i == 0 || !are_alike(&space->page[i - 1], &space->page[i]));
    return areas;
}

static uint32_t content_of(const struct model_page *page) {
    if (page->frame) return page->frame->content;
    return page->file ? page->file->content[page->pgoff] : 0;
}

static bool is_private(const struct model_page *page) {
    return !(page->flags & VM_SHARED);
}

/* ---- the whole model against the whole machine ---- */

/* Who has a frame has it by an entry that names it, or its slot. */
static void check_frame(const struct mm_struct *mm, uint64_t value, const struct frame *frame) {
    const struct page *page = NULL;
    uint32_t users = 0;
    const uint32_t *words;

    if (pte_has_frame(value)) page = entry_frame(mm->pt.mode, value);
    else page = swap_area_of(value)->cached[pte_swap_place(value)];
    if (page) {
        assert_int_equal(page_owner(page), OWNER_USER);
        if (page->flags & PG_SWAPCACHE) value = swap_value(page);
        users = page->count - (page->flags & PG_SWAPCACHE ? 1 : 0);
        words = page_address(page);
    } else {
        words = (const uint32_t *)(swap_disks[pte_swap_area(value)].bytes +
                                   (size_t)pte_swap_place(value) * PAGE_SIZE);
    }
    if (pte_is_swapped(value)) users += swap_entries(value);
    assert_int_equal(users, frame->users);
    assert_int_equal(words[0], frame->content);
    assert_int_equal(words[PAGE_SIZE / 4 - 1], frame->content);
}

static void check_model(const struct space *space) {
    uint32_t anon = 0;
    const struct vm_area_struct *area = space->mm->first;

    check_space(space->mm);
    assert_int_equal(space->mm->areas, count_areas(space));
    for (uint32_t i = 0; i < PAGES; i++) {
        const struct model_page *page = &space->page[i];
        uint32_t address = address_of(i);
        while (area && area->end <= address) area = area->next;
        bool mapped = area && area->start <= address;
        assert_int_equal(mapped, page->mapped);
        anon += page->frame != NULL;
        if (!mapped) continue;
        assert_int_equal(area->flags & ALIKE, page->flags);
        assert_ptr_equal(area->file, page->file);
        if (area->file) assert_int_equal(area_pgoff(area, address), page->pgoff);
        if (!page->frame) continue;
        struct pte pte = pte_find(&space->mm->pt, virt_addr(address));
        assert_true(pte.value);
        check_frame(space->mm, pte.value, page->frame);
    }
    assert_int_equal(anon, space->mm->rss_anon + space->mm->swapped);
}

/* Slots and frames of an area agree; answers how many are on the disk only. */
static uint32_t check_area(const struct swap_area *area) {
    uint32_t in_use = 0, only_there = 0, empty_words = 0;

    if (!area->device) return 0;
    assert_int_equal(area->transfers, 0);
    for (uint32_t slot = 1; slot < area->slots; slot++) {
        const struct page *page = area->cached[slot];
        bool used = area->entries[slot] || page;
        assert_int_equal(used, swap_bit(area->used, slot));
        in_use += used;
        only_there += used && !page;
        if (!page) continue;
        assert_int_equal(page_owner(page), OWNER_USER);
        assert_true(page->flags & PG_SWAPCACHE);
        assert_int_equal(swap_value(page), swap_slot_value(area, slot));
        assert_true(page->count > 1 || area->entries[slot]);
    }
    for (uint32_t slot = 0; slot < area->slots; slot += SWAP_CLUSTER)
        empty_words += area->used[slot / SWAP_CLUSTER] == 0;
    assert_int_equal(empty_words, area->free_clusters);
    assert_int_equal(in_use, area->in_use);
    assert_int_equal(area->bad, 0);
    return only_there;
}

/* Contents of a page that is in the swap cache or on the disk, and of nobody else but a file. */
static const uint32_t *words_out(uint64_t value) {
    const struct page *page = swap_area_of(value)->cached[pte_swap_place(value)];

    assert_int_equal(swap_entries(value), 1);
    if (page) return page_address(page);
    return (const uint32_t *)(swap_disks[pte_swap_area(value)].bytes +
                              (size_t)pte_swap_place(value) * PAGE_SIZE);
}

/* Each page of each file holds what it should; answers how many are in swap areas. */
static uint32_t check_files(void) {
    uint32_t pages = 0, out = 0;

    for (const struct file *file = open_files; file; file = file->next) {
        const struct page_tree *tree = &file->shmem.pages;
        uint32_t here = 0, away = 0;
        for (uint32_t i = 0; i < FILE_PAGES_MAX; i++) {
            const struct page *page = page_tree_find(tree, i);
            uint64_t value = page_tree_swapped(tree, i);
            if (!page && !value) continue;
            assert_true(i < file->pages);
            if (page) assert_int_equal(page_owner(page), OWNER_SHMEM);
            const uint32_t *words = page ? page_address(page) : words_out(value);
            assert_int_equal(words[0], file->content[i]);
            assert_int_equal(words[PAGE_SIZE / 4 - 1], file->content[i]);
            here += page != NULL;
            away += value != 0;
        }
        assert_int_equal(tree->pages, here + away);
        assert_int_equal(tree->out, away);
        pages += here;
        out += away;
    }
    assert_int_equal(pages_of(OWNER_SHMEM), pages);
    return out;
}

static void check_all(void) {
    uint32_t areas = 0, running = 0, only_on_disk = 0;
    uint32_t of_files = check_files();
    for (unsigned i = 0; i < SWAP_AREAS; i++) only_on_disk += check_area(&swap_areas[i]);
    for (unsigned i = 0; i < SPACES; i++) {
        if (!spaces[i].mm) continue;
        check_model(&spaces[i]);
        areas += spaces[i].mm->areas;
        running++;
    }
    assert_int_equal(pages_of(OWNER_USER) + only_on_disk, frames_live + of_files);
    assert_int_equal(kmem_cache_in_use(cache_named("vm_area_struct")), areas);
    assert_int_equal(kmem_cache_in_use(cache_named("mm_struct")), running);
}

/* ---- the evictor, and what comes in between ---- */

#define DISK_PAGES 1500u /* fewer than pages: sometimes no slot is free */

static bool swapping;
static struct space *busy; /* its fault waits for a disk, or an operation of it is under way */
static unsigned depth;
static unsigned long taken_out, came_between, given_to_disk, files_out;

static void take_out(struct mm_struct *mm, uint32_t first, uint32_t end) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, &mm->pt);
    for (uint32_t at = address_of(first); at < address_of(end); at += PAGE_SIZE) {
        struct pte pte = pte_find(&mm->pt, virt_addr(at));
        if (pte.level->shift == PAGE_SHIFT && pte_has_frame(pte.value))
            taken_out +=
                user_page_out(&gather, mm, vma_find(mm, at), &pte, virt_addr(at));
    }
    tlb_gather_finish(&gather);
}

/* As the clock does it: any pages of any space, also of one that fork() is about to fill. */
static void evict(void) {
    unsigned spaces_there = 0;
    struct mm_struct *mm;

    for (mm = mm_first(); mm; mm = mm->next_space) spaces_there++;
    unsigned chosen = random_below(spaces_there + 1);
    for (mm = mm_first(); mm && chosen; mm = mm->next_space) chosen--;
    uint32_t first = random_below(PAGES), end = first + 1 + random_below(1000);
    if (busy && busy->mm && random_below(2)) mm = busy->mm;
    if (random_below(6) == 0) first = 0, end = PAGES;
    if (mm) take_out(mm, first, end < PAGES ? end : PAGES);
    if (random_below(3) == 0)
        files_out += shmem_swap_out(random_below(50), ZONE_HIGHMEM, random_below(2) ? 100 : SHMEM_ALL);
    if (random_below(3)) given_to_disk += swap_write_out(random_below(200), BLOCK_HLT);
}

/* Whenever memory is allocated. */
static void make_room(void) {
    static bool at_work;

    if (at_work || random_below(6)) return;
    at_work = true;
    depth++;
    evict();
    depth--;
    at_work = false;
}

static void operation(void);

/* As kswapd does it: others run while it writes. */
static bool writer_sleeps;

static void write_out_and_sleep(void) {
    writer_sleeps = true;
    given_to_disk += swap_write_out(random_below(200), BLOCK_SLEEP);
    writer_sleeps = false;
}

/* While the disk works: others run, and give up memory; the busy one sleeps. */
static void others_run(struct swap_disk *disk) {
    struct space *sleeper = busy;

    (void)disk;
    if ((!sleeper && !writer_sleeps) || depth || random_below(4)) return;
    depth++;
    came_between++;
    for (unsigned i = random_below(6); i > 0; i--) {
        operation();
        if (random_below(2)) evict();
    }
    depth--;
    busy = sleeper;
}

static void swap_to(unsigned number) {
    struct swap_disk *disk = swap_disk_make(number, DISK_PAGES);

    disk->meanwhile = others_run;
    assert_int_equal(swap_on(&disk->device), 0);
}

/* All that was there is in memory or on the other one. */
static void do_swapoff(void) {
    unsigned number = random_below(2);

    assert_int_equal(swap_off(&swap_disks[number].device), 0);
    check_all();
    swap_to(number);
}

/* ---- operations: each picks its arguments, predicts the answer, and changes the model ---- */

static uint32_t pick(uint32_t below) {
    return random_below(below);
}

static void pick_range(uint32_t *first, uint32_t *end) {
    uint32_t kind = pick(100), pages = 1 + pick(kind < 80 ? 8 : kind < 97 ? 100 : 1500);
    *first = pick(PAGES);
    *end = *first + pages < PAGES ? *first + pages : PAGES;
}

/* A page near one that is mapped, so that not all calls are for nothing. */
static void pick_mapped_range(const struct space *space, uint32_t *first, uint32_t *end) {
    pick_range(first, end);
    uint32_t pages = *end - *first, at = next_mapped(space, *first);
    if (at == PAGES || pick(8) == 0) return;
    *first = at;
    *end = at + pages < PAGES ? at + pages : PAGES;
}

static uint32_t pick_prot(void) {
    static const uint32_t prots[] = {PROT_READ | PROT_WRITE,
                                     PROT_READ | PROT_WRITE,
                                     PROT_READ,
                                     PROT_READ | PROT_EXEC,
                                     0,
                                     PROT_WRITE,
                                     PROT_READ | PROT_WRITE | PROT_EXEC};
    return prots[pick(sizeof prots / sizeof prots[0])];
}

static void do_mmap(struct space *space) {
    uint32_t first, end, prot = pick_prot(), flags = pick(3) ? MAP_PRIVATE : MAP_SHARED, pgoff = 0;
    struct file *file = pick(3) ? NULL : files[pick(FILES)];
    uint32_t place = pick(4);

    pick_range(&first, &end);
    if (pick(30) == 0 && !file && flags == MAP_PRIVATE) flags |= MAP_GROWSDOWN;
    if (!file) flags |= MAP_ANONYMOUS;
    if (flags & MAP_SHARED && !file && end - first > FILE_PAGES_MAX) return;
    if (file) pgoff = pick(file->pages + 4);
    if (place == 0) flags |= MAP_FIXED;
    if (place == 1) flags |= MAP_FIXED_NOREPLACE;

    int32_t wanted = (int32_t)address_of(first);
    uint32_t pages = end - first;
    if (place == 1 && !range_is(space, first, end, false)) wanted = -EEXIST;
    if (place == 2 && !hole_holds(space, first, end)) place = 3;
    if (place == 3) first = highest_place(space, pages);
    if (place == 3) wanted = first == PAGES ? 1 : (int32_t)address_of(first);
    if (file && flags & MAP_SHARED && prot & PROT_WRITE && !file->writable && wanted != -EEXIST)
        wanted = -EACCES;
    uint32_t hint =
        place == 3 ? (pick(2) ? 0 : PAGE_OFFSET - PAGE_SIZE * pick(3)) : address_of(first);
    if (place == 3 && hint == PAGE_OFFSET - 2 * PAGE_SIZE) hint = 0;
    if (place == 3 && hint == PAGE_OFFSET - PAGE_SIZE) hint = PAGE_OFFSET;
    int32_t answer =
        mm_mmap(space->mm, hint, pages * PAGE_SIZE - pick(PAGE_SIZE), prot, flags, file, pgoff);

    if (wanted == 1) { /* no place below mmap_base: above it then */
        assert_true((uint32_t)answer >= TOP && (uint32_t)answer < PAGE_OFFSET);
        assert_int_equal(mm_munmap(space->mm, (uint32_t)answer, pages * PAGE_SIZE), 0);
        return;
    }
    assert_int_equal(answer, wanted);
    if (answer < 0 && answer > -4096) {
        failed++;
        return;
    }
    forget(space, first, first + pages);
    struct file *mapped = vma_find(space->mm, (uint32_t)answer)->file;
    for (uint32_t i = 0; i < pages; i++) {
        struct model_page *page = &space->page[first + i];
        *page =
            (struct model_page){.mapped = true, .flags = prot, .file = mapped, .pgoff = pgoff + i};
        if (flags & MAP_SHARED) page->flags |= file ? VM_SHARED : VM_SHARED | VM_SHMEM;
        if (flags & MAP_PRIVATE || !file || file->writable) page->flags |= VM_MAYWRITE;
        if (flags & MAP_GROWSDOWN) page->flags |= VM_GROWSDOWN;
    }
}

static void do_munmap(struct space *space) {
    uint32_t first, end;
    pick_mapped_range(space, &first, &end);
    if (end - first > 300 && pick(4)) end = first + 300;
    assert_int_equal(mm_munmap(space->mm, address_of(first), (end - first) * PAGE_SIZE), 0);
    forget(space, first, end);
}

static void do_mprotect(struct space *space) {
    uint32_t first, end, prot = pick_prot();
    int32_t wanted = 0;

    pick_mapped_range(space, &first, &end);
    uint32_t done_end = first; /* what comes before the obstacle is changed */
    for (; done_end < end && !wanted; done_end += !wanted) {
        if (!space->page[done_end].mapped)
            wanted = -ENOMEM;
        else if (prot & PROT_WRITE && !(space->page[done_end].flags & VM_MAYWRITE))
            wanted = -EACCES;
    }
    assert_int_equal(mm_mprotect(space->mm, address_of(first), (end - first) * PAGE_SIZE, prot),
                     wanted);
    failed += wanted != 0;
    for (uint32_t i = first; i < done_end; i++)
        space->page[i].flags = (space->page[i].flags & ~7u) | prot;
}

static void do_madvise(struct space *space) {
    uint32_t first, end;
    pick_mapped_range(space, &first, &end);
    int32_t wanted = range_is(space, first, end, true) ? 0 : -ENOMEM;
    assert_int_equal(
        mm_madvise(space->mm, address_of(first), (end - first) * PAGE_SIZE, MADV_DONTNEED), wanted);
    for (uint32_t i = first; i < end; i++) {
        frame_put(space->page[i].frame);
        space->page[i].frame = NULL;
    }
}

/* The last page of the area that `page` is in. */
static uint32_t area_end_of(const struct space *space, uint32_t page) {
    while (page + 1 < PAGES && are_alike(&space->page[page], &space->page[page + 1])) page++;
    return page + 1;
}

static void move_pages(struct space *space, uint32_t from, uint32_t old, uint32_t to, uint32_t new,
                       bool keep) {
    struct model_page like = space->page[from];
    forget(space, to, to + new);
    for (uint32_t i = 0; i < new; i++) {
        struct model_page *page = &space->page[to + i];
        *page = like;
        page->pgoff = like.pgoff + i;
        page->frame = i < old ? space->page[from + i].frame : NULL;
        if (i < old) space->page[from + i].frame = NULL;
    }
    if (!keep) forget(space, from, from + old);
}

static void do_mremap(struct space *space) {
    uint32_t from, from_end, to, to_end, flags = pick(4) ? MREMAP_MAYMOVE : 0;

    pick_mapped_range(space, &from, &from_end);
    pick_range(&to, &to_end);
    uint32_t old = from_end - from, new = pick(3) ? to_end - to : 1 + pick(2 * old);
    if (new > 300) new = 300;
    if (flags && pick(2) && to + new <= PAGES) flags |= MREMAP_FIXED;
    if (flags && pick(5) == 0) {
        flags |= MREMAP_DONTUNMAP;
        new = old;
        if (to + new > PAGES) flags &= ~MREMAP_FIXED;
    }
    int32_t wanted = 0;
    if (flags & MREMAP_FIXED && to < from + old && from < to + new) wanted = -EINVAL;
    if (!wanted && (!space->page[from].mapped || from + old > area_end_of(space, from)))
        wanted = -EFAULT;

    enum { STAY, GROW, SHRINK, MOVE } what = STAY;
    if (!wanted && flags & MREMAP_FIXED) {
        what = MOVE;
    } else if (!wanted) {
        if (!(flags & MREMAP_DONTUNMAP) && old >= new) {
            what = SHRINK;
        } else if (!(flags & MREMAP_DONTUNMAP) && from + old == area_end_of(space, from) &&
                   from + new <= PAGES && hole_holds(space, from + old, from + new)) {
            what = GROW;
        } else if (!(flags & MREMAP_DONTUNMAP) && from + new > PAGES &&
                   from + old == area_end_of(space, from) &&
                   next_mapped(space, from + old) == PAGES) {
            return; /* would grow out of the window */
        } else if (!(flags & MREMAP_MAYMOVE)) {
            wanted = -ENOMEM;
        } else {
            what = MOVE;
            to = highest_place(space, new);
            if (to == PAGES) return;
        }
    }
    if (!wanted) wanted = (int32_t)address_of(what == MOVE ? to : from);
    int32_t answer = mm_mremap(space->mm, address_of(from), old * PAGE_SIZE, new *PAGE_SIZE, flags,
                               address_of(to));
    assert_int_equal(answer, wanted);
    if (answer < 0 && answer > -4096) {
        failed++;
        return;
    }
    if (what == SHRINK) forget(space, from + new, from + old);
    if (what == GROW)
        for (uint32_t i = old; i < new; i++) {
            space->page[from + i] = space->page[from];
            space->page[from + i].pgoff += i;
            space->page[from + i].frame = NULL;
        }
    if (what == MOVE) {
        if (old > new) forget(space, from + new, from + old);
        move_pages(space, from, old < new ? old : new, to, new, flags & MREMAP_DONTUNMAP);
    }
}

static void do_brk(struct space *space) {
    struct mm_struct *mm = space->mm;
    uint32_t from = ((uint32_t)whole_pages(mm->brk) - BASE) / PAGE_SIZE;
    uint32_t end = mm->start_brk + pick(100 * PAGE_SIZE);
    uint32_t to = ((uint32_t)whole_pages(end) - BASE) / PAGE_SIZE;
    bool done_it = to <= from || hole_holds(space, from, to + 1);

    assert_int_equal(mm_brk(mm, end), done_it ? end : mm->brk);
    if (!done_it) {
        failed++;
        return;
    }
    if (to < from) forget(space, to, from);
    for (uint32_t i = from; i < to; i++)
        space->page[i] = (struct model_page){.mapped = true,
                                             .flags = VM_READ | VM_WRITE | VM_MAYWRITE | VM_HEAP};
}

static void space_end(struct space *space) {
    mm_put(space->mm);
    space->mm = NULL;
    forget(space, 0, PAGES);
}

static void space_start(struct space *space) {
    space->mm = mm_alloc();
    assert_non_null(space->mm);
    space->mm->mmap_base = TOP;
    space->mm->limit_stack = STACK_LIMIT;
    space->mm->start_brk = space->mm->brk = address_of(16) + 123;
    assert_int_equal(mm_set_stack(space->mm, address_of(PAGES - 8), 2 * PAGE_SIZE), 0);
    for (uint32_t i = PAGES - 10; i < PAGES - 8; i++)
        space->page[i] = (struct model_page){
            .mapped = true, .flags = VM_READ | VM_WRITE | VM_MAYWRITE | VM_GROWSDOWN};
}

static void do_fork(struct space *parent) {
    struct space *child = &spaces[pick(SPACES)];
    if (child == parent || child == busy) return;
    if (child->mm) space_end(child);
    child->mm = NULL;
    child->mm = mm_fork(parent->mm);
    assert_non_null(child->mm);
    memcpy(child->page, parent->page, sizeof child->page);
    for (uint32_t i = 0; i < PAGES; i++)
        if (child->page[i].frame) child->page[i].frame->users++;
}

static void do_truncate(struct space *space) {
    struct file *file = files[pick(FILES)];
    uint32_t pages = 1 + pick(60);
    (void)space;
    file_truncate(file, pages);
    for (unsigned i = 0; i < SPACES; i++) {
        for (uint32_t at = 0; at < PAGES; at++) {
            struct model_page *page = &spaces[i].page[at];
            if (page->file != file || page->pgoff < pages) continue;
            frame_put(page->frame);
            page->frame = NULL;
        }
    }
}

static void do_end(struct space *space) {
    unsigned running = 0;
    for (unsigned i = 0; i < SPACES; i++) running += spaces[i].mm != NULL;
    space_end(space);
    if (running == 1) space_start(space);
}

/* May the stack whose first page is `stack` have `page` too? */
static bool stack_may_grow(const struct space *space, uint32_t stack, uint32_t page) {
    uint32_t below = page;
    if (area_end_of(space, stack) - page > STACK_LIMIT / PAGE_SIZE) return false;
    while (below > 0 && !space->page[below - 1].mapped) below--;
    if (below == 0) return true;
    unsigned flags = space->page[below - 1].flags;
    return !(flags & 7) || flags & VM_GROWSDOWN || page - below >= STACK_GAP_PAGES;
}

static enum fault_outcome predict(struct space *space, uint32_t page, enum fault_access access,
                                  bool uses_stack) {
    struct model_page *at = &space->page[page];
    if (!at->mapped) {
        uint32_t above = next_mapped(space, page);
        if (above == PAGES || !(space->page[above].flags & VM_GROWSDOWN)) return FAULT_NO_AREA;
        if (!stack_may_grow(space, above, page))
            return uses_stack ? FAULT_STACK_OVERFLOW : FAULT_NO_AREA;
        for (uint32_t i = page; i < above; i++) {
            space->page[i] = space->page[above];
            space->page[i].frame = NULL;
        }
    }
    if (!(at->flags & 7)) return FAULT_NOT_READABLE;
    if (access == FAULT_WRITE && !(at->flags & VM_WRITE)) return FAULT_READ_ONLY;
    if (access == FAULT_EXEC && !(at->flags & VM_EXEC) && mode_now.usable_flags & PTE_NX)
        return FAULT_NOT_EXECUTABLE;
    if (at->file && !at->frame && at->pgoff >= at->file->pages) return FAULT_BEYOND_FILE;
    return FAULT_MENDED;
}

static void do_access(struct space *space) {
    uint32_t first, end, word = 0;
    pick_mapped_range(space, &first, &end);
    uint32_t page = first + pick(end - first), offset = pick(PAGE_SIZE);
    enum fault_access access = (enum fault_access)pick(3);
    bool uses_stack = pick(2);
    uint32_t esp = uses_stack ? address_of(page) + offset + pick(60000) : TOP + 0x100000;
    enum fault_outcome wanted = predict(space, page, access, uses_stack);
    uint32_t value = ++next_value;

    if (pick(4) == 0) mm_load(&space->mm->pt);
    assert_int_equal(
        program_access(space->mm, address_of(page) + offset, access, esp, value, &word), wanted);
    outcomes[wanted]++;
    if (wanted != FAULT_MENDED) return;
    struct model_page *at = &space->page[page];
    if (access == FAULT_WRITE && is_private(at)) {
        if (at->frame && at->frame->users == 1) {
            at->frame->content = value;
        } else {
            frame_put(at->frame);
            at->frame = frame_new(value);
        }
    } else if (access == FAULT_WRITE) {
        at->file->content[at->pgoff] = value;
    }
    assert_int_equal(word, content_of(at));
}

/* ---- the run ---- */

static void one_operation(struct space *space) {
    static void (*const calls[])(struct space *) = {do_mmap,    do_munmap, do_mprotect,
                                                    do_madvise, do_mremap, do_brk,
                                                    do_fork,    do_end,    do_truncate};
    static const unsigned weights[] = {20, 12, 14, 3, 12, 4, 2, 1, 1};
    uint32_t kind = pick(200);

    if (depth && busy && (kind == 67 || kind == 68)) return; /* do_end(), do_truncate(): reach others */
    for (unsigned i = 0; i < 9; i++) {
        if (kind < weights[i]) {
            calls[i](space);
            done[i]++;
            return;
        }
        kind -= weights[i];
    }
    do_access(space);
}

/* Of a space that no other operation is at work on. */
static void operation(void) {
    struct space *space, *sleeper = busy;
    unsigned tries = 0;

    do space = &spaces[pick(SPACES)];
    while ((!space->mm || space == sleeper) && ++tries < 100);
    if (tries == 100) return;
    busy = depth ? sleeper : space;
    one_operation(space);
    busy = sleeper;
}

static void run(const struct paging_mode *mode, bool nx, bool with_swap, uint64_t seed) {
    machine_start(mode, 512 * MB);
    swapping = with_swap;
    if (!nx) mode_now.usable_flags &= ~PTE_NX;
    random_state = seed;
    memset(outcomes, 0, sizeof outcomes);
    memset(done, 0, sizeof done);
    if (swapping) {
        swap_to(0);
        swap_to(1);
    }
    on_allocation = swapping ? make_room : NULL;
    for (unsigned i = 0; i < FILES; i++) files[i] = file_new(1 + pick(60), i % 2);
    space_start(&spaces[0]);
    for (uint32_t i = 0; i < operations_wanted() / 3 + 1; i++) {
        operation();
        if (swapping && pick(10) == 0) evict();
        if (swapping && pick(10) == 0) write_out_and_sleep();
        if (swapping && pick(3000) == 0) do_swapoff();
        if (i % 997 == 0) check_all();
    }
    check_all();
    for (unsigned i = 0; i < SPACES; i++)
        if (spaces[i].mm) space_end(&spaces[i]);
    for (unsigned i = 0; i < FILES; i++) {
        assert_int_equal(files[i]->references, 1);
        file_put(files[i]);
    }
    assert_int_equal(frames_live, 0);
    on_allocation = NULL;
    for (unsigned i = 0; i < 2 && swapping; i++)
        assert_int_equal(swap_off(&swap_disks[i].device), 0);
    assert_int_equal(swap_cached(), 0);
    machine_stop();
    if (swapping)
        printf("taken out %lu, of files %lu, written and freed %lu, read %u, written %u; others ran "
               "meanwhile %lu times\n",
               taken_out, files_out, given_to_disk, swap_counts.in, swap_counts.out, came_between);
    for (unsigned i = 0; i < FAULT_OUTCOMES; i++)
        printf("%s%s %lu", i ? ", " : "", fault_outcome_name((enum fault_outcome)i), outcomes[i]);
    printf("; calls that failed %lu\n", failed);
}

static void random_classic(void **state) {
    (void)state;
    run(&paging_classic, false, false, 1);
}

static void random_pae(void **state) {
    (void)state;
    run(&paging_pae, true, false, 2);
}

static void random_pae_without_nx(void **state) {
    (void)state;
    run(&paging_pae, false, false, 3);
}

static void random_classic_with_swap(void **state) {
    (void)state;
    run(&paging_classic, false, true, 4);
}

static void random_pae_with_swap(void **state) {
    (void)state;
    run(&paging_pae, true, true, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_classic),
        cmocka_unit_test(random_pae),
        cmocka_unit_test(random_pae_without_nx),
        cmocka_unit_test(random_classic_with_swap),
        cmocka_unit_test(random_pae_with_swap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
