/*
 * stat.c: system calls that say what a file is: the stat family, access, readlink (stat(2), statx(2),
 * access(2), readlink(2)). Structures: Linux i386, arch/x86/include/uapi/asm/stat.h.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/task.h>
#include <syscall/arguments.h>

#define SECOND 1000000000u
#define BLOCK 512u /* of st_blocks */

struct stat64 {
    uint64_t dev;
    uint32_t pad0;
    uint32_t ino_low; /* again: the one of the old structure */
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev;
    uint32_t pad3;
    uint64_t size;
    uint32_t blksize;
    uint64_t blocks;
    uint32_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    uint64_t ino;
} __attribute__((packed));
_Static_assert(sizeof(struct stat64) == 96, "struct stat64 of i386");

struct stat32 {
    uint32_t dev, ino;
    uint16_t mode, nlink, uid, gid;
    uint32_t rdev, size, blksize, blocks;
    uint32_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    uint32_t unused[2];
};
_Static_assert(sizeof(struct stat32) == 64, "struct stat of i386");

struct statx_time {
    uint64_t seconds;
    uint32_t nanoseconds, reserved;
};

struct statx {
    uint32_t mask, blksize;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, spare;
    uint64_t ino, size, blocks, attributes_mask;
    struct statx_time atime, btime, ctime, mtime;
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t mount;
    uint64_t more[13];
};
_Static_assert(sizeof(struct statx) == 256, "struct statx");

#define STATX_BASIC_STATS 0x7FFu
#define STATX_RESERVED 0x80000000u
#define STATX_SYNC 0x6000u /* AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC */

static uint32_t seconds(uint64_t time) {
    return (uint32_t)(time / SECOND);
}

static uint32_t nanoseconds(uint64_t time) {
    return (uint32_t)(time % SECOND);
}

static uint64_t size_of(const struct inode *inode) {
    return is_kind(inode, S_IFREG) || is_kind(inode, S_IFLNK) ? inode->size : 0;
}

static uint64_t blocks_of(const struct inode *inode) {
    return is_kind(inode, S_IFREG) ? (inode->size + BLOCK - 1) / BLOCK : 0;
}

static bool is_device(const struct inode *inode) {
    return is_kind(inode, S_IFCHR) || is_kind(inode, S_IFBLK);
}

static int32_t give_stat64(const struct inode *inode, uint32_t user) {
    struct stat64 stat = {
        .dev = inode->fs->device, .ino_low = inode->number, .ino = inode->number,
        .mode = inode->mode, .nlink = inode->links, .uid = inode->uid, .gid = inode->gid,
        .rdev = is_device(inode) ? inode->rdev : 0,
        .size = size_of(inode), .blksize = PAGE_SIZE, .blocks = blocks_of(inode),
        .atime = seconds(inode->atime), .atime_ns = nanoseconds(inode->atime),
        .mtime = seconds(inode->mtime), .mtime_ns = nanoseconds(inode->mtime),
        .ctime = seconds(inode->ctime), .ctime_ns = nanoseconds(inode->ctime)};
    return copy_to_user(user, &stat, sizeof stat);
}

static int32_t give_stat32(const struct inode *inode, uint32_t user) {
    if (size_of(inode) > INT32_MAX) return -EOVERFLOW;
    struct stat32 stat = {
        .dev = inode->fs->device, .ino = inode->number, .mode = (uint16_t)inode->mode,
        .nlink = (uint16_t)inode->links, .uid = (uint16_t)inode->uid, .gid = (uint16_t)inode->gid,
        .rdev = is_device(inode) ? inode->rdev : 0,
        .size = (uint32_t)size_of(inode), .blksize = PAGE_SIZE,
        .blocks = (uint32_t)blocks_of(inode),
        .atime = seconds(inode->atime), .atime_ns = nanoseconds(inode->atime),
        .mtime = seconds(inode->mtime), .mtime_ns = nanoseconds(inode->mtime),
        .ctime = seconds(inode->ctime), .ctime_ns = nanoseconds(inode->ctime)};
    return copy_to_user(user, &stat, sizeof stat);
}

static struct statx_time statx_time(uint64_t time) {
    return (struct statx_time){.seconds = time / SECOND, .nanoseconds = nanoseconds(time)};
}

static uint32_t major(uint32_t device) {
    return device >> 8 & 0xFFF;
}

static uint32_t minor(uint32_t device) {
    return (device & 0xFF) | (device >> 12 & 0xFFF00);
}

static int32_t give_statx(const struct inode *inode, uint32_t user) {
    uint32_t rdev = is_device(inode) ? inode->rdev : 0;
    struct statx stat = {
        .mask = STATX_BASIC_STATS, .blksize = PAGE_SIZE,
        .nlink = inode->links, .uid = inode->uid, .gid = inode->gid, .mode = (uint16_t)inode->mode,
        .ino = inode->number, .size = size_of(inode), .blocks = blocks_of(inode),
        .atime = statx_time(inode->atime), .ctime = statx_time(inode->ctime),
        .mtime = statx_time(inode->mtime),
        .rdev_major = major(rdev), .rdev_minor = minor(rdev),
        .dev_major = major(inode->fs->device), .dev_minor = minor(inode->fs->device)};
    return copy_to_user(user, &stat, sizeof stat);
}

typedef int32_t giver(const struct inode *inode, uint32_t user);

static int32_t stat_path(uint32_t fd, uint32_t path, uint32_t flags, uint32_t user, giver *give) {
    struct dentry *dentry;

    int error = user_lookup(fd, path, flags, &dentry);
    if (error) return error;
    int32_t answer = give(dentry->inode, user);
    dentry_put(dentry);
    return answer;
}

static int32_t stat_fd(uint32_t fd, uint32_t user, giver *give) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t answer = give(file->inode, user);
    file_put(file);
    return answer;
}

int32_t sys_stat64(struct pt_regs *regs) {
    return stat_path(AT_FDCWD, regs->ebx, 0, regs->ecx, give_stat64);
}

int32_t sys_lstat64(struct pt_regs *regs) {
    return stat_path(AT_FDCWD, regs->ebx, AT_SYMLINK_NOFOLLOW, regs->ecx, give_stat64);
}

int32_t sys_fstat64(struct pt_regs *regs) {
    return stat_fd(regs->ebx, regs->ecx, give_stat64);
}

int32_t sys_fstatat64(struct pt_regs *regs) {
    uint32_t flags = regs->esi;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) return -EINVAL;
    return stat_path(regs->ebx, regs->ecx, flags, regs->edx, give_stat64);
}

int32_t sys_stat(struct pt_regs *regs) {
    return stat_path(AT_FDCWD, regs->ebx, 0, regs->ecx, give_stat32);
}

int32_t sys_lstat(struct pt_regs *regs) {
    return stat_path(AT_FDCWD, regs->ebx, AT_SYMLINK_NOFOLLOW, regs->ecx, give_stat32);
}

int32_t sys_fstat(struct pt_regs *regs) {
    return stat_fd(regs->ebx, regs->ecx, give_stat32);
}

int32_t sys_statx(struct pt_regs *regs) {
    uint32_t flags = regs->edx;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | STATX_SYNC) ||
        (flags & STATX_SYNC) == STATX_SYNC || regs->esi & STATX_RESERVED)
        return -EINVAL;
    return stat_path(regs->ebx, regs->ecx, flags, regs->edi, give_statx);
}

/* ---- access: what could be done, by the real ids unless AT_EACCESS ---- */

static int32_t may_access(uint32_t fd, uint32_t path, uint32_t mode, uint32_t flags) {
    struct dentry *dentry;

    if (mode & ~(MAY_READ | MAY_WRITE | MAY_EXEC)) return -EINVAL;
    if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
    int error = user_lookup(fd, path, flags, &dentry);
    if (error) return error;
    bool effective = flags & AT_EACCESS;
    error = inode_may_as(dentry->inode, mode, effective ? current->euid : current->uid,
                         effective ? current->egid : current->gid);
    if (!error && mode & MAY_WRITE && dentry->inode->fs->read_only) error = -EROFS;
    dentry_put(dentry);
    return error;
}

int32_t sys_access(struct pt_regs *regs) {
    return may_access(AT_FDCWD, regs->ebx, regs->ecx, 0);
}

int32_t sys_faccessat(struct pt_regs *regs) {
    return may_access(regs->ebx, regs->ecx, regs->edx, 0);
}

int32_t sys_faccessat2(struct pt_regs *regs) {
    return may_access(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

/* ---- readlink ---- */

/* The text of a link of any file system, into `to` of PATH_MAX bytes: its length. */
static int32_t link_text(struct inode *inode, char *to) {
    if (!is_kind(inode, S_IFLNK)) return -EINVAL;
    if (inode->ops) return inode->ops->readlink(inode, to, PATH_MAX);
    memcpy(to, inode->target, (size_t)inode->size);
    return (int32_t)inode->size;
}

static int32_t read_link(uint32_t fd, uint32_t path, uint32_t user, uint32_t size) {
    struct dentry *dentry;

    if ((int32_t)size <= 0) return -EINVAL;
    int error = user_lookup(fd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &dentry);
    if (error) return error;
    char *text = kmalloc(PATH_MAX, GFP_KERNEL);
    int32_t length = text ? link_text(dentry->inode, text) : -ENOMEM;
    dentry_put(dentry);
    if (length > (int32_t)size) length = (int32_t)size;
    if (length > 0 && copy_to_user(user, text, (uint32_t)length)) length = -EFAULT;
    kfree(text);
    return length;
}

int32_t sys_readlink(struct pt_regs *regs) {
    return read_link(AT_FDCWD, regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_readlinkat(struct pt_regs *regs) {
    return read_link(regs->ebx, regs->ecx, regs->edx, regs->esi);
}
