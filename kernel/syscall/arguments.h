/*
 * arguments.h: what system calls about files have in common: paths, descriptors, directories of the
 * ...at() calls.
 */
#ifndef SYSCALL_ARGUMENTS_H
#define SYSCALL_ARGUMENTS_H

#include <fs/vfs.h>
#include <syscall/table.h>

#define AT_FDCWD 0xFFFFFF9Cu /* -100: the working directory */
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_REMOVEDIR 0x200u
#define AT_EACCESS 0x200u
#define AT_SYMLINK_FOLLOW 0x400u
#define AT_NO_AUTOMOUNT 0x800u
#define AT_EMPTY_PATH 0x1000u

/* Copies a path of the program into kernel memory: kfree() it. 0, -EFAULT, -ENAMETOOLONG, -ENOMEM. */
int path_from_user(uint32_t user, char **path);

/* Where paths of ...at() begin: `*start` is a reference, or a null pointer for AT_FDCWD (path_lookup()
 * takes that). For an absolute path, `fd` is not looked at. 0, -EBADF or -ENOTDIR. */
int start_of(uint32_t fd, const char *path, struct dentry **start);

/* The dentry that (fd, path) of ...at() names, with a reference: the path is at address `user`.
 * `flags`: AT_... */
int user_lookup(uint32_t fd, uint32_t user, uint32_t flags, struct dentry **found);

/* A walk to the last name of (fd, path); ends with user_walk_end(), also if it failed. */
struct user_walk {
    struct walk walk;
    struct dentry *start;
    char *path;
    bool started;
};
int user_walk_start(struct user_walk *user, uint32_t fd, uint32_t path);
void user_walk_end(struct user_walk *user);

/* 64-bit arguments come in two registers. */
static inline uint64_t pair(uint32_t low, uint32_t high) {
    return (uint64_t)high << 32 | low;
}

#endif
