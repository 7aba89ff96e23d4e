/*
 * proc.c: the root of /proc.
 */
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>

static int lookup(struct dentry *dir, const char *name, uint32_t length, struct dentry **found) {
    (void)dir, (void)name, (void)length, (void)found;
    return -ENOENT;
}

static int readdir(struct file *dir, struct dir_context *context) {
    dir_emit_dots(dir, context);
    return 0;
}

static const struct inode_operations root_inode = {.lookup = lookup};
static const struct file_operations root_directory = {.readdir = readdir};

void proc_root_init(struct inode *inode) {
    inode->mode = S_IFDIR | 0555;
    inode->ops = &root_inode;
    inode->file_ops = &root_directory;
}
