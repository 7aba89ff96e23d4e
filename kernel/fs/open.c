/*
 * open.c: opens files: open(2), a line a condition.
 */
#include <fs/device.h>
#include <fs/pipe.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

#define KEPT_FLAGS (O_ACCMODE | O_APPEND | O_NONBLOCK | O_LARGEFILE | O_DIRECTORY | O_PATH)

static uint32_t wanted_rights(uint32_t flags) {
    static const uint32_t rights[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
                                      MAY_READ | MAY_WRITE};
    return rights[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* May it be opened like this? */
static int check(const struct inode *inode, uint32_t flags) {
    uint32_t rights = wanted_rights(flags);

    if (flags & O_DIRECTORY && !is_kind(inode, S_IFDIR)) return -ENOTDIR;
    if (flags & O_PATH) return 0;
    if (is_kind(inode, S_IFLNK)) return -ELOOP;
    if (is_kind(inode, S_IFDIR) && rights & MAY_WRITE) return -EISDIR;
    if (is_kind(inode, S_IFSOCK)) return -ENXIO;
    int error = inode_may(inode, rights);
    if (error) return error;
    return rights & MAY_WRITE && inode->writers < 0 ? -ETXTBSY : 0;
}

static const struct file_operations no_operations;

/* What works on it, by its kind. */
static int find_operations(const struct inode *inode, const struct file_operations **ops) {
    *ops = inode->file_ops ? inode->file_ops : &no_operations;
    if (is_kind(inode, S_IFIFO)) *ops = &fifo_operations;
    if (is_kind(inode, S_IFCHR)) *ops = device_operations(inode->rdev);
    if (is_kind(inode, S_IFBLK)) *ops = &block_file;
    return *ops ? 0 : -ENXIO;
}

int file_open_dentry(struct dentry *dentry, uint32_t flags, struct file **opened) {
    struct inode *inode = dentry->inode;
    const struct file_operations *ops = &no_operations;

    int error = flags & O_PATH ? 0 : find_operations(inode, &ops);
    if (error) return error;
    struct file *file = kzalloc(sizeof *file, GFP_KERNEL);
    if (!file) return -ENOMEM;
    *file = (struct file){
        .references = 1, .flags = flags & KEPT_FLAGS, .dentry = dentry, .inode = inode, .ops = ops};
    if (ops->open) error = ops->open(inode, file);
    if (!error && flags & O_TRUNC && is_kind(inode, S_IFREG) && !inode->ops)
        error = ramfs_truncate(inode, 0);
    if (error) {
        kfree(file);
        return error;
    }
    dentry_get(dentry);
    if (file_writable(file)) inode->writers++;
    *opened = file;
    return 0;
}

/* What O_CREAT makes of a name that is not there. */
static int create(struct walk *walk, uint32_t mode, uint32_t flags, struct file **file) {
    struct dentry *made;

    if (walk->slash) return -EISDIR;
    int error = tree_make(walk, S_IFREG | (mode & 07777), 0, 0, &made);
    if (error) return error == -EPERM ? -EACCES : error;
    error = file_open_dentry(made, flags & ~O_TRUNC, file); /* its mode binds the next one only */
    dentry_put(made);
    return error;
}

/* The dentry at the end of the walk is there. */
static int open_found(struct dentry *dentry, bool slash, uint32_t flags, struct file **file) {
    if (flags & O_CREAT && flags & O_EXCL) return -EEXIST;
    if (flags & O_CREAT && is_kind(dentry->inode, S_IFDIR)) return -EISDIR;
    if (slash && !is_kind(dentry->inode, S_IFDIR)) return -ENOTDIR;
    int error = check(dentry->inode, flags);
    return error ? error : file_open_dentry(dentry, flags, file);
}

static bool is_followed(const struct walk *walk, const struct dentry *dentry, uint32_t flags) {
    if (!is_kind(dentry->inode, S_IFLNK)) return false;
    if (flags & O_CREAT && flags & O_EXCL) return false;
    return !(flags & O_NOFOLLOW) || walk->slash;
}

/* From the last name of a path on. */
static int open_last(struct walk *walk, uint32_t flags, uint32_t mode, struct file **file) {
    struct dentry *dentry;

    for (;;) {
        if (walk->length == 0) return open_found(walk->at, false, flags, file);
        int error = dentry_lookup(walk->at, walk->name, walk->length, &dentry);
        if (error == -ENOENT && flags & O_CREAT) return create(walk, mode, flags, file);
        if (error) return error;
        bool followed = is_followed(walk, dentry, flags);
        if (followed) {
            error = walk_follow(walk, dentry);
        } else {
            dentry = dentry_down(dentry);
            error = open_found(dentry, walk->slash, flags, file);
        }
        dentry_put(dentry);
        if (error || !followed) return error;
    }
}

int file_open_at(struct dentry *start, const char *path, uint32_t flags, uint32_t mode,
                 struct file **file) {
    struct walk walk;

    if (flags & O_PATH) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (flags & O_CREAT && flags & O_DIRECTORY) return -EINVAL;
    int error = walk_start(&walk, start, path);
    if (!error) error = open_last(&walk, flags, mode, file);
    walk_end(&walk);
    return error;
}

int file_open(const char *path, uint32_t flags, uint32_t mode, struct file **file) {
    return file_open_at(0, path, flags, mode, file);
}

int file_open_exec(const char *path, struct file **file) {
    struct dentry *dentry;

    int error = path_lookup(0, path, LOOKUP_FOLLOW, &dentry);
    if (error) return error;
    struct inode *inode = dentry->inode;
    if (!is_kind(inode, S_IFREG)) error = -EACCES;
    if (!error) error = inode_may(inode, MAY_EXEC);
    if (!error && inode->writers > 0) error = -ETXTBSY;
    if (!error) error = file_open_dentry(dentry, O_RDONLY | O_LARGEFILE, file);
    if (!error) {
        inode->writers--;
        (*file)->executing = true;
    }
    dentry_put(dentry);
    return error;
}

int file_open_nameless(struct inode *inode, const char *name, uint32_t flags, struct file **file) {
    struct dentry *dentry = dentry_new(0, name, (uint32_t)strlen(name), inode);

    if (!dentry) {
        inode_put(inode);
        return -ENOMEM;
    }
    int error = file_open_dentry(dentry, flags, file);
    dentry_put(dentry);
    return error;
}
