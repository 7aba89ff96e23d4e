/*
 * swap.c: swapon(2) and swapoff(2). What is swapped to has to be a block device: files have no sectors here.
 */
#include <ascent/chapter.h>
#include <lib/errno.h>
#include <mm/swap.h>
#include <proc/task.h>
#include <syscall/arguments.h>

/* The device that a special file stands for; -ENOTBLK for a regular file, -EINVAL for others, -ENXIO if
 * there is no such device. */
static int device_of(const struct inode *inode, struct block_device **device) {
    if ((inode->mode & S_IFMT) == S_IFREG) return -ENOTBLK;
    if ((inode->mode & S_IFMT) != S_IFBLK) return -EINVAL;
    *device = block_find_number(inode->rdev);
    return *device ? 0 : -ENXIO;
}

static int32_t with_device(uint32_t path, int (*call)(struct block_device *device)) {
    struct block_device *device = 0;
    struct dentry *dentry;

    if (current->euid) return -EPERM;
    int error = user_lookup(AT_FDCWD, path, 0, &dentry);
    if (error) return error;
    error = device_of(dentry->inode, &device);
    dentry_put(dentry);
    return error ? error : call(device);
}

#define SWAP_FLAG_PREFER 0x8000u
#define SWAP_FLAG_PRIO_MASK 0x7FFFu
#define SWAP_FLAG_DISCARD 0x10000u
#define SWAP_FLAG_DISCARD_ONCE 0x20000u
#define SWAP_FLAG_DISCARD_PAGES 0x40000u
#define SWAP_FLAGS_VALID                                                                     \
    (SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK | SWAP_FLAG_DISCARD | SWAP_FLAG_DISCARD_ONCE | \
     SWAP_FLAG_DISCARD_PAGES)

/* Priorities and what to tell flash memory mean nothing here: areas are filled in turn. */
int32_t sys_swapon(struct pt_regs *regs) {
    if (regs->ecx & ~SWAP_FLAGS_VALID) return -EINVAL;
    return chapter_has(26) ? with_device(regs->ebx, swap_on) : -ENOSYS;
}

int32_t sys_swapoff(struct pt_regs *regs) {
    return with_device(regs->ebx, swap_off);
}
