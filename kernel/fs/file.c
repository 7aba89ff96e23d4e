/*
 * file.c: files that are open: what one can do with them, and how they end.
 */
#include <fs/device.h>
#include <fs/epoll.h>
#include <fs/file_cache.h>
#include <fs/flock.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

void file_get(struct file *file) {
    file->references++;
}

void file_put(struct file *file) {
    if (--file->references) return;
    epoll_forget(file);
    file_unlock(file);
    if (file->ops->release) file->ops->release(file);
    if (file_writable(file)) file->inode->writers--;
    if (file->executing) file->inode->writers++;
    dentry_put(file->dentry);
    kfree(file);
}

bool file_readable(const struct file *file) {
    return !(file->flags & O_PATH) && (file->flags & O_ACCMODE) != O_WRONLY;
}

bool file_writable(const struct file *file) {
    return !(file->flags & O_PATH) && (file->flags & O_ACCMODE) != O_RDONLY;
}

int32_t file_read(struct file *file, struct io *io, uint64_t *offset) {
    if (!file_readable(file)) return -EBADF;
    if (is_kind(file->inode, S_IFDIR)) return -EISDIR;
    return file->ops->read ? file->ops->read(file, io, offset) : -EINVAL;
}

int32_t file_write(struct file *file, struct io *io, uint64_t *offset) {
    if (!file_writable(file)) return -EBADF;
    return file->ops->write ? file->ops->write(file, io, offset) : -EINVAL;
}

int32_t file_read_kernel(struct file *file, void *to, uint32_t bytes, uint64_t offset) {
    struct io io = io_kernel(to, bytes);
    return file_read(file, &io, &offset);
}

/* ---- maps ---- */

static bool has_pages(const struct inode *inode) {
    return is_kind(inode, S_IFREG) && (!inode->ops || inode->ops->read_pages);
}

int file_page(struct file *file, uint32_t index, enum block_wait wait, struct page **page) {
    struct inode *inode = file->inode;

    if (!has_pages(inode)) return -ENODEV;
    if (!inode->ops) { /* first: others may make the file shorter while the disk works */
        int error = shmem_find(&inode->shmem, index, wait, page);
        if (error || *page) return error;
    }
    if ((uint64_t)index << PAGE_SHIFT >= inode->size) return -ENXIO;
    if (inode->ops) return file_cache_page(inode, index, wait, page);
    return ramfs_page(inode, index, wait, page);
}

bool file_page_is_away(struct file *file, uint32_t index) {
    const struct inode *inode = file->inode;

    if ((uint64_t)index << PAGE_SHIFT >= inode->size) return false;
    if (inode->ops) return !page_tree_find(&inode->pages, index);
    return shmem_is_away(&inode->shmem, index);
}

struct page *file_page_in_memory(struct file *file, uint32_t index) {
    const struct inode *inode = file->inode;

    if ((uint64_t)index << PAGE_SHIFT >= inode->size) return 0;
    struct page *page = page_tree_find(&inode->pages, index);
    if (page) get_page(page);
    return page;
}

bool file_is_in_memory(const struct file *file) {
    return !file->inode->ops;
}

bool file_page_is_in_memory(const struct file *file, uint32_t index) {
    const struct inode *inode = file->inode;

    if (inode->ops) return page_tree_find(&inode->pages, index);
    return shmem_is_in_memory(&inode->shmem, index);
}

uint64_t file_next_swapped(const struct file *file, uint32_t *index) {
    return page_tree_next_swapped(&file->inode->pages, index);
}

void file_page_out(struct file *file, uint32_t index, struct page *page) {
    shmem_page_out(&file->inode->shmem, index, page);
}

int file_may_map(const struct file *file, bool *anonymous) {
    *anonymous = is_kind(file->inode, S_IFCHR) && file->inode->rdev == DEVICE_ZERO;
    if (!*anonymous && !has_pages(file->inode)) return -ENODEV;
    return file_readable(file) ? 0 : -EACCES;
}

static struct filesystem *nameless; /* the files that lie in no directory */

bool file_in_memory_init(void) {
    nameless = fs_new("tmpfs");
    if (nameless) nameless->pages_max = UINT32_MAX; /* as other memory of processes */
    return nameless;
}

int file_in_memory(const char *name, uint32_t bytes, struct file **file) {
    struct inode *inode = inode_new(nameless, S_IFREG | 0777);
    if (!inode) return -ENOMEM;
    inode->links = 0;
    inode->size = bytes;
    ramfs_inode_init(inode);
    return file_open_nameless(inode, name, O_RDWR | O_LARGEFILE, file);
}

struct file *file_anonymous(uint32_t bytes) {
    struct file *file;
    return file_in_memory("/dev/zero", bytes, &file) ? 0 : file;
}

/* ---- for people ---- */

void file_path(const struct file *file, char *to, size_t size) {
    char *buffer = kmalloc(PATH_MAX, GFP_KERNEL);
    char *path = buffer ? dentry_path(file->dentry, 0, buffer, PATH_MAX) : 0;

    strlcpy(to, path ? path : "?", size);
    kfree(buffer);
}

uint32_t file_device(const struct file *file) {
    return file->inode->fs->device;
}

uint32_t file_inode_number(const struct file *file) {
    return file->inode->number;
}
