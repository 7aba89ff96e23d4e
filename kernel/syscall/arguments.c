/*
 * arguments.c: paths and descriptors, as system calls get them.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/task.h>
#include <syscall/arguments.h>

int path_from_user(uint32_t user, char **path) {
    *path = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!*path) return -ENOMEM;
    int length = strncpy_from_user(*path, user, PATH_MAX);
    if (length >= 0) return 0;
    kfree(*path);
    *path = 0;
    return length;
}

int start_of(uint32_t fd, const char *path, struct dentry **start) {
    *start = 0;
    if (fd == AT_FDCWD || *path == '/') return 0;
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    bool directory = is_kind(file->inode, S_IFDIR) || !*path;
    if (directory) {
        *start = file->dentry;
        dentry_get(*start);
    }
    file_put(file);
    return directory ? 0 : -ENOTDIR;
}

/* An empty path, where AT_EMPTY_PATH allows it, is the file behind the descriptor. */
static int lookup_empty(struct dentry *start, struct dentry **found) {
    *found = start ? start : current->fs->cwd;
    dentry_get(*found);
    return 0;
}

int user_lookup(uint32_t fd, uint32_t user, uint32_t flags, struct dentry **found) {
    struct dentry *start;
    char *path;

    int error = path_from_user(user, &path);
    if (error) return error;
    error = start_of(fd, path, &start);
    if (!error && !*path && flags & AT_EMPTY_PATH)
        error = lookup_empty(start, found);
    else if (!error)
        error = path_lookup(start, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW, found);
    dentry_put(start);
    kfree(path);
    return error;
}

int user_walk_start(struct user_walk *user, uint32_t fd, uint32_t path) {
    *user = (struct user_walk){0};
    int error = path_from_user(path, &user->path);
    if (!error) error = start_of(fd, user->path, &user->start);
    if (error) return error;
    user->started = true;
    return walk_start(&user->walk, user->start, user->path);
}

void user_walk_end(struct user_walk *user) {
    if (user->started) walk_end(&user->walk);
    dentry_put(user->start);
    kfree(user->path);
}
