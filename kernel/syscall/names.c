/*
 * names.c: system calls that make, move and remove names (mkdir(2), mknod(2), link(2), symlink(2),
 * unlink(2), rmdir(2), rename(2)).
 */
#include <lib/errno.h>
#include <mm/kmalloc.h>
#include <proc/task.h>
#include <syscall/arguments.h>

static int32_t make(uint32_t fd, uint32_t path, uint32_t mode, uint32_t rdev, const char *target) {
    struct user_walk user;

    int error = user_walk_start(&user, fd, path);
    if (!error) error = tree_make(&user.walk, mode, rdev, target, 0);
    user_walk_end(&user);
    return error;
}

static int32_t make_directory(uint32_t fd, uint32_t path, uint32_t mode) {
    return make(fd, path, S_IFDIR | (mode & 01777), 0, 0);
}

int32_t sys_mkdir(struct pt_regs *regs) {
    return make_directory(AT_FDCWD, regs->ebx, regs->ecx);
}

int32_t sys_mkdirat(struct pt_regs *regs) {
    return make_directory(regs->ebx, regs->ecx, regs->edx);
}

/* Only root makes devices. Directories are mkdir()'s, and links symlink()'s. */
static int32_t make_node(uint32_t fd, uint32_t path, uint32_t mode, uint32_t rdev) {
    if ((mode & S_IFMT) == 0) mode |= S_IFREG;
    switch (mode & S_IFMT) {
    case S_IFCHR:
    case S_IFBLK:
        if (current->euid) return -EPERM;
        break;
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK: rdev = 0; break;
    case S_IFDIR: return -EPERM;
    default: return -EINVAL;
    }
    return make(fd, path, mode & (S_IFMT | 07777), rdev, 0);
}

int32_t sys_mknod(struct pt_regs *regs) {
    return make_node(AT_FDCWD, regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_mknodat(struct pt_regs *regs) {
    return make_node(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

static int32_t make_symlink(uint32_t user_target, uint32_t fd, uint32_t path) {
    char *target;

    int error = path_from_user(user_target, &target);
    if (error) return error;
    error = *target ? make(fd, path, S_IFLNK | 0777, 0, target) : -ENOENT;
    kfree(target);
    return error;
}

int32_t sys_symlink(struct pt_regs *regs) {
    return make_symlink(regs->ebx, AT_FDCWD, regs->ecx);
}

int32_t sys_symlinkat(struct pt_regs *regs) {
    return make_symlink(regs->ebx, regs->ecx, regs->edx);
}

static int32_t make_link(uint32_t old_fd, uint32_t old_path, uint32_t fd, uint32_t path,
                         uint32_t flags) {
    struct user_walk user;
    struct dentry *old;

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return -EINVAL;
    uint32_t follow = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
    int error = user_lookup(old_fd, old_path, follow | (flags & AT_EMPTY_PATH), &old);
    if (error) return error;
    error = user_walk_start(&user, fd, path);
    if (!error) error = tree_link(old, &user.walk);
    user_walk_end(&user);
    dentry_put(old);
    return error;
}

int32_t sys_link(struct pt_regs *regs) {
    return make_link(AT_FDCWD, regs->ebx, AT_FDCWD, regs->ecx, 0);
}

int32_t sys_linkat(struct pt_regs *regs) {
    return make_link(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);
}

static int32_t remove(uint32_t fd, uint32_t path, bool directory) {
    struct user_walk user;

    int error = user_walk_start(&user, fd, path);
    if (!error) error = directory ? tree_rmdir(&user.walk) : tree_unlink(&user.walk);
    user_walk_end(&user);
    return error;
}

int32_t sys_unlink(struct pt_regs *regs) {
    return remove(AT_FDCWD, regs->ebx, false);
}

int32_t sys_rmdir(struct pt_regs *regs) {
    return remove(AT_FDCWD, regs->ebx, true);
}

int32_t sys_unlinkat(struct pt_regs *regs) {
    if (regs->edx & ~AT_REMOVEDIR) return -EINVAL;
    return remove(regs->ebx, regs->ecx, regs->edx & AT_REMOVEDIR);
}

static int32_t rename(uint32_t old_fd, uint32_t old_path, uint32_t fd, uint32_t path,
                      uint32_t flags) {
    struct user_walk from, to = {0};

    if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
    if (flags == (RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
    int error = user_walk_start(&from, old_fd, old_path);
    if (!error) error = user_walk_start(&to, fd, path);
    if (!error) error = tree_rename(&from.walk, &to.walk, flags);
    user_walk_end(&to);
    user_walk_end(&from);
    return error;
}

int32_t sys_rename(struct pt_regs *regs) {
    return rename(AT_FDCWD, regs->ebx, AT_FDCWD, regs->ecx, 0);
}

int32_t sys_renameat(struct pt_regs *regs) {
    return rename(regs->ebx, regs->ecx, regs->edx, regs->esi, 0);
}

int32_t sys_renameat2(struct pt_regs *regs) {
    return rename(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);
}
