/*
 * mount.c: file systems, and where they are mounted.
 */
#include <fs/device.h>
#include <fs/fat.h>
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

struct filesystem *filesystems;

static const struct {
    const char *name;
    uint32_t magic;
    bool may_be_mounted;
} types[] = {{"ramfs", RAMFS_MAGIC, true},
             {"tmpfs", TMPFS_MAGIC, true},
             {"devtmpfs", TMPFS_MAGIC, true},
             {"proc", PROC_MAGIC, true},
             {"vfat", MSDOS_MAGIC, true},
             {"msdos", MSDOS_MAGIC, true},
             {"pipefs", PIPE_MAGIC, false}};

#define TYPES (sizeof types / sizeof types[0])

/* A root has no name, and no parent. */
static struct dentry *make_root(struct filesystem *fs) {
    struct inode *inode = inode_new(fs, S_IFDIR | (strcmp(fs->type, "tmpfs") == 0 ? 01777 : 0755));
    if (!inode) return 0;
    struct dentry *root = dentry_new(0, "", 0, inode);
    if (!root) inode_put(inode);
    return root;
}

static struct filesystem *make(unsigned type) {
    static uint32_t devices;
    struct filesystem *fs = kzalloc(sizeof *fs, GFP_KERNEL);

    if (!fs) return 0;
    fs->type = types[type].name;
    fs->magic = types[type].magic;
    fs->device = makedev(0, ++devices);
    fs->pages_max = pages_of(OWNER_FREE) / 2; /* as tmpfs in Linux: half of memory */
    fs->inodes_max = pages_total();           /* of some 250 bytes each: a sixteenth of it */
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

struct filesystem *fs_new(const char *type) {
    for (unsigned i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, type) == 0) return make(i);
    return 0;
}

/* Of `type`, on a disk. */
static int make_on_disk(unsigned type, struct block_device *device, struct filesystem **fs) {
    if (!device) return -ENOTBLK;
    int error = fat_make(device, fs);
    if (error) return error;
    (*fs)->type = types[type].name;
    (*fs)->magic = types[type].magic;
    return 0;
}

int fs_make(const char *type, struct block_device *device, struct filesystem **fs) {
    for (unsigned i = 0; i < TYPES; i++) {
        if (strcmp(types[i].name, type) != 0 || !types[i].may_be_mounted) continue;
        if (types[i].magic == MSDOS_MAGIC) return make_on_disk(i, device, fs);
        *fs = make(i);
        if (!*fs) return -ENOMEM;
        int error = strcmp(type, "devtmpfs") == 0 ? devices_make((*fs)->root) : 0;
        if (error) fs_free(*fs);
        return error;
    }
    return -ENODEV;
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

/* The next one of a tree behind `at`, parents before children; a null pointer: that was all. */
static struct dentry *next_in_tree(const struct filesystem *fs, struct dentry *at) {
    if (!at->inode->ops && is_kind(at->inode, S_IFDIR) && at->inode->first)
        return at->inode->first;
    while (at != fs->root && !at->next) at = at->parent;
    return at == fs->root ? 0 : at->next;
}

/* The references that an entry has if nobody uses it: its place in the tree, and its children. */
static uint32_t references_of(const struct dentry *dentry) {
    uint32_t references = 1;

    if (dentry->inode->ops || !is_kind(dentry->inode, S_IFDIR)) return references;
    for (struct dentry *child = dentry->inode->first; child; child = child->next) references++;
    return references;
}

static bool is_used(const struct filesystem *fs) {
    for (struct dentry *at = fs->root; at; at = next_in_tree(fs, at))
        if (at->references != references_of(at)) return true;
    return false;
}

/* Takes the tree down, leaves first. */
void fs_free(struct filesystem *fs) {
    struct dentry *at = fs->root;

    while (!at->inode->ops) {
        if (is_kind(at->inode, S_IFDIR) && at->inode->first) {
            at = at->inode->first;
        } else if (at == fs->root) {
            break;
        } else {
            struct dentry *parent = at->parent;
            dentry_remove(at);
            at = parent;
        }
    }
    if (fs->ops) fs->ops->end(fs);
    dentry_put(fs->root);
    kfree(fs);
}

static void unlink_from_all(struct filesystem *fs) {
    struct filesystem **link = &filesystems;
    while (*link != fs) link = &(*link)->next;
    *link = fs->next;
}

int fs_umount(struct dentry *root) {
    struct filesystem *fs = root->inode->fs;
    bool is_root = root == fs->root;

    dentry_put(root);
    if (!is_root) return -EINVAL;
    if (!fs->covers || is_used(fs)) return -EBUSY;
    unlink_from_all(fs);
    fs->covers->mounted = 0;
    dentry_put(fs->covers);
    fs_free(fs);
    return 0;
}
