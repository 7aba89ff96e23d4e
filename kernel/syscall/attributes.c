/*
 * attributes.c: system calls that change what is said of a file: rights, owner, times, size (chmod(2),
 * chown(2), utimensat(2), truncate(2)). Extended attributes there are none of.
 */
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/task.h>
#include <syscall/arguments.h>

#define SECOND 1000000000ull
#define NO_CHANGE 0xFFFFFFFFu /* an id of chown() */
#define NO_CHANGE_16 0xFFFFu
#define UTIME_NOW 0x3FFFFFFFu
#define UTIME_OMIT 0x3FFFFFFEu

/* May the attributes of this file be changed at all? */
static int may_change(const struct inode *inode) {
    return inode->fs->read_only ? -EROFS : inode->ops ? -EPERM : 0;
}

/* A reference to the dentry behind a descriptor, O_PATH left out. */
static int dentry_of(uint32_t fd, struct dentry **dentry) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    bool path = file->flags & O_PATH;
    *dentry = file->dentry;
    if (!path) dentry_get(*dentry);
    file_put(file);
    return path ? -EBADF : 0;
}

/* ---- rights ---- */

static int32_t change_mode(struct dentry *dentry, uint32_t mode) {
    struct inode *inode = dentry->inode;

    int error = may_change(inode);
    if (!error && !inode_is_own(inode)) error = -EPERM;
    if (!error) {
        if (current->euid && current->egid != inode->gid) mode &= ~S_ISGID;
        inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
        inode_changed(inode);
    }
    dentry_put(dentry);
    return error;
}

static int32_t chmod_at(uint32_t fd, uint32_t path, uint32_t mode) {
    struct dentry *dentry;
    int error = user_lookup(fd, path, 0, &dentry);
    return error ? error : change_mode(dentry, mode);
}

int32_t sys_chmod(struct pt_regs *regs) {
    return chmod_at(AT_FDCWD, regs->ebx, regs->ecx);
}

int32_t sys_fchmodat(struct pt_regs *regs) {
    return chmod_at(regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_fchmod(struct pt_regs *regs) {
    struct dentry *dentry;
    int error = dentry_of(regs->ebx, &dentry);
    return error ? error : change_mode(dentry, regs->ecx);
}

/* ---- owner ---- */

static int32_t may_change_owner(const struct inode *inode, uint32_t uid, uint32_t gid) {
    int error = may_change(inode);
    if (error || current->euid == 0) return error;
    bool own = current->euid == inode->uid;
    if (uid != NO_CHANGE && (!own || uid != inode->uid)) return -EPERM;
    if (gid != NO_CHANGE && (!own || (gid != inode->gid && gid != current->egid))) return -EPERM;
    return 0;
}

static int32_t change_owner(struct dentry *dentry, uint32_t uid, uint32_t gid) {
    struct inode *inode = dentry->inode;

    int error = may_change_owner(inode, uid, gid);
    if (!error) {
        if (uid != NO_CHANGE) inode->uid = uid;
        if (gid != NO_CHANGE) inode->gid = gid;
        if (!is_kind(inode, S_IFDIR)) inode->mode &= ~(S_ISUID | S_ISGID);
        inode_changed(inode);
    }
    dentry_put(dentry);
    return error;
}

static int32_t chown_at(uint32_t fd, uint32_t path, uint32_t uid, uint32_t gid, uint32_t flags) {
    struct dentry *dentry;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
    int error = user_lookup(fd, path, flags, &dentry);
    return error ? error : change_owner(dentry, uid, gid);
}

static int32_t chown_fd(uint32_t fd, uint32_t uid, uint32_t gid) {
    struct dentry *dentry;
    int error = dentry_of(fd, &dentry);
    return error ? error : change_owner(dentry, uid, gid);
}

int32_t sys_chown32(struct pt_regs *regs) {
    return chown_at(AT_FDCWD, regs->ebx, regs->ecx, regs->edx, 0);
}

int32_t sys_lchown32(struct pt_regs *regs) {
    return chown_at(AT_FDCWD, regs->ebx, regs->ecx, regs->edx, AT_SYMLINK_NOFOLLOW);
}

int32_t sys_fchown32(struct pt_regs *regs) {
    return chown_fd(regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_fchownat(struct pt_regs *regs) {
    return chown_at(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);
}

/* The first calls had ids of 16 bits. */
static uint32_t wide_id(uint32_t id) {
    id &= 0xFFFF;
    return id == NO_CHANGE_16 ? NO_CHANGE : id;
}

int32_t sys_chown(struct pt_regs *regs) {
    return chown_at(AT_FDCWD, regs->ebx, wide_id(regs->ecx), wide_id(regs->edx), 0);
}

int32_t sys_lchown(struct pt_regs *regs) {
    return chown_at(AT_FDCWD, regs->ebx, wide_id(regs->ecx), wide_id(regs->edx),
                    AT_SYMLINK_NOFOLLOW);
}

int32_t sys_fchown(struct pt_regs *regs) {
    return chown_fd(regs->ebx, wide_id(regs->ecx), wide_id(regs->edx));
}

/* ---- times ---- */

struct times {
    uint64_t seconds[2];
    uint32_t nanoseconds[2]; /* or UTIME_NOW, UTIME_OMIT */
};

static const struct times both_now = {{0, 0}, {UTIME_NOW, UTIME_NOW}};

static bool is_time(const struct times *times) {
    for (unsigned i = 0; i < 2; i++)
        if (times->nanoseconds[i] >= SECOND && times->nanoseconds[i] != UTIME_NOW &&
            times->nanoseconds[i] != UTIME_OMIT)
            return false;
    return true;
}

/* Any other time than now is only the owner's to set. */
static int may_set_times(const struct inode *inode, const struct times *times) {
    bool now = times->nanoseconds[0] == UTIME_NOW && times->nanoseconds[1] == UTIME_NOW;

    int error = may_change(inode);
    if (error || inode_is_own(inode)) return error;
    return now ? inode_may(inode, MAY_WRITE) : -EPERM;
}

static void set_time(uint64_t *time, const struct times *times, unsigned which) {
    uint32_t nanoseconds = times->nanoseconds[which];

    if (nanoseconds == UTIME_OMIT) return;
    *time = nanoseconds == UTIME_NOW ? clock_realtime()
                                     : times->seconds[which] * SECOND + nanoseconds;
}

static int32_t change_times(struct dentry *dentry, const struct times *times) {
    struct inode *inode = dentry->inode;
    bool nothing = times->nanoseconds[0] == UTIME_OMIT && times->nanoseconds[1] == UTIME_OMIT;

    int error = nothing ? 0 : may_set_times(inode, times);
    if (!error && !nothing) {
        set_time(&inode->atime, times, 0);
        set_time(&inode->mtime, times, 1);
        inode_changed(inode);
    }
    dentry_put(dentry);
    return error;
}

static int32_t times_at(uint32_t fd, uint32_t path, const struct times *times, uint32_t flags) {
    struct dentry *dentry;

    if (!is_time(times) || flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
    int error = path ? user_lookup(fd, path, flags, &dentry) : dentry_of(fd, &dentry);
    return error ? error : change_times(dentry, times);
}

int32_t sys_utimensat(struct pt_regs *regs) {
    struct times times = both_now;
    uint32_t pair[2][2];

    if (regs->edx && copy_from_user(pair, regs->edx, sizeof pair)) return -EFAULT;
    for (unsigned i = 0; regs->edx && i < 2; i++) {
        times.seconds[i] = pair[i][0];
        times.nanoseconds[i] = pair[i][1];
    }
    return times_at(regs->ebx, regs->ecx, &times, regs->esi);
}

int32_t sys_utimensat_time64(struct pt_regs *regs) {
    struct times times = both_now;
    uint64_t pair[2][2];

    if (regs->edx && copy_from_user(pair, regs->edx, sizeof pair)) return -EFAULT;
    for (unsigned i = 0; regs->edx && i < 2; i++) {
        times.seconds[i] = pair[i][0];
        times.nanoseconds[i] = (uint32_t)pair[i][1];
    }
    return times_at(regs->ebx, regs->ecx, &times, regs->esi);
}

/* utimes(): microseconds. */
static int32_t microseconds_at(uint32_t fd, uint32_t path, uint32_t user) {
    struct times times = both_now;
    uint32_t pair[2][2];

    if (user && copy_from_user(pair, user, sizeof pair)) return -EFAULT;
    for (unsigned i = 0; user && i < 2; i++) {
        if (pair[i][1] >= 1000000) return -EINVAL;
        times.seconds[i] = pair[i][0];
        times.nanoseconds[i] = pair[i][1] * 1000;
    }
    return times_at(fd, path, &times, 0);
}

int32_t sys_utimes(struct pt_regs *regs) {
    return microseconds_at(AT_FDCWD, regs->ebx, regs->ecx);
}

int32_t sys_futimesat(struct pt_regs *regs) {
    return microseconds_at(regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_utime(struct pt_regs *regs) {
    struct times times = both_now;
    uint32_t seconds[2];

    if (regs->ecx && copy_from_user(seconds, regs->ecx, sizeof seconds)) return -EFAULT;
    if (regs->ecx) times = (struct times){{seconds[0], seconds[1]}, {0, 0}};
    return times_at(AT_FDCWD, regs->ebx, &times, 0);
}

/* ---- size ---- */

static int32_t change_size(struct inode *inode, uint64_t size) {
    uint32_t limit = current->rlimit[RLIMIT_FSIZE].now;

    if ((int64_t)size < 0) return -EINVAL;
    if (is_kind(inode, S_IFDIR)) return -EISDIR;
    if (!is_kind(inode, S_IFREG) || inode->ops) return -EINVAL;
    if (limit != RLIM_INFINITY && size > limit && size > inode->size) {
        signal_send(current, SIGXFSZ);
        return -EFBIG;
    }
    return ramfs_truncate(inode, size);
}

static int32_t truncate_path(uint32_t path, uint64_t size) {
    struct dentry *dentry;

    int error = user_lookup(AT_FDCWD, path, 0, &dentry);
    if (error) return error;
    error = is_kind(dentry->inode, S_IFDIR) ? -EISDIR : inode_may(dentry->inode, MAY_WRITE);
    if (!error && dentry->inode->writers < 0) error = -ETXTBSY;
    if (!error) error = change_size(dentry->inode, size);
    dentry_put(dentry);
    return error;
}

static int32_t truncate_fd(uint32_t fd, uint64_t size) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t error = file->flags & O_PATH     ? -EBADF
                    : !file_writable(file) ? -EINVAL
                                             : change_size(file->inode, size);
    file_put(file);
    return error;
}

int32_t sys_truncate(struct pt_regs *regs) {
    return truncate_path(regs->ebx, (uint64_t)(int32_t)regs->ecx);
}

int32_t sys_ftruncate(struct pt_regs *regs) {
    return truncate_fd(regs->ebx, (uint64_t)(int32_t)regs->ecx);
}

int32_t sys_truncate64(struct pt_regs *regs) {
    return truncate_path(regs->ebx, pair(regs->ecx, regs->edx));
}

int32_t sys_ftruncate64(struct pt_regs *regs) {
    return truncate_fd(regs->ebx, pair(regs->ecx, regs->edx));
}

/* ---- extended attributes: a file system without them (xattr(7)) ---- */

static int32_t no_xattr(uint32_t path, uint32_t flags, int32_t answer) {
    struct dentry *dentry;
    int error = user_lookup(AT_FDCWD, path, flags, &dentry);
    if (error) return error;
    dentry_put(dentry);
    return answer;
}

static int32_t no_xattr_fd(uint32_t fd, int32_t answer) {
    struct dentry *dentry;
    int error = dentry_of(fd, &dentry);
    if (error) return error;
    dentry_put(dentry);
    return answer;
}

#define WITHOUT_XATTR(name, answer)                                \
    int32_t sys_##name(struct pt_regs *regs) {                     \
        return no_xattr(regs->ebx, 0, answer);                     \
    }                                                              \
    int32_t sys_l##name(struct pt_regs *regs) {                    \
        return no_xattr(regs->ebx, AT_SYMLINK_NOFOLLOW, answer);   \
    }                                                              \
    int32_t sys_f##name(struct pt_regs *regs) {                    \
        return no_xattr_fd(regs->ebx, answer);                     \
    }
WITHOUT_XATTR(setxattr, -EOPNOTSUPP)
WITHOUT_XATTR(getxattr, -EOPNOTSUPP)
WITHOUT_XATTR(listxattr, 0)
WITHOUT_XATTR(removexattr, -EOPNOTSUPP)
