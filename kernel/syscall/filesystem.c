/*
 * filesystem.c: system calls about file systems: mount(2), umount(2), statfs(2), sync(2); and
 * sendfile(2), flock(2), memfd_create(2).
 */
#include <block/block.h>
#include <fs/device.h>
#include <fs/fd.h>
#include <fs/flock.h>
#include <fs/pipe.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/long_call.h>
#include <proc/task.h>
#include <syscall/arguments.h>

/* ---- statfs ---- */

struct statfs64 {
    uint32_t type, block;
    uint64_t blocks, free, available, files, files_free;
    uint32_t id[2];
    uint32_t name_max, fragment, flags, spare[4];
} __attribute__((packed));
_Static_assert(sizeof(struct statfs64) == 84, "struct statfs64 of i386");

struct statfs32 {
    uint32_t type, block, blocks, free, available, files, files_free;
    uint32_t id[2];
    uint32_t name_max, fragment, flags, spare[4];
};
_Static_assert(sizeof(struct statfs32) == 64, "struct statfs of i386");

#define ST_RDONLY 0x1u
#define ST_VALID 0x20u

static struct statfs64 describe(const struct filesystem *fs) {
    bool has_files = fs->magic != PROC_MAGIC && fs->magic != PIPE_MAGIC;
    uint32_t most = has_files ? fs->pages_max : 0, used = has_files ? fs->pages : 0;
    uint32_t free = most > used ? most - used : 0, inodes = has_files && !fs->ops ? fs->inodes_max : 0;
    uint32_t block = fs->block_bytes ? fs->block_bytes : PAGE_SIZE;

    if (!fs->block_bytes && free > pages_of(OWNER_FREE)) free = pages_of(OWNER_FREE);
    return (struct statfs64){.type = fs->magic, .block = block, .blocks = most, .free = free,
                             .available = free, .files = inodes,
                             .files_free = inodes > fs->inodes ? inodes - fs->inodes : 0,
                             .id = {fs->device, 0}, .name_max = NAME_MAX, .fragment = block,
                             .flags = ST_VALID | (fs->read_only ? ST_RDONLY : 0)};
}

static int32_t give_statfs64(const struct filesystem *fs, uint32_t user) {
    struct statfs64 stat = describe(fs);
    return copy_to_user(user, &stat, sizeof stat);
}

static int32_t give_statfs32(const struct filesystem *fs, uint32_t user) {
    struct statfs64 wide = describe(fs);
    struct statfs32 stat = {wide.type, wide.block, (uint32_t)wide.blocks, (uint32_t)wide.free,
                            (uint32_t)wide.available, (uint32_t)wide.files,
                            (uint32_t)wide.files_free, {wide.id[0], 0}, wide.name_max,
                            wide.fragment, wide.flags, {0}};
    return copy_to_user(user, &stat, sizeof stat);
}

typedef int32_t giver(const struct filesystem *fs, uint32_t user);

static int32_t statfs_path(uint32_t path, uint32_t user, giver *give) {
    struct dentry *dentry;

    int error = user_lookup(AT_FDCWD, path, 0, &dentry);
    if (error) return error;
    int32_t answer = give(dentry->inode->fs, user);
    dentry_put(dentry);
    return answer;
}

static int32_t statfs_fd(uint32_t fd, uint32_t user, giver *give) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t answer = give(file->inode->fs, user);
    file_put(file);
    return answer;
}

/* The size of the structure is an argument; a compiler may have padded it to 88. */
static bool right_size(uint32_t bytes) {
    return bytes == sizeof(struct statfs64) || bytes == sizeof(struct statfs64) + 4;
}

int32_t sys_statfs64(struct pt_regs *regs) {
    return right_size(regs->ecx) ? statfs_path(regs->ebx, regs->edx, give_statfs64) : -EINVAL;
}

int32_t sys_fstatfs64(struct pt_regs *regs) {
    return right_size(regs->ecx) ? statfs_fd(regs->ebx, regs->edx, give_statfs64) : -EINVAL;
}

int32_t sys_statfs(struct pt_regs *regs) {
    return statfs_path(regs->ebx, regs->ecx, give_statfs32);
}

int32_t sys_fstatfs(struct pt_regs *regs) {
    return statfs_fd(regs->ebx, regs->ecx, give_statfs32);
}

/* ---- sync: files are in memory, and what is written to disks waits in these only ---- */

int32_t sys_sync(struct pt_regs *regs) {
    (void)regs;
    return 0;
}

int32_t sys_fsync(struct pt_regs *regs) {
    struct file *file = fd_file(regs->ebx);
    if (!file) return -EBADF;
    int error = file->flags & O_PATH              ? -EBADF
                : file->ops->no_seek              ? -EINVAL
                : is_kind(file->inode, S_IFBLK) ? block_file_sync(file)
                                                  : 0;
    file_put(file);
    return error;
}

int32_t sys_fdatasync(struct pt_regs *regs) {
    return sys_fsync(regs);
}

int32_t sys_syncfs(struct pt_regs *regs) {
    return fd_entry(regs->ebx) ? 0 : -EBADF;
}

/* Advice that nothing needs: what is in files is in memory. */
int32_t sys_fadvise64(struct pt_regs *regs) {
    return fd_entry(regs->ebx) ? 0 : -EBADF;
}

/* ---- mount ---- */

#define MS_RDONLY 0x1u
#define MS_REMOUNT 0x20u
#define MS_OTHER_KINDS 0x1F7000u /* bind, move, shared, slave...: there are none of these */
#define MNT_FLAGS 0xFu

/* The number at the start of `text`, with k, m or g behind it for bytes; 0 if there is none. */
static uint64_t read_size(const char *text) {
    uint64_t size = 0;
    while (*text >= '0' && *text <= '9' && size < 1ull << 40) size = size * 10 + (*text++ - '0');
    char unit = (char)(*text | 0x20);
    return size << (unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0);
}

/* Options of tmpfs, "size=4m,mode=1777"; others mean nothing here. */
static void set_options(struct filesystem *fs, const char *option) {
    while (option && *option) {
        if (strncmp(option, "size=", 5) == 0) {
            uint64_t pages = (read_size(option + 5) + PAGE_SIZE - 1) / PAGE_SIZE;
            if (pages) fs->pages_max = pages < UINT32_MAX ? (uint32_t)pages : UINT32_MAX;
        }
        if (strncmp(option, "mode=", 5) == 0) {
            uint32_t mode = 0;
            for (const char *digit = option + 5; *digit >= '0' && *digit <= '7'; digit++)
                mode = mode * 8 + (uint32_t)(*digit - '0');
            fs->root->inode->mode = S_IFDIR | (mode & 07777);
        }
        option = strchr(option, ',');
        if (option) option++;
    }
}

static int32_t remount(struct dentry *on, uint32_t flags) {
    if (on != on->inode->fs->root) return -EINVAL;
    if (on->inode->fs->ops && !(flags & MS_RDONLY)) return -EACCES; /* nothing writes to a disk */
    on->inode->fs->read_only = flags & MS_RDONLY;
    return 0;
}

/* The block device of a path; a null pointer if there is no path, or what it names is none. */
static int device_of(uint32_t path, struct block_device **device) {
    struct dentry *dentry;

    *device = 0;
    if (!path) return 0;
    int error = user_lookup(AT_FDCWD, path, 0, &dentry);
    if (error) return error;
    bool is_device = is_kind(dentry->inode, S_IFBLK);
    if (is_device) *device = block_find_number(dentry->inode->rdev);
    dentry_put(dentry);
    return is_device && !*device ? -ENXIO : 0;
}

/* Of these there is one, which is not mounted twice in one place (Linux, do_add_mount()). */
static bool is_mounted(const struct dentry *on, const char *type) {
    const struct filesystem *fs = on->inode->fs;
    bool single = strcmp(type, "proc") == 0 || strcmp(type, "devtmpfs") == 0;

    return single && on == fs->root && strcmp(fs->type, type) == 0;
}

static int32_t mount_new(struct dentry *on, const char *type, uint32_t source, uint32_t flags,
                         const char *options) {
    bool on_disk = strcmp(type, "vfat") == 0 || strcmp(type, "msdos") == 0;
    struct block_device *device = 0;
    struct filesystem *fs;

    if (is_mounted(on, type)) return -EBUSY;
    int error = on_disk ? device_of(source, &device) : 0;
    if (!error && on_disk && device && !(flags & MS_RDONLY)) error = -EACCES; /* mount(2) */
    if (!error) error = fs_make(type, device, &fs);
    if (error) return error;
    if (!on_disk) {
        set_options(fs, options);
        fs->read_only = flags & MS_RDONLY;
    }
    error = fs_mount(fs, on);
    if (error) fs_free(fs);
    return error;
}

/* A string that may be missing. */
static int optional_from_user(uint32_t user, char **text) {
    *text = 0;
    return user ? path_from_user(user, text) : 0;
}

int32_t sys_mount(struct pt_regs *regs) {
    char *type = 0, *options = 0;
    uint32_t flags = regs->esi;
    struct dentry *on;

    if (current->euid) return -EPERM;
    if (flags & MS_OTHER_KINDS) return -EINVAL;
    int error = user_lookup(AT_FDCWD, regs->ecx, 0, &on);
    if (error) return error;
    error = optional_from_user(regs->edx, &type);
    if (!error) error = optional_from_user(regs->edi, &options);
    if (!error && flags & MS_REMOUNT)
        error = remount(on, flags);
    else if (!error)
        error = type ? mount_new(on, type, regs->ebx, flags, options) : -EINVAL;
    kfree(type);
    kfree(options);
    dentry_put(on);
    return error;
}

int32_t sys_umount2(struct pt_regs *regs) {
    struct dentry *root;

    if (regs->ecx & ~MNT_FLAGS) return -EINVAL;
    if (current->euid) return -EPERM;
    int error = user_lookup(AT_FDCWD, regs->ebx, 0, &root);
    return error ? error : fs_umount(root);
}

int32_t sys_umount(struct pt_regs *regs) {
    regs->ecx = 0;
    return sys_umount2(regs);
}

/* ---- sendfile ---- */

/* Moves up to `bytes` through one page of the kernel's. */
static int32_t send(struct file *to, struct file *from, uint64_t *offset, uint32_t bytes) {
    uint8_t *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
    int32_t done = 0, moved = page ? 0 : -ENOMEM;

    while (!moved && (uint32_t)done < bytes) {
        uint32_t part = bytes - (uint32_t)done < PAGE_SIZE ? bytes - (uint32_t)done : PAGE_SIZE;
        uint64_t before = *offset;
        struct io in = io_kernel(page, part);
        int32_t got = file_read(from, &in, offset);
        if (got <= 0) {
            moved = got;
            break;
        }
        struct io out = io_kernel(page, (uint32_t)got);
        int32_t put = file_write(to, &out, &to->offset);
        *offset = before + (put > 0 ? (uint32_t)put : 0);
        if (put < 0) moved = put;
        if (put > 0) done += put;
        if (put < got || long_call_check()) break;
    }
    kfree(page);
    return done ? done : moved;
}

static int32_t send_checked(struct file *to, struct file *from, uint64_t *offset, uint32_t bytes) {
    if (!file_readable(from) || !file_writable(to)) return -EBADF;
    if (from->ops->no_seek || to->flags & O_APPEND) return -EINVAL;
    return send(to, from, offset, bytes);
}

static int32_t send_file(struct pt_regs *regs, bool wide) {
    struct file *to = fd_file(regs->ebx), *from = fd_file(regs->ecx);
    uint64_t offset = from ? from->offset : 0;
    uint32_t size = wide ? 8 : 4;

    int32_t done = to && from ? 0 : -EBADF;
    if (!done && regs->edx) {
        offset = 0;
        done = copy_from_user(&offset, regs->edx, size);
        if (!done && (int64_t)offset < 0) done = -EINVAL;
    }
    if (!done) done = send_checked(to, from, &offset, regs->esi < INT32_MAX ? regs->esi : INT32_MAX);
    if (done > 0 && !regs->edx) from->offset = offset;
    if (done > 0 && regs->edx && copy_to_user(regs->edx, &offset, size)) done = -EFAULT;
    if (to) file_put(to);
    if (from) file_put(from);
    return done;
}

int32_t sys_sendfile(struct pt_regs *regs) {
    return send_file(regs, false);
}

int32_t sys_sendfile64(struct pt_regs *regs) {
    return send_file(regs, true);
}

/* ---- locks, and files without a name ---- */

int32_t sys_flock(struct pt_regs *regs) {
    struct file *file = fd_file(regs->ebx);
    if (!file) return -EBADF;
    int error = file->flags & O_PATH ? -EBADF : file_flock(file, regs->ecx);
    file_put(file);
    return error;
}

#define MFD_CLOEXEC 1u
#define MFD_ALLOW_SEALING 2u
#define MEMFD_NAME_MAX 249

int32_t sys_memfd_create(struct pt_regs *regs) {
    char name[NAME_MAX + 1], shown[NAME_MAX + 1];
    struct file *file;

    if (regs->ecx & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING)) return -EINVAL;
    int length = strncpy_from_user(name, regs->ebx, sizeof name);
    if (length > MEMFD_NAME_MAX || length == -ENAMETOOLONG) return -EINVAL;
    if (length < 0) return length;
    snprintf(shown, sizeof shown, "/memfd:%.*s", 200, name);
    int error = file_in_memory(shown, 0, &file);
    if (error) return error;
    int32_t fd = fd_install(file, 0, regs->ecx & MFD_CLOEXEC);
    if (fd < 0) file_put(file);
    return fd;
}
