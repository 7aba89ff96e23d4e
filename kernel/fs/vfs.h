/*
 * vfs.h: what files are, and how they are found by name.
 *
 *   struct file     open: how it was opened, and where in it we are    descriptors point to it
 *      | dentry
 *   struct dentry   a name in a directory                              "hello"; its parent is "bin"
 *      | inode
 *   struct inode    the file itself: kind, rights, size, contents      may have several names
 *      | fs
 *   struct filesystem  where it lies: ramfs, tmpfs, proc, vfat...      mounted on a directory
 *
 * A dentry of ramfs is not a cache: it is the directory's entry. Those of proc and of file systems on
 * a disk are made when somebody asks, and go with the last reference.
 *
 * Only tasks come here, and kernel code is not preempted: no lock. Functions that answer an int
 * answer 0, or one of lib/errno.h negated.
 */
#ifndef FS_VFS_H
#define FS_VFS_H

#include <fs/file.h>
#include <fs/io.h>
#include <fs/page_tree.h>
#include <mm/shmem.h>

#define NAME_MAX 255  /* bytes of one name in a path */
#define PATH_MAX 4096 /* bytes of a path, with its NUL */
#define SYMLINKS_MAX 40 /* followed for one path, as in Linux */

/* inode.mode: the kind of file, and its rights (inode(7)). */
#define S_IFMT 0170000u
#define S_IFSOCK 0140000u
#define S_IFLNK 0120000u
#define S_IFREG 0100000u
#define S_IFBLK 0060000u
#define S_IFDIR 0040000u
#define S_IFCHR 0020000u
#define S_IFIFO 0010000u
#define S_ISUID 04000u
#define S_ISGID 02000u
#define S_ISVTX 01000u /* only who owns a file here may remove it */

/* What somebody would like to do with a file. */
#define MAY_EXEC 1u /* of a directory: go through it */
#define MAY_WRITE 2u
#define MAY_READ 4u

struct block_device;
struct dir_context;
struct inode_operations;
struct file_operations;
struct pipe;

struct inode {
    uint32_t references;
    uint32_t number; /* unique in its file system */
    uint32_t mode, links, uid, gid;
    uint32_t rdev; /* of a device: which one */
    int32_t writers; /* open files that may write; negative: programs that run from it */
    int32_t sharers; /* of its lock; -1: one has it alone (flock.h) */
    struct record_lock *locks; /* record_lock.h */
    uint64_t size;
    uint64_t atime, mtime, ctime; /* nanoseconds since 1970 */
    struct filesystem *fs;
    const struct inode_operations *ops; /* a null pointer: its entries are dentries, as in ramfs */
    const struct file_operations *file_ops;
    union {
        struct shmem shmem;     /* of a regular file in memory */
        struct page_tree pages; /* of one on a disk */
        struct {
            struct dentry *first, *last; /* of a directory in ramfs, as they were made */
            uint32_t next_cookie;
        };
        char *target;      /* of a symbolic link in ramfs */
        struct pipe *pipe; /* of a FIFO that is open */
        uint32_t private[2];
    };
};

struct dentry {
    uint32_t references; /* one of its directory, while it is in it; one of each child */
    struct inode *inode;
    struct dentry *parent; /* of a root and of a file without a name: a null pointer */
    struct dentry *next, *previous, *hash_next; /* in its directory; by name */
    uint32_t cookie;            /* its place in the directory: grows from entry to entry */
    struct filesystem *mounted; /* on this directory */
    bool automount;             /* /boot: to be mounted by who comes here first (boot_mount.c) */
    bool removed;
    uint8_t length;
    char *name; /* with a NUL */
};

/* Of file systems on a disk. */
struct filesystem_operations {
    void (*end)(struct filesystem *fs); /* nobody uses anything of it: before its root goes */
};

struct filesystem {
    const char *type;
    const struct filesystem_operations *ops; /* a null pointer: it is in memory */
    const char *source;   /* the device, without /dev; in memory: a null pointer */
    uint32_t block_bytes; /* on a disk: what `pages` counts; in memory 0: pages */
    uint32_t magic;  /* of statfs(2) */
    uint32_t device; /* st_dev of what is in it */
    struct dentry *root;
    struct dentry *covers; /* where it is mounted; of the first one: a null pointer */
    uint32_t next_inode;
    uint32_t inodes, inodes_max; /* files; it may have so many */
    uint32_t pages, pages_max; /* frames of its files; it may have so many */
    bool read_only;
    struct filesystem *next; /* of all that are mounted */
};

/* Of file systems whose names are not dentries: proc, and those on a disk. */
struct inode_operations {
    /* The entry of `dir` with this name: with a reference for the caller, or -ENOENT. */
    int (*lookup)(struct dentry *dir, const char *name, uint32_t length, struct dentry **found);
    /* Where a symbolic link leads, if not by its text: with a reference. May be a null pointer. */
    int (*follow)(struct inode *inode, struct dentry **target);
    /* The text of a symbolic link: its length, cut to `size`. */
    int (*readlink)(struct inode *inode, char *to, uint32_t size);
    /* Of a file on a disk: reads the pages from `index` on into `count` frames, with zeros behind the
     * end of the file. Answers how many it read, at least one, or an error; -EIO: the first cannot be
     * read. A null pointer: its contents are not in pages. */
    int (*read_pages)(struct inode *inode, uint32_t index, struct page *const *pages,
                      uint32_t count, enum block_wait wait);
    /* Nobody has it any more: frees it. A null pointer: there is nothing but the inode. */
    void (*end)(struct inode *inode);
};

struct poll_table;

struct file_operations {
    int (*open)(struct inode *inode, struct file *file);
    void (*release)(struct file *file);
    /* The bytes moved, 0 at the end, or an error. */
    int32_t (*read)(struct file *file, struct io *io, uint64_t *offset);
    int32_t (*write)(struct file *file, struct io *io, uint64_t *offset);
    int (*readdir)(struct file *dir, struct dir_context *context);
    int32_t (*ioctl)(struct file *file, uint32_t command, uint32_t argument);
    uint32_t (*poll)(struct file *file, struct poll_table *table); /* POLLIN and so on */
    bool no_seek; /* ESPIPE */
};

struct file {
    uint32_t references;
    uint32_t flags; /* O_... of open(2), without those that only open() looks at */
    uint64_t offset;
    struct dentry *dentry;
    struct inode *inode; /* of the dentry */
    const struct file_operations *ops;
    void *private; /* of the operations */
    uint32_t lock; /* LOCK_SH, LOCK_EX or 0 */
    bool executing; /* counted in inode->writers as a program that runs */
};

struct fs_struct {
    uint32_t references;
    struct dentry *root, *cwd;
    uint32_t umask;
};

/* ---- inode.c ---- */

/* A new file in `fs`, without a name, with one reference; the owner is the current task. A null
 * pointer: no memory. The second makes it of memory of zeros, as the start of something larger. */
struct inode *inode_new(struct filesystem *fs, uint32_t mode);
void inode_init(struct inode *inode, struct filesystem *fs, uint32_t mode);
void inode_get(struct inode *inode);
void inode_put(struct inode *inode);

/* May a task with these ids do this? 0 or -EACCES. The second: the current task, -EROFS included. */
int inode_may_as(const struct inode *inode, uint32_t wanted, uint32_t uid, uint32_t gid);
int inode_may(const struct inode *inode, uint32_t wanted);

/* Is the current task its owner, or root? */
bool inode_is_own(const struct inode *inode);

static inline bool is_kind(const struct inode *inode, uint32_t kind) {
    return (inode->mode & S_IFMT) == kind;
}

/* The contents or the inode changed now. */
void inode_modified(struct inode *inode);
void inode_changed(struct inode *inode);

/* ---- dentry.c ---- */

void dentry_get(struct dentry *dentry);
void dentry_put(struct dentry *dentry);

/* A name that is in no directory. Takes over the reference to the inode; a null pointer if there is
 * no memory: then not. */
struct dentry *dentry_new(struct dentry *parent, const char *name, uint32_t length,
                          struct inode *inode);

/* Enters it in its parent, of ramfs; takes it out. */
void dentry_enter(struct dentry *dentry);
void dentry_remove(struct dentry *dentry);

/* The entry of a directory of any file system: with a reference, or -ENOENT. Not . and .. */
int dentry_lookup(struct dentry *dir, const char *name, uint32_t length, struct dentry **found);

/* One up: over the edge of what is mounted, but not above the root of the task. A new reference. */
struct dentry *dentry_up(struct dentry *dentry);

/* What is mounted on it, or itself: takes the reference over. */
struct dentry *dentry_down(struct dentry *dentry);

/* Its path from `root` (a null pointer: the first of all), at the end of `buffer`; a null pointer if
 * it does not fit. It begins with "(unreachable)" if it is not below that root. */
char *dentry_path(const struct dentry *dentry, const struct dentry *root, char *buffer,
                  size_t size);

/* ---- namei.c: from a path to a dentry ---- */

#define LOOKUP_FOLLOW 1u    /* also the last name, if it is a symbolic link */
#define LOOKUP_DIRECTORY 2u /* else -ENOTDIR */

/* A walk along a path. `name` is the last one, when only that is left. */
struct walk {
    struct dentry *at; /* a reference */
    const char *rest;
    char *buffer; /* what `rest` is in since a link was followed */
    const char *name;
    uint32_t length; /* 0: the path ends in `at` itself */
    bool slash;      /* behind it: it must be a directory */
    char special;    /* length 0: 0, or the last was '.', or two of them: ':' */
    unsigned links;
};

/* From the root or from `start` (a null pointer: the working directory) to the last name. */
int walk_start(struct walk *walk, struct dentry *start, const char *path);
/* Goes on along the link `dentry`, which is the last name; to the new last name. */
int walk_follow(struct walk *walk, struct dentry *dentry);
void walk_end(struct walk *walk);

/* The dentry of a path, with a reference. */
int path_lookup(struct dentry *start, const char *path, unsigned flags, struct dentry **found);

/* ---- tree.c: changing directories ---- */

/* A new file of this mode, less umask, and its name at the end of `walk`. */
int tree_make(struct walk *walk, uint32_t mode, uint32_t rdev, const char *target,
              struct dentry **made);
int tree_link(struct dentry *old, struct walk *walk);
int tree_unlink(struct walk *walk);
int tree_rmdir(struct walk *walk);
int tree_rename(struct walk *from, struct walk *to, uint32_t flags);
#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE 2u

/* ---- ramfs.c ---- */

extern const struct file_operations ramfs_file, ramfs_directory;

/* Sets what an inode is by its mode. */
void ramfs_inode_init(struct inode *inode);
/* Its contents, when it goes. */
void ramfs_inode_end(struct inode *inode);
int ramfs_truncate(struct inode *inode, uint64_t size);
/* The frame of page `index`, made if there is none, with a reference of the caller's. 0, -ENOSPC, -ENOMEM, -EIO
 * (it was in a swap area). With BLOCK_SLEEP others may run before it comes back. */
int ramfs_page(struct inode *inode, uint32_t index, enum block_wait wait, struct page **page);

/* ---- open.c ---- */

int file_open_at(struct dentry *start, const char *path, uint32_t flags, uint32_t mode,
                 struct file **file);
/* Opens what `dentry` names; takes no reference over. */
int file_open_dentry(struct dentry *dentry, uint32_t flags, struct file **opened);
/* An open file of this inode, whose reference it takes over (also if it fails), with a name for
 * people. */
int file_open_nameless(struct inode *inode, const char *name, uint32_t flags, struct file **file);

/* ---- file.c ---- */

/* As read(2) and write(2): the bytes moved, or an error. -EBADF: not opened for that. */
int32_t file_read(struct file *file, struct io *io, uint64_t *offset);
int32_t file_write(struct file *file, struct io *io, uint64_t *offset);

/* Once, before the first of them. False: no memory. */
bool file_in_memory_init(void);

/* A file of `bytes` zeros in no directory, with this name for people. */
int file_in_memory(const char *name, uint32_t bytes, struct file **file);

/* ---- mount.c ---- */

extern struct filesystem *filesystems; /* all that are mounted: the first is the root */

/* A file system of this type, which is not mounted; -ENODEV: no such type. One on a disk is what is on
 * `device`: else -ENOTBLK, -EINVAL (there is none, or a damaged one: the log says why) or -EIO. The second
 * also one that only the kernel has: with an empty root, or a null pointer if there is no memory. */
int fs_make(const char *type, struct block_device *device, struct filesystem **fs);
struct filesystem *fs_new(const char *type);

/* Mounts it on a directory, which keeps what is in it out of sight. 0 or -ENOTDIR, -ENOENT. */
int fs_mount(struct filesystem *fs, struct dentry *on);

/* Takes over the reference to a root. Its file system is gone then with all that is in it; -EINVAL if
 * it is no root, -EBUSY if somebody uses anything of it. */
int fs_umount(struct dentry *root);

/* Gives all of an unmounted file system back, which nobody uses. */
void fs_free(struct filesystem *fs);

#define RAMFS_MAGIC 0x858458F6u
#define TMPFS_MAGIC 0x01021994u
#define PROC_MAGIC 0x9FA0u
#define PIPE_MAGIC 0x50495045u
#define MSDOS_MAGIC 0x4D44u /* all kinds of FAT */

static inline uint32_t makedev(uint32_t major, uint32_t minor) {
    return (minor & 0xFF) | major << 8 | (minor & ~0xFFu) << 12; /* the kernel's 12 + 20 bits */
}

static inline uint32_t device_major(uint32_t device) {
    return device >> 8 & 0xFFF;
}

static inline uint32_t device_minor(uint32_t device) {
    return (device & 0xFF) | (device >> 12 & ~0xFFu);
}

/* ---- boot_mount.c ---- */

/* Makes /boot, a directory where the partition that we booted from is mounted as soon as somebody comes
 * there. The second does that, once; what is wrong is in the log, and /boot stays empty. */
void boot_mount_init(void);
void boot_mount(struct dentry *on);

/* ---- directories, for readdir ---- */

/* One entry for the caller of getdents(); `next` is where to go on behind it. False: it is full. */
bool dir_emit(struct dir_context *context, const char *name, uint32_t length, uint32_t inode,
              uint32_t mode, uint64_t next);
/* . and .. */
bool dir_emit_dots(struct file *dir, struct dir_context *context);

#endif
