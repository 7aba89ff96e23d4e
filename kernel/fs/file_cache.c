/*
 * file_cache.c: pages of files on a disk, as long as there is memory for them. See file_cache.h.
 */
#include <fs/file_cache.h>
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/kmap.h>
#include <proc/long_call.h>

/* Pages that are read at once: of who reads on, as Linux; and of who reads here and there. */
#define AHEAD_MAX 32u
#define AHEAD_MIN 8u

static struct cached_file *newest, *oldest;
static const struct cached_file *growing; /* pages are being entered: its tree is not to be cut */

/* ---- which was used last ---- */

static void list_remove(struct cached_file *file) {
    *(file->newer ? &file->newer->older : &newest) = file->older;
    *(file->older ? &file->older->newer : &oldest) = file->newer;
}

static void list_add(struct cached_file *file) {
    file->newer = 0;
    file->older = newest;
    *(newest ? &newest->newer : &oldest) = file;
    newest = file;
}

static void used_now(struct cached_file *file) {
    if (file == newest || !file->cached) return;
    list_remove(file);
    list_add(file);
}

/* One more page, or one fewer. */
static void count_page(struct cached_file *file) {
    if (file->cached++) return;
    inode_get(&file->inode);
    list_add(file);
}

static void discount_pages(struct cached_file *file, uint32_t pages) {
    file->cached -= pages;
    if (file->cached) return;
    list_remove(file);
    inode_put(&file->inode);
}

/* ---- reading ---- */

/* How many pages from `index` on are read together: up to one that is there, or the file's end. */
static uint32_t window(const struct inode *inode, uint32_t index) {
    uint64_t end = (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    bool reads_on = index == 0 || page_tree_find(&inode->pages, index - 1);
    uint32_t most = reads_on ? AHEAD_MAX : AHEAD_MIN, count = 1;

    while (count < most && index + count < end && !page_tree_find(&inode->pages, index + count))
        count++;
    return count;
}

/* Frames for them; only the first one is worth taking memory from others. */
static uint32_t take_frames(struct page **pages, uint32_t count) {
    uint32_t taken = 0;

    pages[0] = alloc_pages(GFP_HIGHUSER, 0, OWNER_CACHE);
    if (!pages[0]) return 0;
    while (++taken < count) {
        pages[taken] = alloc_pages(__GFP_HIGHMEM, 0, OWNER_CACHE);
        if (!pages[taken]) break;
    }
    return taken;
}

/* Enters what was read, as far as nobody else has read it meanwhile. The tree has its own reference. */
static int enter(struct cached_file *file, uint32_t index, struct page *page) {
    if (page_tree_find(&file->inode.pages, index)) return 0;
    growing = file;
    int error = page_tree_enter(&file->inode.pages, index, page);
    growing = 0;
    if (error) return error;
    get_page(page);
    count_page(file);
    return 0;
}

/* Reads page `index` and some behind it. A reference to the first one is the caller's. */
static int read_in(struct cached_file *file, uint32_t index, enum block_wait wait,
                   struct page **page) {
    struct inode *inode = &file->inode;
    struct page *pages[AHEAD_MAX];
    uint32_t taken = take_frames(pages, window(inode, index));

    if (!taken) return -ENOMEM;
    int read = inode->ops->read_pages(inode, index, pages, taken, wait);
    int error = read < 0 ? read : enter(file, index, pages[0]);
    for (int i = 1; i < read && !error; i++)
        if (enter(file, index + (uint32_t)i, pages[i])) break;
    *page = error ? 0 : page_tree_find(&inode->pages, index);
    if (*page) get_page(*page);
    for (uint32_t i = 0; i < taken; i++) put_page(pages[i]);
    return error;
}

int file_cache_page(struct inode *inode, uint32_t index, enum block_wait wait, struct page **page) {
    struct cached_file *file = (struct cached_file *)inode;
    int error = 0;

    *page = page_tree_find(&inode->pages, index);
    if (*page)
        get_page(*page);
    else
        error = read_in(file, index, wait, page);
    used_now(file);
    return error;
}

/* Up to the end of a page. Answers bytes, or an error. */
static int32_t read_page(struct inode *inode, struct io *io, uint64_t offset, uint32_t bytes) {
    struct page *page;

    int error = file_cache_page(inode, (uint32_t)(offset >> PAGE_SHIFT), BLOCK_HLT, &page);
    if (error) return error;
    uint8_t *memory = kmap(page);
    uint32_t moved = memory ? io_put(io, memory + offset % PAGE_SIZE, bytes) : 0;
    if (memory) kunmap(page);
    put_page(page);
    return memory ? (int32_t)moved : -ENOMEM;
}

int32_t file_cache_read(struct file *file, struct io *io, uint64_t *offset) {
    struct inode *inode = file->inode;
    int32_t done = 0;

    while (io->left && *offset < inode->size) {
        uint32_t bytes = PAGE_SIZE - (uint32_t)(*offset % PAGE_SIZE);
        if (bytes > io->left) bytes = io->left;
        if (bytes > inode->size - *offset) bytes = (uint32_t)(inode->size - *offset);
        int32_t moved = read_page(inode, io, *offset, bytes);
        if (moved <= 0) return done ? done : moved ? moved : -EFAULT;
        done += moved;
        *offset += (uint32_t)moved;
        if ((uint32_t)moved < bytes || long_call_check()) break;
    }
    return done;
}

/* ---- giving up ---- */

/* Drops pages of a file that nobody else has; the file itself may go with the last one. */
static unsigned reclaim_from(struct cached_file *file, unsigned wanted) {
    struct page_tree *tree = &file->inode.pages;
    unsigned freed = 0;
    struct page *page;

    for (uint32_t index = 0; freed < wanted && (page = page_tree_next(tree, &index)); index++) {
        if (page->count != 1) continue;
        page_tree_drop(tree, index);
        freed++;
    }
    if (freed) discount_pages(file, freed);
    return freed;
}

unsigned file_cache_reclaim(unsigned pages) {
    struct cached_file *file = oldest, *next;
    unsigned freed = 0;

    for (; file && freed < pages; file = next) {
        next = file->newer;
        if (file != growing) freed += reclaim_from(file, pages - freed);
    }
    return freed;
}

void file_cache_drop(const struct filesystem *fs) {
    struct cached_file *file = oldest, *next;

    for (; file; file = next) {
        next = file->newer;
        if (file->inode.fs == fs) discount_pages(file, page_tree_cut(&file->inode.pages, 0));
    }
}
