/*
 * dentry.c: names in directories, and the way from one to the next.
 */
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

#define BUCKETS 512

static struct dentry *buckets[BUCKETS];

/* FNV-1a over the name, started with the directory. */
static struct dentry **bucket_of(const struct dentry *dir, const char *name, uint32_t length) {
    uint32_t hash = 2166136261u ^ (uint32_t)(uintptr_t)dir >> 3;
    for (uint32_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return &buckets[(hash ^ hash >> 15) % BUCKETS];
}

void dentry_get(struct dentry *dentry) {
    dentry->references++;
}

/* The last reference to an entry of a chain may be the last one to the chain. */
void dentry_put(struct dentry *dentry) {
    while (dentry && --dentry->references == 0) {
        struct dentry *parent = dentry->parent;
        inode_put(dentry->inode);
        kfree(dentry->name);
        kfree(dentry);
        dentry = parent;
    }
}

struct dentry *dentry_new(struct dentry *parent, const char *name, uint32_t length,
                          struct inode *inode) {
    struct dentry *dentry = kzalloc(sizeof *dentry, GFP_KERNEL);
    char *copy = kzalloc(length + 1, GFP_KERNEL);

    if (!dentry || !copy) {
        kfree(dentry);
        kfree(copy);
        return 0;
    }
    dentry->references = 1;
    dentry->inode = inode;
    dentry->parent = parent;
    if (parent) dentry_get(parent);
    dentry->length = (uint8_t)length;
    dentry->name = memcpy(copy, name, length);
    return dentry;
}

void dentry_enter(struct dentry *dentry) {
    struct inode *dir = dentry->parent->inode;
    struct dentry **bucket = bucket_of(dentry->parent, dentry->name, dentry->length);

    dentry_get(dentry);
    dentry->removed = false;
    dentry->hash_next = *bucket;
    *bucket = dentry;
    dentry->cookie = ++dir->next_cookie;
    dentry->next = 0;
    dentry->previous = dir->last;
    if (dir->last)
        dir->last->next = dentry;
    else
        dir->first = dentry;
    dir->last = dentry;
}

void dentry_remove(struct dentry *dentry) {
    struct inode *dir = dentry->parent->inode;
    struct dentry **at = bucket_of(dentry->parent, dentry->name, dentry->length);

    while (*at != dentry) at = &(*at)->hash_next;
    *at = dentry->hash_next;
    if (dentry->previous)
        dentry->previous->next = dentry->next;
    else
        dir->first = dentry->next;
    if (dentry->next)
        dentry->next->previous = dentry->previous;
    else
        dir->last = dentry->previous;
    dentry->removed = true;
    dentry_put(dentry);
}

int dentry_lookup(struct dentry *dir, const char *name, uint32_t length, struct dentry **found) {
    if (dir->inode->ops) return dir->inode->ops->lookup(dir, name, length, found);
    for (struct dentry *at = *bucket_of(dir, name, length); at; at = at->hash_next) {
        if (at->parent != dir || at->length != length || memcmp(at->name, name, length) != 0)
            continue;
        dentry_get(at);
        *found = at;
        return 0;
    }
    return -ENOENT;
}

struct dentry *dentry_up(struct dentry *dentry) {
    const struct dentry *root = current->fs ? current->fs->root : filesystems->root;

    while (dentry != root && !dentry->parent && dentry->inode->fs->covers)
        dentry = dentry->inode->fs->covers; /* the root of what is mounted here */
    if (dentry != root && dentry->parent) dentry = dentry->parent;
    dentry_get(dentry);
    return dentry;
}

struct dentry *dentry_down(struct dentry *dentry) {
    if (dentry->automount) boot_mount(dentry);
    while (dentry->mounted) {
        struct dentry *root = dentry->mounted->root;
        dentry_get(root);
        dentry_put(dentry);
        dentry = root;
    }
    return dentry;
}

/* Puts text in front of `at`; a null pointer if there is no room down to `start`. */
static char *prepend(const char *start, char *at, const char *text, uint32_t length) {
    if (!at || at - start < (ptrdiff_t)length) return 0;
    return memcpy(at - length, text, length);
}

char *dentry_path(const struct dentry *dentry, const struct dentry *root, char *buffer,
                  size_t size) {
    char *at = buffer + size - 1;

    if (size == 0) return 0;
    *at = 0;
    if (!root && filesystems) root = filesystems->root;
    if (!dentry->parent && dentry->length) { /* a file without a place: pipe:[3] */
        if (*dentry->name == '/') at = prepend(buffer, at, " (deleted)", 10);
        return prepend(buffer, at, dentry->name, dentry->length);
    }
    if (dentry->removed) at = prepend(buffer, at, " (deleted)", 10);
    const char *end = at;
    while (at && dentry != root) {
        if (dentry->parent) {
            at = prepend(buffer, at, dentry->name, dentry->length);
            at = prepend(buffer, at, "/", 1);
            dentry = dentry->parent;
        } else if (dentry->inode->fs->covers) {
            dentry = dentry->inode->fs->covers;
        } else {
            if (at == end) at = prepend(buffer, at, "/", 1);
            return prepend(buffer, at, "(unreachable)", 13);
        }
    }
    return at == end ? prepend(buffer, at, "/", 1) : at;
}
