/*
 * file.c: block devices as files: /dev/hda2. Nothing is kept in memory: each read reads the disk.
 * Reads may be of any bytes; a write of part of a sector reads the rest of it first.
 */
#include <block/block.h>
#include <fs/device.h>
#include <lib/errno.h>
#include <mm/kmap.h>
#include <mm/uaccess.h>
#include <proc/long_call.h>
#include <proc/task.h>

#define CHUNK_PAGES 8u /* moved at once */

/* ioctl(): <linux/fs.h>. */
#define BLKGETSIZE 0x1260u /* sectors, 32 bits */
#define BLKFLSBUF 0x1261u
#define BLKSSZGET 0x1268u        /* bytes of a sector */
#define BLKGETSIZE64 0x80041272u /* bytes, 64 bits */

struct chunk {
    struct page *pages[CHUNK_PAGES];
    uint32_t count;  /* of pages */
    uint64_t sector; /* the first */
    uint32_t sectors;
    uint32_t skip, bytes; /* of the first sector; wanted behind that */
};

static int block_open(struct inode *inode, struct file *file) {
    struct block_device *device = block_find_number(inode->rdev);

    if (!device) return -ENXIO;
    if (file_writable(file) && !device->writable) return -EPERM;
    file->private = device;
    return 0;
}

uint64_t block_file_size(const struct file *file) {
    return block_find_number(file->inode->rdev)->sectors * SECTOR_BYTES;
}

int block_file_sync(const struct file *file) {
    return block_flush(file->private, BLOCK_SLEEP);
}

static void chunk_free(struct chunk *chunk) {
    while (chunk->count) put_page(chunk->pages[--chunk->count]);
}

/* Room for what comes next of `left` bytes at `offset`, which is not at the end. 0 or -ENOMEM. */
static int chunk_make(struct chunk *chunk, const struct block_device *device, uint64_t offset,
                      uint32_t left) {
    uint32_t most = CHUNK_PAGES * SECTORS_PER_PAGE;

    chunk->sector = offset / SECTOR_BYTES;
    chunk->skip = (uint32_t)(offset % SECTOR_BYTES);
    uint64_t sectors = ((uint64_t)chunk->skip + left + SECTOR_BYTES - 1) / SECTOR_BYTES;
    if (sectors > device->sectors - chunk->sector) sectors = device->sectors - chunk->sector;
    chunk->sectors = sectors < most ? (uint32_t)sectors : most;
    chunk->bytes = chunk->sectors * SECTOR_BYTES - chunk->skip;
    if (chunk->bytes > left) chunk->bytes = left;
    uint32_t pages = (chunk->sectors + SECTORS_PER_PAGE - 1) / SECTORS_PER_PAGE;
    for (chunk->count = 0; chunk->count < pages; chunk->count++) {
        chunk->pages[chunk->count] = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
        if (chunk->pages[chunk->count]) continue;
        chunk_free(chunk);
        return -ENOMEM;
    }
    return 0;
}

/* Between the frames, which lie in the direct map, and the program. Answers the bytes moved. */
static uint32_t chunk_copy(const struct chunk *chunk, struct io *io, bool write) {
    uint32_t done = 0;

    for (uint32_t i = 0; i < chunk->count && done < chunk->bytes; i++) {
        uint32_t from = i ? 0 : chunk->skip, part = PAGE_SIZE - from;
        uint8_t *there = (uint8_t *)page_address(chunk->pages[i]) + from;
        if (part > chunk->bytes - done) part = chunk->bytes - done;
        uint32_t moved = write ? io_take(io, there, part) : io_put(io, there, part);
        done += moved;
        if (moved < part) break;
    }
    return done;
}

static bool is_whole(const struct chunk *chunk) {
    return chunk->skip == 0 && chunk->bytes == chunk->sectors * SECTOR_BYTES;
}

/* All of the chunk, or an error. */
static int32_t chunk_move(struct chunk *chunk, struct block_device *device, struct io *io,
                          bool write) {
    int error = write && is_whole(chunk)
                    ? 0
                    : block_read(device, chunk->sector, chunk->sectors, chunk->pages, BLOCK_SLEEP);
    if (error) return error;
    if (chunk_copy(chunk, io, write) < chunk->bytes) return -EFAULT;
    if (write && device->claimed) return -EBUSY;
    if (write)
        error = block_write(device, chunk->sector, chunk->sectors, chunk->pages, BLOCK_SLEEP);
    return error ? error : (int32_t)chunk->bytes;
}

static int32_t move(struct file *file, struct io *io, uint64_t *offset, bool write) {
    struct block_device *device = file->private;
    struct chunk chunk;
    int32_t done = 0;

    while (io->left && *offset < device->sectors * SECTOR_BYTES && !(done && long_call_check())) {
        int error = chunk_make(&chunk, device, *offset, io->left);
        if (error) return done ? done : error;
        int32_t moved = chunk_move(&chunk, device, io, write);
        chunk_free(&chunk);
        if (moved < 0) return done ? done : moved;
        *offset += (uint32_t)moved;
        done += moved;
    }
    return done;
}

static int32_t block_file_read(struct file *file, struct io *io, uint64_t *offset) {
    return move(file, io, offset, false);
}

static int32_t block_file_write(struct file *file, struct io *io, uint64_t *offset) {
    int32_t done = move(file, io, offset, true);
    return done == 0 && io->left ? -ENOSPC : done;
}

static int32_t block_ioctl(struct file *file, uint32_t command, uint32_t argument) {
    struct block_device *device = file->private;
    uint64_t bytes = device->sectors * SECTOR_BYTES;

    switch (command) {
    case BLKGETSIZE: return put_user(argument, (uint32_t)device->sectors);
    case BLKGETSIZE64: return copy_to_user(argument, &bytes, sizeof bytes);
    case BLKSSZGET: return put_user(argument, SECTOR_BYTES);
    case BLKFLSBUF: return current->euid ? -EACCES : block_flush(device, BLOCK_SLEEP);
    default: return -ENOTTY;
    }
}

const struct file_operations block_file = {
    .open = block_open, .read = block_file_read, .write = block_file_write, .ioctl = block_ioctl};
