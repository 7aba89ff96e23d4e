/*
 * ramfs.c: files whose contents are page frames: those that maps share (file_page()). Also tmpfs and
 * devtmpfs, whose frames may go to a swap area (mm/shmem.h).
 */
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/mm_struct.h>
#include <proc/long_call.h>
#include <proc/task.h>

#define PAGES_MAX 0xFFFFFFFFull /* of a file: an index has 32 bits */

int ramfs_page(struct inode *inode, uint32_t index, enum block_wait wait, struct page **page) {
    int error = shmem_find(&inode->shmem, index, wait, page);

    if (error || *page) return error;
    if (inode->fs->pages >= inode->fs->pages_max) return -ENOSPC;
    struct page *fresh =
        alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 0, shmem_owner(&inode->shmem));
    if (!fresh) return -ENOMEM;
    error = page_tree_enter(&inode->shmem.pages, index, fresh);
    if (error) {
        free_pages(fresh, 0);
        return error;
    }
    inode->fs->pages++;
    get_page(fresh);
    *page = fresh;
    return 0;
}

/* Up to the end of the file, or of one page. Answers bytes, or an error. */
static int32_t read_page(struct inode *inode, struct io *io, uint64_t offset, uint32_t bytes) {
    struct page *page; /* its reference: the copy may fault, and reclaim */

    int error = shmem_find(&inode->shmem, (uint32_t)(offset >> PAGE_SHIFT), BLOCK_HLT, &page);
    if (error) return error;
    if (!page) return (int32_t)io_put_zeros(io, bytes);
    page->flags |= PG_REFERENCED;
    uint8_t *memory = kmap(page);
    uint32_t moved = memory ? io_put(io, memory + offset % PAGE_SIZE, bytes) : 0;
    if (memory) kunmap(page);
    put_page(page);
    return memory ? (int32_t)moved : -ENOMEM;
}

static int32_t write_page(struct inode *inode, struct io *io, uint64_t offset, uint32_t bytes) {
    struct page *page;

    int error = ramfs_page(inode, (uint32_t)(offset >> PAGE_SHIFT), BLOCK_HLT, &page);
    if (error) return error;
    uint8_t *memory = kmap(page);
    uint32_t moved = memory ? io_take(io, memory + offset % PAGE_SIZE, bytes) : 0;
    if (memory) kunmap(page);
    put_page(page);
    return memory ? (int32_t)moved : -ENOMEM;
}

static uint32_t part_of_page(uint64_t offset, uint32_t left) {
    uint32_t room = PAGE_SIZE - (uint32_t)(offset % PAGE_SIZE);
    return left < room ? left : room;
}

static int32_t ramfs_read(struct file *file, struct io *io, uint64_t *offset) {
    struct inode *inode = file->inode;
    int32_t done = 0;

    while (io->left && *offset < inode->size) {
        uint32_t bytes = part_of_page(*offset, io->left);
        if (bytes > inode->size - *offset) bytes = (uint32_t)(inode->size - *offset);
        int32_t moved = read_page(inode, io, *offset, bytes);
        if (moved <= 0) return done ? done : moved ? moved : -EFAULT;
        done += moved;
        *offset += (uint32_t)moved;
        if ((uint32_t)moved < bytes || long_call_check()) break;
    }
    inode->atime = clock_realtime();
    return done;
}

/* How many bytes from `offset` on a file may have: RLIMIT_FSIZE, and what an index reaches. */
static int room_for(uint64_t offset, struct io *io) {
    uint32_t limit = current->rlimit[RLIMIT_FSIZE].now;
    uint64_t most = limit == RLIM_INFINITY ? PAGES_MAX << PAGE_SHIFT : limit;

    if (io->left == 0) return 0;
    if (offset >= most) {
        if (limit != RLIM_INFINITY) signal_send(current, SIGXFSZ);
        return -EFBIG;
    }
    if (io->left > most - offset) io->left = (uint32_t)(most - offset);
    return 0;
}

static int32_t ramfs_write(struct file *file, struct io *io, uint64_t *offset) {
    struct inode *inode = file->inode;
    int32_t done = 0;

    if (file->flags & O_APPEND) *offset = inode->size;
    int error = room_for(*offset, io);
    if (error) return error;
    while (io->left) {
        uint32_t bytes = part_of_page(*offset, io->left);
        int32_t moved = write_page(inode, io, *offset, bytes);
        if (moved <= 0 && !done) return moved ? moved : -EFAULT;
        if (moved <= 0) break;
        done += moved;
        *offset += (uint32_t)moved;
        if (*offset > inode->size) inode->size = *offset;
        if ((uint32_t)moved < bytes || long_call_check()) break;
    }
    if (done && current->euid) inode->mode &= ~(S_ISUID | S_ISGID);
    inode_modified(inode);
    return done;
}

/* What is behind the end of the last page stays 0: a map shows it, and the file may grow again. 0; -EIO,
 * -ENOMEM: that page cannot be had, and nothing has changed. */
static int clear_tail(struct inode *inode, uint64_t size) {
    uint32_t used = (uint32_t)(size % PAGE_SIZE);
    struct page *page = 0;

    int error = used ? shmem_find(&inode->shmem, (uint32_t)(size >> PAGE_SHIFT), BLOCK_HLT, &page) : 0;
    if (error || !page) return error;
    page_zero_from(page, used);
    put_page(page);
    return 0;
}

int ramfs_truncate(struct inode *inode, uint64_t size) {
    uint64_t pages = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;

    if (pages > PAGES_MAX) return -EFBIG;
    if (size < inode->size) {
        int error = clear_tail(inode, size);
        if (error) return error;
        inode->fs->pages -= page_tree_cut(&inode->shmem.pages, (uint32_t)pages);
        inode->size = size;
        mm_file_cut(inode->fs->device, inode->number, (uint32_t)pages);
    }
    inode->size = size;
    inode_modified(inode);
    return 0;
}

void ramfs_inode_end(struct inode *inode) {
    if (is_kind(inode, S_IFREG)) inode->fs->pages -= shmem_end(&inode->shmem);
    if (is_kind(inode, S_IFLNK)) kfree(inode->target);
}

static int ramfs_readdir(struct file *dir, struct dir_context *context) {
    if (!dir_emit_dots(dir, context)) return 0;
    for (struct dentry *at = dir->inode->first; at; at = at->next) {
        if (at->cookie + 1 < dir->offset) continue;
        if (!dir_emit(context, at->name, at->length, at->inode->number, at->inode->mode,
                      (uint64_t)at->cookie + 2))
            return 0;
        dir->offset = (uint64_t)at->cookie + 2;
    }
    return 0;
}

const struct file_operations ramfs_file = {.read = ramfs_read, .write = ramfs_write};
const struct file_operations ramfs_directory = {.readdir = ramfs_readdir};

void ramfs_inode_init(struct inode *inode) {
    if (is_kind(inode, S_IFREG)) inode->file_ops = &ramfs_file;
    if (is_kind(inode, S_IFREG) && inode->fs->magic == TMPFS_MAGIC) shmem_start(&inode->shmem);
    if (is_kind(inode, S_IFDIR)) inode->file_ops = &ramfs_directory;
}
