/*
 * process_memory.h: what tests of address spaces share: a machine with the real allocators and page
 * tables; a TLB that keeps all that it ever saw until it is told to forget; files of a few pages;
 * and a processor that reads and writes through all of it. Included by one file of each test
 * program, after memory_test.h.
 */
#ifndef PROCESS_MEMORY_H
#define PROCESS_MEMORY_H

#include <ascent/swap_header.h>
#include <fs/file.h>
#include <lib/crc32.h>
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/early.h>
#include <mm/kmap.h>
#include <mm/kmalloc.h>
#include <mm/reclaim.h>
#include <mm/shmem.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/swap_area.h>
#include <mm/table_frames.h>
#include <mm/user_pages.h>
#include <proc/schedule.h>

#define MB 0x100000ull

/* ---- what the sources need of the kernel ---- */

int printk(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vprintf(format, args);
    va_end(args);
    return length;
}

void print_code_address(uint32_t address) {
    printf("%08x", address);
}

const char *symbol_find(uint32_t address, uint32_t *offset) {
    *offset = address;
    return NULL;
}

size_t strlcpy(char *to, const char *from, size_t size) {
    return (size_t)(snprintf)(to, size, "%s", from);
}

/* The nth allocation from now on fails; 0: none. Calls that were made since are counted. */
static unsigned fail_countdown, calls_made;
unsigned failalloc_armed = 1;

/* Called before: what reclaim may do then. */
static void (*on_allocation)(void);

bool failalloc(void) {
    calls_made++;
    if (on_allocation) on_allocation();
    return fail_countdown && --fail_countdown == 0;
}

void *kmap_atomic(struct page *page) {
    return page_address(page);
}

void kunmap_atomic(void *address) {
    (void)address;
}

void kswapd_wake(enum zone_id wanted) {
    (void)wanted;
}

bool kswapd_start(void) {
    return true;
}

void page_zero(struct page *page) {
    memset(page_address(page), 0, PAGE_SIZE);
}

void *vzalloc(size_t bytes) {
    return failalloc() ? NULL : calloc(1, bytes);
}

void vfree(void *address) {
    free(address);
}

void *kzalloc(size_t bytes, gfp_t gfp) {
    (void)gfp;
    return failalloc() ? NULL : calloc(1, bytes);
}

void kfree(const void *memory) {
    free((void *)memory);
}

static void (*other_task)(void); /* what runs then */

void task_yield(void) {
    if (other_task) other_task();
}

static bool signal_comes;

bool signal_pending(void) {
    return signal_comes;
}

/* ---- disks for swap, in this program's memory ---- */

static struct swap_disk {
    struct block_device device;
    uint8_t *bytes;
    uint32_t broken;                            /* page that cannot be moved; 0: none */
    bool broken_header;
    unsigned requests;
    void (*meanwhile)(struct swap_disk *disk);  /* what other tasks do while it works */
} swap_disks[2];

/* A disk of so many pages, with a header that is right. */
static inline struct swap_disk *swap_disk_make(unsigned number, uint32_t pages) {
    struct swap_disk *disk = &swap_disks[number];
    struct swap_header *header;

    free(disk->bytes);
    *disk = (struct swap_disk){.bytes = calloc(pages, PAGE_SIZE)};
    snprintf(disk->device.name, sizeof disk->device.name, "hd%c2", (char)('a' + number));
    disk->device.sectors = (uint64_t)pages * SECTORS_PER_PAGE;
    disk->device.writable = true;
    header = (struct swap_header *)disk->bytes;
    header->version = SWAP_VERSION;
    header->last_page = pages - 1;
    header->mark = SWAP_MARK;
    header->page_bytes = SWAP_PAGE_BYTES;
    memcpy(header->magic, SWAP_MAGIC, SWAP_MAGIC_BYTES);
    header->crc = crc32_of(header, sizeof *header);
    return disk;
}

static int swap_disk_move(struct block_device *device, bool write, uint64_t sector,
                          uint32_t sectors, struct page *const *pages) {
    struct swap_disk *disk = (struct swap_disk *)device;

    assert_int_equal(sector % SECTORS_PER_PAGE, 0);
    assert_int_equal(sectors % SECTORS_PER_PAGE, 0);
    assert_true(sector + sectors <= device->sectors);
    disk->requests++;
    if (disk->meanwhile) disk->meanwhile(disk);
    if (device->dead || (disk->broken_header && sector == 0)) return -EIO;
    for (uint32_t i = 0; i < sectors / SECTORS_PER_PAGE; i++) {
        uint32_t place = (uint32_t)sector / SECTORS_PER_PAGE + i;
        uint8_t *at = disk->bytes + (size_t)place * PAGE_SIZE;
        if (disk->broken && place == disk->broken) return -EIO;
        assert_true(pages[i]->count > 0);
        if (write) memcpy(at, page_address(pages[i]), PAGE_SIZE);
        else memcpy(page_address(pages[i]), at, PAGE_SIZE);
    }
    return 0;
}

int block_read(struct block_device *device, uint64_t sector, uint32_t sectors,
               struct page *const *pages, enum block_wait wait) {
    (void)wait;
    return swap_disk_move(device, false, sector, sectors, pages);
}

int block_write(struct block_device *device, uint64_t sector, uint32_t sectors,
                struct page *const *pages, enum block_wait wait) {
    (void)wait;
    assert_true(sector > 0); /* never the header */
    return swap_disk_move(device, true, sector, sectors, pages);
}

int block_claim(struct block_device *device) {
    if (device->claimed) return -EBUSY;
    device->claimed = true;
    return 0;
}

void block_release(struct block_device *device) {
    device->claimed = false;
}

/* ---- entries, which the processor may look at at any time ---- */

uint64_t pte_read(const void *slot, unsigned entry_bytes) {
    uint64_t value = 0;
    memcpy(&value, slot, entry_bytes);
    return value;
}

void pte_fill(void *slot, unsigned entry_bytes, uint64_t value) {
    memcpy(slot, &value, entry_bytes);
}

bool pte_replace(void *slot, unsigned entry_bytes, uint64_t *expected, uint64_t value) {
    uint64_t now = pte_read(slot, entry_bytes);
    if (now == *expected)
        pte_fill(slot, entry_bytes, value);
    else
        *expected = now;
    return now == *expected;
}

uint64_t pte_clear(void *slot, unsigned entry_bytes) {
    uint64_t old = pte_read(slot, entry_bytes);
    pte_fill(slot, entry_bytes, 0);
    return old;
}

/* ---- the TLB, of the user half of the space that is loaded ---- */

#define TLB_PAGES (PAGE_OFFSET / PAGE_SIZE)

static struct translation tlb[TLB_PAGES]; /* `present`: it remembers this one */
static uint32_t tlb_known[TLB_PAGES], tlb_known_count;
static const struct mm *loaded_mm = &kernel_mm;
struct tlb_counts tlb_counts;
struct mm kernel_mm;

static void tlb_forget_all(void) {
    while (tlb_known_count) tlb[tlb_known[--tlb_known_count]].present = false;
}

void mm_load(const struct mm *mm) {
    loaded_mm = mm;
    tlb_forget_all();
}

const struct mm *mm_loaded(void) {
    return loaded_mm;
}

void tlb_flush_page(const struct mm *mm, virt_addr_t virt) {
    if (mm == loaded_mm && virt.value < PAGE_OFFSET) tlb[virt.value / PAGE_SIZE].present = false;
}

void tlb_flush_all(const struct mm *mm) {
    if (mm == loaded_mm) tlb_forget_all();
}

void tlb_flush_all_global(void) {
    tlb_forget_all();
}

/* What the processor makes of an address: from the TLB if it remembers it. What it remembers must
 * not allow more than the tables do, nor lead elsewhere. */
static struct translation processor_translate(struct mm_struct *mm, uint32_t address) {
    struct translation walk = pt_translate(&mm->pt, virt_addr(address & ~(PAGE_SIZE - 1u)));
    if (loaded_mm != &mm->pt) return walk;
    struct translation *known = &tlb[address / PAGE_SIZE];
    if (known->present) {
        if (!walk.present || known->phys.value != walk.phys.value ||
            (known->writable && !walk.writable) || (known->executable && !walk.executable))
            fail_msg("the TLB was not flushed for %08x", address);
        return *known;
    }
    if (walk.present) {
        struct pte pte = pte_find(&mm->pt, virt_addr(address));
        pte_change(&mm->pt, &pte, PTE_ACCESSED, 0); /* only now: not while it remembers the page */
        *known = walk;
        if (tlb_known_count == TLB_PAGES) tlb_forget_all();
        tlb_known[tlb_known_count++] = address / PAGE_SIZE;
    }
    return walk;
}

/* ---- files ---- */

#define FILE_PAGES_MAX 256

struct file {
    struct file *next, **link; /* of all that are open */
    uint32_t references, pages;
    bool writable, anonymous_device;
    struct shmem shmem; /* in memory only: those that may go to a swap area, as of tmpfs */
    bool on_disk;       /* its pages can be read again */
    struct page *page[FILE_PAGES_MAX];
    uint32_t content[FILE_PAGES_MAX]; /* what each page should hold: the model's */
};

static struct file *open_files;
static uint32_t files_open;
static struct file *file_on_disk; /* the one that has pages to give up */

static struct file *file_new(uint32_t pages, bool writable) {
    struct file *file = calloc(1, sizeof *file);
    *file = (struct file){.references = 1, .pages = pages, .writable = writable};
    shmem_start(&file->shmem);
    file->next = open_files;
    file->link = &open_files;
    if (open_files) open_files->link = &file->next;
    open_files = file;
    files_open++;
    return file;
}

/* The frame of a page, if it has one. */
static inline struct page *file_frame(const struct file *file, uint32_t index) {
    return file->on_disk ? file->page[index] : page_tree_find(&file->shmem.pages, index);
}

void file_get(struct file *file) {
    file->references++;
}

void file_put(struct file *file) {
    assert_true(file->references > 0);
    if (--file->references) return;
    shmem_end(&file->shmem);
    *file->link = file->next;
    if (file->next) file->next->link = file->link;
    for (uint32_t i = 0; i < FILE_PAGES_MAX; i++)
        if (file->page[i]) put_page(file->page[i]);
    free(file);
    files_open--;
}

uint32_t file_device(const struct file *file) {
    (void)file;
    return 1;
}

uint32_t file_inode_number(const struct file *file) {
    return (uint32_t)(uintptr_t)file;
}

/* As truncate(2) of a file system does it. */
static inline void file_truncate(struct file *file, uint32_t pages) {
    for (uint32_t i = pages; i < file->pages; i++) {
        if (file->page[i]) put_page(file->page[i]);
        file->page[i] = NULL;
        file->content[i] = 0;
    }
    bool shorter = pages < file->pages;
    page_tree_cut(&file->shmem.pages, pages);
    file->pages = pages;
    if (shorter) mm_file_cut(1, file_inode_number(file), pages);
}

bool file_writable(const struct file *file) {
    return file->writable;
}

int file_may_map(const struct file *file, bool *anonymous) {
    *anonymous = file->anonymous_device;
    return 0;
}

struct file *file_anonymous(uint32_t bytes) {
    if (bytes / PAGE_SIZE > FILE_PAGES_MAX || failalloc()) return NULL;
    return file_new(bytes / PAGE_SIZE, true);
}

bool file_page_is_away(struct file *file, uint32_t index) {
    return index < file->pages && shmem_is_away(&file->shmem, index);
}

bool file_is_in_memory(const struct file *file) {
    return !file->on_disk;
}

bool file_page_is_in_memory(const struct file *file, uint32_t index) {
    return file->on_disk ? file->page[index] != NULL : shmem_is_in_memory(&file->shmem, index);
}

uint64_t file_next_swapped(const struct file *file, uint32_t *index) {
    return page_tree_next_swapped(&file->shmem.pages, index);
}

void file_page_out(struct file *file, uint32_t index, struct page *page) {
    shmem_page_out(&file->shmem, index, page);
}

/* A page as it is when it is first used. */
static int file_new_page(struct file *file, uint32_t index, struct page **page) {
    *page = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 0, file->on_disk ? OWNER_CACHE : shmem_owner(&file->shmem));
    if (!*page) return -ENOMEM;
    uint32_t *words = page_address(*page);
    words[0] = words[PAGE_SIZE / 4 - 1] = file->content[index];
    if (file->on_disk) {
        file->page[index] = *page;
    } else if (page_tree_enter(&file->shmem.pages, index, *page)) {
        put_page(*page);
        return -ENOMEM;
    }
    get_page(*page);
    return 0;
}

int file_page(struct file *file, uint32_t index, enum block_wait wait, struct page **page) {
    if (index >= file->pages) return -ENXIO;
    int error = shmem_find(&file->shmem, index, wait, page);
    if (error || *page) return error;
    if (!file->on_disk || !file->page[index]) return file_new_page(file, index, page);
    *page = file->page[index];
    get_page(*page);
    return 0;
}

struct page *file_page_in_memory(struct file *file, uint32_t index) {
    struct page *page = index < file->pages ? file_frame(file, index) : NULL;
    if (page) get_page(page);
    return page;
}

unsigned file_cache_reclaim(unsigned pages) {
    unsigned freed = 0;

    for (uint32_t i = 0; file_on_disk && i < FILE_PAGES_MAX && freed < pages; i++) {
        if (!file_on_disk->page[i] || file_on_disk->page[i]->count > 1) continue;
        put_page(file_on_disk->page[i]);
        file_on_disk->page[i] = NULL;
        freed++;
    }
    return freed;
}

/* ---- a machine ---- */

static struct paging_mode mode_now;

/* What a whole test must give back. */
static struct counts { uint32_t owner[OWNERS], areas, spaces, files; } counts_at_start;

static struct kmem_cache *cache_named(const char *name) {
    struct kmem_cache *cache = kmem_cache_first();
    while (cache && strcmp(cache->name, name)) cache = cache->next;
    assert_non_null(cache);
    return cache;
}

static struct counts counts_take(void) {
    struct counts counts;
    memset(&counts, 0, sizeof counts);
    slab_reclaim();
    for (unsigned owner = 0; owner < OWNERS; owner++) counts.owner[owner] = pages_of(owner);
    counts.areas = kmem_cache_in_use(cache_named("vm_area_struct"));
    counts.spaces = kmem_cache_in_use(cache_named("mm_struct"));
    counts.files = files_open;
    return counts;
}

static void counts_must_be(const struct counts *wanted) {
    struct counts now = counts_take();
    for (unsigned owner = 0; owner < OWNERS; owner++)
        if (now.owner[owner] != wanted->owner[owner])
            fail_msg("%s: %u frames instead of %u", page_owner_name(owner), now.owner[owner],
                     wanted->owner[owner]);
    assert_int_equal(now.areas, wanted->areas);
    assert_int_equal(now.spaces, wanted->spaces);
    assert_int_equal(now.files, wanted->files);
}

static void machine_start(const struct paging_mode *mode, uint64_t bytes) {
    static struct memory_range map[1];

    fail_countdown = 0;
    host_memory_new(bytes);
    map[0] = (struct memory_range){0x1000, bytes - 0x1000, MEMORY_USABLE, 1};
    early_init(map, 1);
    page_init(phys_addr(bytes), phys_addr(bytes));
    buddy_init();
    slab_init();
    slab_watched = true; /* failalloc() sees the calls for objects too */
    mm_struct_init();
    mode_now = *mode;
    kernel_mm = (struct mm){&mode_now, table_alloc(), false};
    if (mode == &paging_pae) pte_make(&kernel_mm, virt_addr(PAGE_OFFSET), 1);
    kernel_mm.sealed = true;
    mm_load(&kernel_mm);
    counts_at_start = counts_take();
}

/* All is given back. */
static void machine_stop(void) {
    counts_must_be(&counts_at_start);
    uint32_t sum = 0;
    for (unsigned owner = 0; owner < OWNERS; owner++) sum += pages_of((enum page_owner)owner);
    assert_int_equal(sum, pages_total());
    while (kmem_cache_first()->next) kmem_cache_destroy(kmem_cache_first());
}

/* ---- a program ---- */

/* An access as a program makes it: MENDED, and then `*word` is the first word of its page; or how
 * it ends. A write stores `value` in the first and the last word. */
static enum fault_outcome program_access(struct mm_struct *mm, uint32_t address,
                                         enum fault_access access, uint32_t esp, uint32_t value,
                                         uint32_t *word) {
    for (unsigned faults = 0;; faults++) {
        struct translation at = processor_translate(mm, address);
        bool allowed = at.present && at.user && (access != FAULT_WRITE || at.writable) &&
                       (access != FAULT_EXEC || at.executable);
        if (allowed) {
            uint32_t *words = (uint32_t *)phys_to_virt(at.phys);
            struct pte pte = pte_find(&mm->pt, virt_addr(address));
            if (access == FAULT_WRITE) pte_change(&mm->pt, &pte, PTE_DIRTY, 0);
            if (access == FAULT_WRITE) words[0] = words[PAGE_SIZE / 4 - 1] = value;
            assert_int_equal(words[0], words[PAGE_SIZE / 4 - 1]);
            *word = words[0];
            return FAULT_MENDED;
        }
        if (faults == (on_allocation ? 50 : 2)) fail_msg("%08x: mended, and faults again", address);
        enum fault_outcome outcome = mm_fault(mm, address, access, esp, BLOCK_HLT);
        if (outcome != FAULT_MENDED) return outcome;
    }
}

/* ---- what must hold in any space at any time ---- */

struct seen {
    uint32_t areas, anon, file, shmem, swapped;
};

static int check_subtree(const struct mm_struct *mm, const struct vm_area_struct *area,
                         uint32_t *gap) {
    uint32_t left_gap = 0, right_gap = 0;
    *gap = 0;
    if (!area) return 0;
    int left = check_subtree(mm, area->left, &left_gap);
    int right = check_subtree(mm, area->right, &right_gap);
    assert_in_range(left - right + 1, 0, 2);
    assert_int_equal(area->height, 1 + (left > right ? left : right));
    if (area->left) assert_true(area->left->start < area->start);
    if (area->right) assert_true(area->right->start > area->start);

    uint32_t start = area->prev ? area->prev->end : MMAP_MIN_ADDR, end = area->start;
    if (area->flags & VM_GROWSDOWN) end = end > MB ? end - (uint32_t)MB : 0;
    *gap = end > start ? end - start : 0;
    if (left_gap > *gap) *gap = left_gap;
    if (right_gap > *gap) *gap = right_gap;
    assert_int_equal(area->gap, *gap);
    return area->height;
}

/* What the tables have of an area agrees with it. */
static void check_pages(const struct mm_struct *mm, const struct vm_area_struct *area,
                        struct seen *seen) {
    for (uint32_t at = area->start; at < area->end; at += PAGE_SIZE) {
        struct pte pte = pte_find(&mm->pt, virt_addr(at));
        if (pte.level->shift != PAGE_SHIFT) { /* no table: go on behind it */
            at = (at | ((uint32_t)level_bytes(pte.level) - 1)) - PAGE_SIZE + 1;
            continue;
        }
        if (!pte.value) continue;
        seen->swapped += pte_is_swapped(pte.value);
        if (pte_is_swapped(pte.value)) continue;
        struct page *page = pfn_to_page(phys_to_pfn(pte_phys(mm->pt.mode, pte.value)));
        assert_true(page->count > 0);
        bool present = pte.value & PTE_PRESENT;
        assert_int_equal(present, area_is_accessible(area));
        assert_int_equal(!(pte.value & PTE_HIDDEN), present);
        assert_true(pte.value & PTE_USER);
        if (pte.value & PTE_WRITE) {
            assert_true(area->flags & VM_WRITE);
            if (!(area->flags & VM_SHARED)) {
                assert_int_equal(page->count, 1); /* and not in the swap cache */
                assert_int_equal(page_owner(page), OWNER_USER);
            }
        }
        if (mm->pt.mode->usable_flags & PTE_NX && mm->pt.mode->entry_bytes == 8)
            assert_int_equal(!(pte.value & PTE_NX), !!(area->flags & VM_EXEC));
        if (page == zero_page) continue;
        seen->anon += page_owner(page) == OWNER_USER;
        seen->shmem += page_owner(page) == OWNER_SHMEM;
        seen->file += page_owner(page) == OWNER_CACHE || page_owner(page) == OWNER_FILE;
    }
}

static void check_space(const struct mm_struct *mm) {
    struct seen seen = {0};
    struct mm_struct counted = {0};
    const struct vm_area_struct *prev = NULL;
    uint32_t gap;

    check_subtree(mm, mm->root, &gap);
    for (const struct vm_area_struct *area = mm->first; area; prev = area, area = area->next) {
        assert_ptr_equal(area->prev, prev);
        assert_true(area->start < area->end && area->end <= PAGE_OFFSET);
        assert_true(area->start >= MMAP_MIN_ADDR);
        if (prev) assert_true(prev->end <= area->start);
        assert_ptr_equal(vma_find(mm, area->start), area);
        assert_ptr_equal(vma_find(mm, area->end - 1), area);
        area_account(&counted, area->flags, area_pages(area), 1);
        check_pages(mm, area, &seen);
        seen.areas++;
    }
    assert_int_equal(seen.areas, mm->areas);
    assert_int_equal(seen.anon, mm->rss_anon);
    assert_int_equal(seen.file, mm->rss_file);
    assert_int_equal(seen.shmem, mm->rss_shmem);
    assert_int_equal(seen.swapped, mm->swapped);
    assert_int_equal(counted.total_vm, mm->total_vm);
    assert_int_equal(counted.data_vm, mm->data_vm);
    assert_int_equal(counted.stack_vm, mm->stack_vm);
    assert_int_equal(counted.exec_vm, mm->exec_vm);
}

#endif
