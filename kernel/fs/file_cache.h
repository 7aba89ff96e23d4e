/*
 * file_cache.h: the pages of files that lie on a disk. Each is read when somebody wants it, with some
 * behind it, and stays in the tree of its inode until memory is short or its file system goes.
 *
 * A page is entered in the tree when it has been read, never before: who finds one there may use it,
 * and nobody waits for what another is reading. It is of OWNER_CACHE and has one reference of the
 * cache; each map of it and each copy under way has one more. Nobody writes to it.
 */
#ifndef FS_FILE_CACHE_H
#define FS_FILE_CACHE_H

#include <fs/vfs.h>

/* An inode with read_pages(). While pages of it are in memory the cache has a reference to it. */
struct cached_file {
    struct inode inode; /* first: one is the other */
    struct cached_file *newer, *older; /* of those with pages, by last use */
    uint32_t cached;                   /* pages in memory */
};

/* The page `index` of such a file, with a reference of the caller's, who has one to the inode. With
 * BLOCK_SLEEP others may run before it comes back. 0, -EIO, -ENOMEM. */
int file_cache_page(struct inode *inode, uint32_t index, enum block_wait wait, struct page **page);

/* read() of such a file: for file_operations. */
int32_t file_cache_read(struct file *file, struct io *io, uint64_t *offset);

/* Gives up all pages of a file system that is going. */
void file_cache_drop(const struct filesystem *fs);

/*
 * Gives up to `pages` frames back, those of the file that was not used for longest first, and in a file
 * from its start on; only such as nobody has mapped. Answers how many frames. Never waits, and takes no
 * memory.
 */
unsigned file_cache_reclaim(unsigned pages);

#endif
