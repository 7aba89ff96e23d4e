/*
 * mount.c: file systems, and where they are mounted.
 */
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

struct filesystem *filesystems;

static const struct {
    const char *name;
    uint32_t magic;
} types[] = {{"ramfs", RAMFS_MAGIC},
             {"tmpfs", TMPFS_MAGIC},
             {"devtmpfs", TMPFS_MAGIC},
             {"proc", PROC_MAGIC},
             {"pipefs", PIPE_MAGIC}};

static uint32_t magic_of(const char *type) {
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, type) == 0) return types[i].magic;
    return 0;
}

/* A root has no name, and no parent. */
static struct dentry *make_root(struct filesystem *fs) {
    struct inode *inode = inode_new(fs, S_IFDIR | 0755);
    if (!inode) return 0;
    struct dentry *root = dentry_new(0, "", 0, inode);
    if (!root) inode_put(inode);
    return root;
}

struct filesystem *fs_new(const char *type) {
    static uint32_t devices;
    struct filesystem *fs = kzalloc(sizeof *fs, GFP_KERNEL);

    if (!fs) return 0;
    fs->type = type;
    fs->magic = magic_of(type);
    fs->device = makedev(0, ++devices);
    fs->pages_max = pages_of(OWNER_FREE) / 2; /* as tmpfs in Linux: half of memory */
    fs->root = make_root(fs);
    if (!fs->root) {
        kfree(fs);
        return 0;
    }
    if (fs->magic == PROC_MAGIC)
        proc_root_init(fs->root->inode);
    else
        ramfs_inode_init(fs->root->inode);
    return fs;
}

int fs_mount(struct filesystem *fs, struct dentry *on) {
    struct filesystem **end = &filesystems;

    if (on && !is_kind(on->inode, S_IFDIR)) return -ENOTDIR;
    if (on && on->removed) return -ENOENT;
    while (*end) end = &(*end)->next;
    *end = fs;
    fs->covers = on;
    if (on) {
        dentry_get(on);
        on->mounted = fs;
    }
    return 0;
}
