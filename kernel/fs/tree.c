/*
 * tree.c: makes, links, renames and removes names in directories of ramfs.
 *
 * Each gets a walk that has come to the last name (namei.c).
 */
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

#define LINKS_MAX 32000

/* May names in this directory be changed? */
static int may_change(struct dentry *dir) {
    if (dir->inode->ops) return dir->inode->fs->read_only ? -EROFS : -EPERM; /* on a disk; of proc */
    if (dir->removed) return -ENOENT;
    return inode_may(dir->inode, MAY_WRITE | MAY_EXEC);
}

/* In a directory with the sticky bit, such as /tmp, everybody removes only what is theirs. */
static int may_remove(struct dentry *dir, struct dentry *victim) {
    int error = may_change(dir);
    if (error) return error;
    if (dir->inode->mode & S_ISVTX && !inode_is_own(victim->inode) && !inode_is_own(dir->inode))
        return -EPERM;
    return victim->mounted ? -EBUSY : 0;
}

/* The directory of the walk has no entry with its last name, and may have one. */
static int may_make(struct walk *walk, bool directory) {
    struct dentry *found;

    if (walk->length == 0) return -EEXIST;
    int error = dentry_lookup(walk->at, walk->name, walk->length, &found);
    if (!error) {
        dentry_put(found);
        return -EEXIST;
    }
    if (error != -ENOENT) return error;
    if (walk->slash && !directory) return -ENOENT;
    return may_change(walk->at);
}

/* Enters a name for `inode`, whose reference it takes over, also if it fails. */
static int enter(struct walk *walk, struct inode *inode, struct dentry **made) {
    struct dentry *dentry = dentry_new(walk->at, walk->name, walk->length, inode);

    if (!dentry) {
        inode_put(inode);
        return -ENOMEM;
    }
    dentry_enter(dentry);
    inode_modified(walk->at->inode);
    if (is_kind(inode, S_IFDIR)) walk->at->inode->links++;
    if (made)
        *made = dentry;
    else
        dentry_put(dentry);
    return 0;
}

/* What a mode and a target say of a new inode. */
static int fill(struct inode *inode, const struct inode *dir, uint32_t rdev, const char *target) {
    inode->rdev = rdev;
    if (dir->mode & S_ISGID) { /* a directory of a group */
        inode->gid = dir->gid;
        if (is_kind(inode, S_IFDIR)) inode->mode |= S_ISGID;
    }
    ramfs_inode_init(inode);
    if (!target) return 0;
    inode->size = strlen(target);
    inode->target = kmalloc((size_t)inode->size + 1, GFP_KERNEL);
    if (!inode->target) return -ENOMEM;
    memcpy(inode->target, target, (size_t)inode->size + 1);
    return 0;
}

int tree_make(struct walk *walk, uint32_t mode, uint32_t rdev, const char *target,
              struct dentry **made) {
    int error = may_make(walk, (mode & S_IFMT) == S_IFDIR);
    if (error) return error;
    if (walk->at->inode->fs->inodes >= walk->at->inode->fs->inodes_max) return -ENOSPC;
    if (!target && current->fs) mode &= ~current->fs->umask;
    struct inode *inode = inode_new(walk->at->inode->fs, mode);
    if (!inode) return -ENOMEM;
    error = fill(inode, walk->at->inode, rdev, target);
    if (error) {
        inode_put(inode);
        return error;
    }
    return enter(walk, inode, made);
}

int tree_link(struct dentry *old, struct walk *walk) {
    struct inode *inode = old->inode;

    int error = may_make(walk, false);
    if (error) return error;
    if (inode->fs != walk->at->inode->fs) return -EXDEV;
    if (is_kind(inode, S_IFDIR)) return -EPERM;
    if (inode->links == 0) return -ENOENT;
    if (inode->links >= LINKS_MAX) return -EMLINK;
    inode_get(inode);
    error = enter(walk, inode, 0);
    if (error) return error;
    inode->links++;
    inode_changed(inode);
    return 0;
}

/* The entry at the end of the walk. */
static int find(struct walk *walk, struct dentry **found) {
    int error = dentry_lookup(walk->at, walk->name, walk->length, found);
    if (!error && walk->slash && !is_kind((*found)->inode, S_IFDIR)) {
        dentry_put(*found);
        return -ENOTDIR;
    }
    return error;
}

/* Takes a name out of its directory. */
static void take_out(struct dentry *victim) {
    struct inode *inode = victim->inode, *dir = victim->parent->inode;

    inode_modified(dir);
    inode_changed(inode);
    if (is_kind(inode, S_IFDIR)) {
        dir->links--;
        inode->links = 0;
    } else {
        inode->links--;
    }
    dentry_remove(victim);
}

int tree_unlink(struct walk *walk) {
    struct dentry *victim;

    if (walk->length == 0) return -EISDIR;
    int error = find(walk, &victim);
    if (error) return error;
    error = may_remove(walk->at, victim);
    if (!error && is_kind(victim->inode, S_IFDIR)) error = -EISDIR;
    if (!error) take_out(victim);
    dentry_put(victim);
    return error;
}

int tree_rmdir(struct walk *walk) {
    struct dentry *victim;

    if (walk->length == 0)
        return walk->special == '.' ? -EINVAL : walk->special == ':' ? -ENOTEMPTY : -EBUSY;
    int error = find(walk, &victim);
    if (error) return error;
    error = may_remove(walk->at, victim);
    if (!error && !is_kind(victim->inode, S_IFDIR)) error = -ENOTDIR;
    if (!error && victim->inode->first) error = -ENOTEMPTY;
    if (!error) take_out(victim);
    dentry_put(victim);
    return error;
}

/* Does `dentry` lie in `above`, or is it the same? */
static bool lies_in(const struct dentry *dentry, const struct dentry *above) {
    while (dentry && dentry != above) dentry = dentry->parent;
    return dentry;
}

/* May `old` take the place of `victim`? */
static int may_replace(struct walk *to, struct dentry *old, struct dentry *victim) {
    bool directory = is_kind(old->inode, S_IFDIR);

    int error = may_remove(to->at, victim);
    if (error) return error;
    if (directory && !is_kind(victim->inode, S_IFDIR)) return -ENOTDIR;
    if (!directory && is_kind(victim->inode, S_IFDIR)) return -EISDIR;
    return directory && victim->inode->first ? -ENOTEMPTY : 0;
}

static char *name_copy(const char *name, uint32_t length) {
    char *copy = kmalloc(length + 1, GFP_KERNEL);
    if (!copy) return 0;
    memcpy(copy, name, length);
    copy[length] = 0;
    return copy;
}

/* `old` goes to `dir`, where there is no such name. Takes `name` over. */
static void move(struct dentry *old, struct dentry *dir, char *name, uint32_t length) {
    struct dentry *from = old->parent;
    bool directory = is_kind(old->inode, S_IFDIR);

    dentry_get(old);
    dentry_remove(old);
    kfree(old->name);
    old->name = name;
    old->length = (uint8_t)length;
    dentry_get(dir);
    old->parent = dir;
    dentry_enter(old);
    dentry_put(old);
    if (directory && from != dir) {
        from->inode->links--;
        dir->inode->links++;
    }
    inode_modified(from->inode);
    inode_modified(dir->inode);
    inode_changed(old->inode);
    dentry_put(from);
}

/* Both names are there: each gets what the other had. */
static int exchange(struct walk *from, struct dentry *old, struct walk *to, struct dentry *other) {
    if (old == other) return 0;
    int error = may_remove(to->at, other);
    if (error) return error;
    if (lies_in(from->at, other)) return -EINVAL;
    char *name = name_copy(to->name, to->length), *other_name = name_copy(from->name, from->length);
    if (!name || !other_name) {
        kfree(name);
        kfree(other_name);
        return -ENOMEM;
    }
    uint32_t length = to->length, other_length = from->length;
    move(old, to->at, name, length);
    move(other, from->at, other_name, other_length);
    return 0;
}

/* All that was there is found and allowed; `victim` may be a null pointer. */
static int replace(struct walk *to, struct dentry *old, struct dentry *victim) {
    if (victim && victim->inode == old->inode) return 0; /* two names of one file: nothing */
    int error = victim ? may_replace(to, old, victim) : may_change(to->at);
    if (error) return error;
    char *name = name_copy(to->name, to->length);
    if (!name) return -ENOMEM;
    if (victim) take_out(victim);
    move(old, to->at, name, to->length);
    return 0;
}

static int rename_found(struct walk *from, struct dentry *old, struct walk *to,
                        struct dentry *victim, uint32_t flags) {
    bool directory = is_kind(old->inode, S_IFDIR);

    int error = may_remove(from->at, old);
    if (error) return error;
    if (victim && flags & RENAME_NOREPLACE) return -EEXIST;
    if (!victim && flags & RENAME_EXCHANGE) return -ENOENT;
    if ((from->slash || to->slash) && !directory) return -ENOTDIR;
    if (lies_in(to->at, old)) return -EINVAL;
    if (directory && old->parent != to->at) error = inode_may(old->inode, MAY_WRITE); /* its .. */
    if (error) return error;
    if (flags & RENAME_EXCHANGE) return exchange(from, old, to, victim);
    if (victim && lies_in(from->at, victim)) return -ENOTEMPTY;
    return replace(to, old, victim);
}

int tree_rename(struct walk *from, struct walk *to, uint32_t flags) {
    struct dentry *old, *victim = 0;

    if (from->at->inode->fs != to->at->inode->fs) return -EXDEV;
    if (from->length == 0 || to->length == 0) return -EBUSY;
    int error = dentry_lookup(from->at, from->name, from->length, &old);
    if (error) return error;
    error = dentry_lookup(to->at, to->name, to->length, &victim);
    if (!error || error == -ENOENT) error = rename_found(from, old, to, victim, flags);
    if (victim) dentry_put(victim);
    dentry_put(old);
    return error;
}
