/*
 * fs_struct.c: where a process is: its root, its working directory, its umask.
 */
#include <fs/vfs.h>
#include <mm/kmalloc.h>

#define UMASK 022u

static struct fs_struct *make(struct dentry *root, struct dentry *cwd, uint32_t umask) {
    struct fs_struct *fs = kmalloc(sizeof *fs, GFP_KERNEL);

    if (!fs) return 0;
    dentry_get(root);
    dentry_get(cwd);
    *fs = (struct fs_struct){.references = 1, .root = root, .cwd = cwd, .umask = umask};
    return fs;
}

struct fs_struct *fs_alloc(void) {
    return make(filesystems->root, filesystems->root, UMASK);
}

struct fs_struct *fs_copy(const struct fs_struct *fs) {
    return make(fs->root, fs->cwd, fs->umask);
}

void fs_get(struct fs_struct *fs) {
    fs->references++;
}

void fs_put(struct fs_struct *fs) {
    if (--fs->references) return;
    dentry_put(fs->root);
    dentry_put(fs->cwd);
    kfree(fs);
}
