/*
 * directory.c: system calls about directories: where a process is, and what lies in one (getcwd(2),
 * chdir(2), umask(2), getdents(2)).
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/task.h>
#include <syscall/arguments.h>

/* ---- where we are ---- */

int32_t sys_getcwd(struct pt_regs *regs) {
    char *buffer = kmalloc(PATH_MAX, GFP_KERNEL);
    struct fs_struct *fs = current->fs;

    if (!buffer) return -ENOMEM;
    char *path = dentry_path(fs->cwd, fs->root, buffer, PATH_MAX);
    int32_t bytes = path ? (int32_t)strlen(path) + 1 : -ENAMETOOLONG;
    if (fs->cwd->removed) bytes = -ENOENT;
    if (bytes > 0 && (uint32_t)bytes > regs->ecx) bytes = -ERANGE;
    if (bytes > 0 && copy_to_user(regs->ebx, path, (uint32_t)bytes)) bytes = -EFAULT;
    kfree(buffer);
    return bytes;
}

/* Puts the working directory, or the root, elsewhere: `dentry` is a reference. */
static int move_to(struct dentry *dentry, struct dentry **place) {
    int error = is_kind(dentry->inode, S_IFDIR) ? inode_may(dentry->inode, MAY_EXEC) : -ENOTDIR;
    if (error) {
        dentry_put(dentry);
        return error;
    }
    dentry_put(*place);
    *place = dentry;
    return 0;
}

int32_t sys_chdir(struct pt_regs *regs) {
    struct dentry *dentry;
    int error = user_lookup(AT_FDCWD, regs->ebx, 0, &dentry);
    return error ? error : move_to(dentry, &current->fs->cwd);
}

int32_t sys_fchdir(struct pt_regs *regs) {
    struct file *file = fd_file(regs->ebx);
    if (!file) return -EBADF;
    dentry_get(file->dentry);
    int error = move_to(file->dentry, &current->fs->cwd);
    file_put(file);
    return error;
}

int32_t sys_chroot(struct pt_regs *regs) {
    struct dentry *dentry;
    int error = user_lookup(AT_FDCWD, regs->ebx, 0, &dentry);
    if (error) return error;
    if (current->euid) {
        dentry_put(dentry);
        return -EPERM;
    }
    return move_to(dentry, &current->fs->root);
}

int32_t sys_umask(struct pt_regs *regs) {
    uint32_t old = current->fs->umask;
    current->fs->umask = regs->ebx & 0777;
    return (int32_t)old;
}

/* ---- what lies in a directory ---- */

/* Where getdents() puts entries. */
struct dir_context {
    uint32_t user, left; /* where the next one goes, and how many bytes there are */
    bool wide;           /* getdents64() */
    int error;
};

struct dirent64 {
    uint64_t inode, next;
    uint16_t length;
    uint8_t kind;
} __attribute__((packed)); /* the name, and its NUL */

struct dirent32 {
    uint32_t inode, next;
    uint16_t length;
} __attribute__((packed)); /* the name, its NUL, and the kind in the last byte */

/* Copies the fields, the name and zeros up to the end. */
static int give(uint32_t user, const void *fields, uint32_t fields_bytes, const char *name,
                uint32_t length, uint32_t bytes, uint8_t last) {
    uint32_t used = fields_bytes + length;

    int error = copy_to_user(user, fields, fields_bytes);
    if (!error) error = copy_to_user(user + fields_bytes, name, length);
    if (!error && clear_user_left(user + used, bytes - used)) error = -EFAULT;
    return error || !last ? error : copy_to_user(user + bytes - 1, &last, 1);
}

bool dir_emit(struct dir_context *context, const char *name, uint32_t length, uint32_t inode,
              uint32_t mode, uint64_t next) {
    uint8_t kind = (uint8_t)(mode >> 12 & 017); /* DT_... are the kinds of a mode */
    uint32_t bytes = context->wide ? ((uint32_t)sizeof(struct dirent64) + length + 1 + 7) & ~7u
                                   : ((uint32_t)sizeof(struct dirent32) + length + 2 + 3) & ~3u;

    if (bytes > context->left) {
        context->error = -EINVAL; /* counts if not even one has fitted */
        return false;
    }
    if (context->wide) {
        struct dirent64 entry = {inode, next, (uint16_t)bytes, kind};
        context->error = give(context->user, &entry, sizeof entry, name, length, bytes, 0);
    } else {
        struct dirent32 entry = {inode, (uint32_t)next, (uint16_t)bytes};
        context->error = give(context->user, &entry, sizeof entry, name, length, bytes, kind);
    }
    if (context->error) return false;
    context->user += bytes;
    context->left -= bytes;
    return true;
}

bool dir_emit_dots(struct file *dir, struct dir_context *context) {
    uint32_t inode = dir->inode->number;

    if (dir->offset == 0) {
        if (!dir_emit(context, ".", 1, inode, S_IFDIR, 1)) return false;
        dir->offset = 1;
    }
    if (dir->offset == 1) {
        const struct dentry *parent = dir->dentry->parent;
        if (parent) inode = parent->inode->number;
        if (!dir_emit(context, "..", 2, inode, S_IFDIR, 2)) return false;
        dir->offset = 2;
    }
    return true;
}

static int32_t get_entries(struct pt_regs *regs, bool wide) {
    struct dir_context context = {.user = regs->ecx, .left = regs->edx, .wide = wide};
    struct file *file = fd_file(regs->ebx);

    if (!file) return -EBADF;
    int32_t answer = file->flags & O_PATH        ? -EBADF
                     : !file->ops->readdir       ? -ENOTDIR
                     : file->dentry->removed     ? -ENOENT
                                                 : file->ops->readdir(file, &context);
    if (!answer && context.user != regs->ecx) answer = (int32_t)(context.user - regs->ecx);
    if (!answer) answer = context.error;
    file_put(file);
    return answer;
}

int32_t sys_getdents(struct pt_regs *regs) {
    return get_entries(regs, false);
}

int32_t sys_getdents64(struct pt_regs *regs) {
    return get_entries(regs, true);
}
