/*
 * namei.c: from a path to what it names, name by name (path_resolution(7)).
 *
 * A symbolic link is not followed by recursion: its text is put in front of what is left of the
 * path, and the walk goes on. A kernel stack is small.
 */
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

#define REST_MAX (2 * PATH_MAX) /* of what is left, with the text of links */

static struct dentry *task_root(void) {
    return current->fs ? current->fs->root : filesystems->root;
}

/* From here on the walk is at `dentry`, whose reference it takes over. */
static void go_to(struct walk *walk, struct dentry *dentry) {
    dentry_put(walk->at);
    walk->at = dentry;
}

static void go_to_root(struct walk *walk) {
    dentry_get(task_root());
    go_to(walk, dentry_down(task_root()));
}

/* Puts a link's text in front of the rest. */
static int push(struct walk *walk, const char *text, uint32_t length) {
    uint32_t rest = (uint32_t)strlen(walk->rest);

    if (length == 0) return -ENOENT;
    if (length + rest >= REST_MAX) return -ENAMETOOLONG;
    char *buffer = kmalloc(length + rest + 1, GFP_KERNEL);
    if (!buffer) return -ENOMEM;
    memcpy(buffer, text, length);
    memcpy(buffer + length, walk->rest, rest + 1);
    kfree(walk->buffer);
    walk->rest = walk->buffer = buffer;
    if (*buffer == '/') go_to_root(walk);
    return 0;
}


/* Follows a link that was found in `at`, without going on. */
static int enter_link(struct walk *walk, struct dentry *dentry) {
    struct inode *inode = dentry->inode;
    struct dentry *target;
    char text[32];

    if (++walk->links > SYMLINKS_MAX) return -ELOOP;
    if (!inode->ops) return push(walk, inode->target, (uint32_t)inode->size);
    int error = inode->ops->follow ? inode->ops->follow(inode, &target) : -EINVAL;
    if (!error) {
        go_to(walk, target);
        return 0;
    }
    if (error != -EINVAL) return error;
    int length = inode->ops->readlink(inode, text, sizeof text);
    return length < 0 ? length : push(walk, text, (uint32_t)length);
}

/* One step down: `name` is not the last one, or has been followed. */
static int walk_into(struct walk *walk, const char *name, uint32_t length) {
    struct dentry *found;

    int error = dentry_lookup(walk->at, name, length, &found);
    if (error) return error;
    if (is_kind(found->inode, S_IFLNK)) {
        error = enter_link(walk, found);
        dentry_put(found);
        return error;
    }
    go_to(walk, dentry_down(found));
    return 0;
}

/* Takes names off the rest until only the last one is left. */
static int to_last(struct walk *walk) {
    walk->special = 0;
    for (;;) {
        while (*walk->rest == '/') walk->rest++;
        walk->length = 0;
        if (!*walk->rest) return 0;
        if (!is_kind(walk->at->inode, S_IFDIR)) return -ENOTDIR;
        int error = inode_may(walk->at->inode, MAY_EXEC);
        if (error) return error;

        const char *name = walk->rest, *end = name;
        while (*end && *end != '/') end++;
        uint32_t length = (uint32_t)(end - name);
        if (length > NAME_MAX) return -ENAMETOOLONG;
        walk->rest = end;
        bool dot = name[0] == '.' && length == 1;
        bool dots = name[0] == '.' && name[1] == '.' && length == 2;
        walk->special = dot ? '.' : dots ? ':' : 0;
        if (dots) go_to(walk, dentry_down(dentry_up(walk->at)));
        if (dot || dots) continue;

        while (*end == '/') end++;
        if (!*end) {
            walk->name = name;
            walk->length = length;
            walk->slash = walk->slash || *walk->rest == '/';
            return 0;
        }
        error = walk_into(walk, name, length);
        if (error) return error;
    }
}

int walk_start(struct walk *walk, struct dentry *start, const char *path) {
    struct dentry *from = *path == '/'                ? task_root()
                          : start                     ? start
                          : current->fs               ? current->fs->cwd
                                                      : task_root();

    *walk = (struct walk){.at = from, .rest = path};
    dentry_get(from);
    walk->at = dentry_down(from);
    if (!*path) return -ENOENT;
    return to_last(walk);
}

int walk_follow(struct walk *walk, struct dentry *dentry) {
    int error = enter_link(walk, dentry);
    return error ? error : to_last(walk);
}

void walk_end(struct walk *walk) {
    dentry_put(walk->at);
    kfree(walk->buffer);
}

/* The end of a walk: its last name, links followed if they are to be. */
static int last(struct walk *walk, unsigned flags, struct dentry **found) {
    for (;;) {
        if (walk->length == 0) {
            dentry_get(walk->at);
            *found = walk->at;
            return 0;
        }
        int error = dentry_lookup(walk->at, walk->name, walk->length, found);
        if (error) return error;
        if (!is_kind((*found)->inode, S_IFLNK) || !(flags & LOOKUP_FOLLOW || walk->slash)) {
            *found = dentry_down(*found);
            return 0;
        }
        error = walk_follow(walk, *found);
        dentry_put(*found);
        if (error) return error;
    }
}

int path_lookup(struct dentry *start, const char *path, unsigned flags, struct dentry **found) {
    struct walk walk;

    int error = walk_start(&walk, start, path);
    if (!error) error = last(&walk, flags, found);
    bool directory = flags & LOOKUP_DIRECTORY || walk.slash;
    if (!error && directory && !is_kind((*found)->inode, S_IFDIR)) {
        dentry_put(*found);
        error = -ENOTDIR;
    }
    walk_end(&walk);
    return error;
}
