/*
 * init.c: the root file system, and what is in it when the first program starts.
 */
#include <cpu/panic.h>
#include <fs/initrd.h>
#include <fs/pipe.h>
#include <fs/vfs.h>
#include <lib/string.h>
#include <mm/buddy.h>

/* Mounts a new file system of this type on a directory, which is made if there is none. */
static void mount_on(const char *name, const char *type) {
    struct filesystem *fs;
    struct dentry *root = filesystems->root, *on = 0;
    struct walk walk = {.at = root, .rest = "", .name = name, .length = (uint32_t)strlen(name)};

    if (dentry_lookup(root, name, walk.length, &on)) tree_make(&walk, S_IFDIR | 0755, 0, 0, &on);
    if (!on || fs_make(type, 0, &fs) || fs_mount(fs, on)) panic("no memory for /%s", name);
    dentry_put(on);
}

void fs_init(void) {
    struct filesystem *root = fs_new("ramfs");

    if (!root || fs_mount(root, 0)) panic("no memory for the root file system");
    root->pages_max = root->inodes_max = UINT32_MAX; /* whatever the initrd holds */
    initrd_unpack();
    root->inodes_max = root->inodes + pages_total();
    root->pages_max = root->pages + pages_of(OWNER_FREE) / 2;

    if (!pipe_init() || !file_in_memory_init()) panic("no memory for pipes");
    mount_on("dev", "devtmpfs");
    mount_on("proc", "proc");
    boot_mount_init();
}
