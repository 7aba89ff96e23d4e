/*
 * file.c: system calls on open files: open, read, write, seek, descriptors, and what can be asked of
 * a file (section 2 of the Linux manual pages).
 */
#include <fs/device.h>
#include <fs/fd.h>
#include <fs/pipe.h>
#include <dev/termios.h>
#include <lib/errno.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/task.h>
#include <syscall/arguments.h>
#include <syscall/lock.h>

#define IOV_MAX 1024
#define IO_MAX 0x7FFFF000u /* bytes of one call, as in Linux */

/* ---- open and close ---- */

static int32_t open_at(uint32_t fd, uint32_t user_path, uint32_t flags, uint32_t mode) {
    struct dentry *start = 0;
    struct file *file;
    char *path;

    int error = path_from_user(user_path, &path);
    if (error) return error;
    error = start_of(fd, path, &start);
    if (!error) error = file_open_at(start, path, flags, mode, &file);
    dentry_put(start);
    kfree(path);
    if (error) return error;
    int32_t descriptor = fd_install(file, 0, flags & O_CLOEXEC);
    if (descriptor < 0) file_put(file);
    return descriptor;
}

int32_t sys_open(struct pt_regs *regs) {
    return open_at(AT_FDCWD, regs->ebx, regs->ecx, regs->edx);
}

int32_t sys_openat(struct pt_regs *regs) {
    return open_at(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

int32_t sys_creat(struct pt_regs *regs) {
    return open_at(AT_FDCWD, regs->ebx, O_CREAT | O_WRONLY | O_TRUNC, regs->ecx);
}

int32_t sys_close(struct pt_regs *regs) {
    return fd_close(regs->ebx);
}

/* ---- read and write ---- */

typedef int32_t transfer(struct file *file, struct io *io, uint64_t *offset);

/* From where the file is now, which moves on. */
static int32_t at_offset(uint32_t fd, struct io *io, transfer *move) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t done = move(file, io, &file->offset);
    file_put(file);
    return done;
}

/* From a place that is given. */
static int32_t at_place(uint32_t fd, struct io *io, uint64_t offset, transfer *move) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t done = (int64_t)offset < 0  ? -EINVAL
                   : file->ops->no_seek ? -ESPIPE
                                        : move(file, io, &offset);
    file_put(file);
    return done;
}

static struct io buffer(uint32_t address, uint32_t bytes) {
    return io_user(address, bytes < IO_MAX ? bytes : IO_MAX);
}

int32_t sys_read(struct pt_regs *regs) {
    struct io io = buffer(regs->ecx, regs->edx);
    return at_offset(regs->ebx, &io, file_read);
}

int32_t sys_write(struct pt_regs *regs) {
    struct io io = buffer(regs->ecx, regs->edx);
    return at_offset(regs->ebx, &io, file_write);
}

int32_t sys_pread64(struct pt_regs *regs) {
    struct io io = buffer(regs->ecx, regs->edx);
    return at_place(regs->ebx, &io, pair(regs->esi, regs->edi), file_read);
}

int32_t sys_pwrite64(struct pt_regs *regs) {
    struct io io = buffer(regs->ecx, regs->edx);
    return at_place(regs->ebx, &io, pair(regs->esi, regs->edi), file_write);
}

/* The pieces of readv(): all of them are checked first. kfree() them. */
static int pieces_from_user(uint32_t user, uint32_t count, struct iovec **pieces, uint32_t *bytes) {
    *bytes = 0;
    if (count > IOV_MAX) return -EINVAL;
    *pieces = kmalloc(count * sizeof **pieces, GFP_KERNEL);
    if (!*pieces) return -ENOMEM;
    int error = copy_from_user(*pieces, user, count * sizeof **pieces);
    for (uint32_t i = 0; i < count && !error; i++) {
        struct iovec *piece = &(*pieces)[i];
        if ((int32_t)piece->length < 0) error = -EINVAL;
        if (piece->length > IO_MAX - *bytes) piece->length = IO_MAX - *bytes;
        *bytes += piece->length;
    }
    if (error) kfree(*pieces);
    return error;
}

static int32_t vector(uint32_t fd, uint32_t user, uint32_t count, const uint64_t *place,
                      transfer *move) {
    struct iovec *pieces;
    uint32_t bytes;

    int error = pieces_from_user(user, count, &pieces, &bytes);
    if (error) return error;
    struct io io = io_vector(pieces, count, bytes);
    int32_t done = place ? at_place(fd, &io, *place, move) : at_offset(fd, &io, move);
    kfree(pieces);
    return done;
}

int32_t sys_readv(struct pt_regs *regs) {
    return vector(regs->ebx, regs->ecx, regs->edx, 0, file_read);
}

int32_t sys_writev(struct pt_regs *regs) {
    return vector(regs->ebx, regs->ecx, regs->edx, 0, file_write);
}

int32_t sys_preadv(struct pt_regs *regs) {
    uint64_t place = pair(regs->esi, regs->edi);
    return vector(regs->ebx, regs->ecx, regs->edx, &place, file_read);
}

int32_t sys_pwritev(struct pt_regs *regs) {
    uint64_t place = pair(regs->esi, regs->edi);
    return vector(regs->ebx, regs->ecx, regs->edx, &place, file_write);
}

/* ---- seek ---- */

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define SEEK_DATA 3
#define SEEK_HOLE 4

/* Files have no holes that they tell of: all is data, up to one hole at the end. What is beyond 2^63
 * is negative. */
static int seek_to(const struct file *file, uint64_t offset, uint32_t whence, uint64_t *place) {
    uint64_t size = file->inode->size;

    if (file->flags & O_PATH) return -EBADF;
    if (file->ops->no_seek) return -ESPIPE;
    if (is_kind(file->inode, S_IFBLK)) size = block_file_size(file);
    if (whence > SEEK_HOLE) return -EINVAL;
    if (whence >= SEEK_DATA && offset >= size) return -ENXIO;
    *place = whence == SEEK_CUR   ? file->offset + offset
             : whence == SEEK_END ? size + offset
             : whence == SEEK_HOLE ? size
                                   : offset;
    return (int64_t)*place < 0 ? -EINVAL : 0;
}

static int seek(uint32_t fd, uint64_t offset, uint32_t whence, uint64_t *place) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int error = seek_to(file, offset, whence, place);
    if (!error) file->offset = *place;
    file_put(file);
    return error;
}

int32_t sys_lseek(struct pt_regs *regs) {
    uint64_t place;
    int error = seek(regs->ebx, (uint64_t)(int32_t)regs->ecx, regs->edx, &place);
    if (error) return error;
    return place > INT32_MAX ? -EOVERFLOW : (int32_t)place;
}

int32_t sys__llseek(struct pt_regs *regs) {
    uint64_t place;
    int error = seek(regs->ebx, pair(regs->edx, regs->ecx), regs->edi, &place);
    return error ? error : copy_to_user(regs->esi, &place, sizeof place);
}

/* ---- descriptors ---- */

static int32_t duplicate(uint32_t fd, uint32_t from, bool close_on_exec) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t made = from >= fd_limit() ? -EINVAL : fd_install(file, from, close_on_exec);
    if (made < 0) file_put(file);
    return made;
}

static int32_t duplicate_to(uint32_t fd, uint32_t to, bool close_on_exec) {
    struct file *file = fd_file(fd);
    if (!file) return -EBADF;
    int32_t made = fd_replace(file, to, close_on_exec);
    if (made < 0) file_put(file);
    return made;
}

int32_t sys_dup(struct pt_regs *regs) {
    return duplicate(regs->ebx, 0, false);
}

int32_t sys_dup2(struct pt_regs *regs) {
    if (regs->ebx == regs->ecx) return fd_entry(regs->ebx) ? (int32_t)regs->ebx : -EBADF;
    return duplicate_to(regs->ebx, regs->ecx, false);
}

int32_t sys_dup3(struct pt_regs *regs) {
    if (regs->edx & ~O_CLOEXEC || regs->ebx == regs->ecx) return -EINVAL;
    return duplicate_to(regs->ebx, regs->ecx, regs->edx & O_CLOEXEC);
}

enum fcntl_command {
    F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETLK = 5, F_SETLK = 6,
    F_SETLKW = 7, F_SETOWN = 8, F_GETOWN = 9, F_GETLK64 = 12, F_SETLK64 = 13, F_SETLKW64 = 14,
    F_DUPFD_CLOEXEC = 1030, F_GETPIPE_SZ = 1032, F_ADD_SEALS = 1033, F_GET_SEALS = 1034,
};
#define FD_CLOEXEC 1u
#define FLAGS_SET (O_APPEND | O_NONBLOCK) /* what F_SETFL changes */

static int32_t control(struct fd *entry, uint32_t command, uint32_t argument) {
    struct file *file = entry->file;

    switch (command) {
    case F_GETFD: return entry->close_on_exec ? (int32_t)FD_CLOEXEC : 0;
    case F_SETFD: entry->close_on_exec = argument & FD_CLOEXEC; return 0;
    case F_GETFL: return (int32_t)file->flags;
    case F_SETFL: file->flags = (file->flags & ~FLAGS_SET) | (argument & FLAGS_SET); return 0;
    case F_SETOWN:
    case F_GETOWN: return 0;
    case F_GETPIPE_SZ: return is_kind(file->inode, S_IFIFO) ? (int32_t)PIPE_SIZE : -EBADF;
    default: return -EINVAL;
    }
}

static bool is_lock_command(uint32_t command) {
    return (command >= F_GETLK && command <= F_SETLKW) ||
           (command >= F_GETLK64 && command <= F_SETLKW64);
}

/* It may wait, and the descriptor be closed meanwhile: with a reference. */
static int32_t lock(uint32_t fd, uint32_t command, uint32_t user) {
    struct file *file = fd_file(fd);
    bool wide = command >= F_GETLK64, wait = command == F_SETLKW || command == F_SETLKW64;

    if (!file) return -EBADF;
    int32_t answer = command == F_GETLK || command == F_GETLK64
                         ? file_get_lock(file, user, wide)
                         : file_set_lock(fd, file, user, wide, wait);
    file_put(file);
    return answer;
}

int32_t sys_fcntl64(struct pt_regs *regs) {
    struct fd *entry = fd_entry(regs->ebx);

    if (!entry) return -EBADF;
    if (regs->ecx == F_DUPFD || regs->ecx == F_DUPFD_CLOEXEC)
        return duplicate(regs->ebx, regs->edx, regs->ecx == F_DUPFD_CLOEXEC);
    if (entry->file->flags & O_PATH && regs->ecx > F_GETFL) return -EBADF;
    if (is_lock_command(regs->ecx)) return lock(regs->ebx, regs->ecx, regs->edx);
    return control(entry, regs->ecx, regs->edx);
}

int32_t sys_fcntl(struct pt_regs *regs) {
    return sys_fcntl64(regs);
}

/* ---- ioctl ---- */

/* Bytes that wait: of a regular file, those up to its end. */
static int32_t bytes_waiting(const struct file *file, uint32_t user) {
    const struct inode *inode = file->inode;

    if (is_kind(inode, S_IFIFO)) return put_user(user, pipe_bytes(file));
    if (!is_kind(inode, S_IFREG)) return -ENOTTY;
    return put_user(user, (uint32_t)(inode->size - file->offset));
}

static int32_t set_nonblocking(struct file *file, uint32_t user) {
    uint32_t on;
    int error = get_user(&on, user);
    if (!error) file->flags = on ? file->flags | O_NONBLOCK : file->flags & ~O_NONBLOCK;
    return error;
}

static int32_t file_ioctl(struct file *file, uint32_t command, uint32_t argument) {
    if (file->flags & O_PATH) return -EBADF;
    if (command == FIONBIO) return set_nonblocking(file, argument);
    if (file->ops->ioctl) return file->ops->ioctl(file, command, argument);
    return command == FIONREAD ? bytes_waiting(file, argument) : -ENOTTY;
}

int32_t sys_ioctl(struct pt_regs *regs) {
    struct fd *entry = fd_entry(regs->ebx);

    if (!entry) return -EBADF;
    if (regs->ecx == FIOCLEX || regs->ecx == FIONCLEX) {
        entry->close_on_exec = regs->ecx == FIOCLEX;
        return 0;
    }
    struct file *file = fd_file(regs->ebx);
    int32_t answer = file_ioctl(file, regs->ecx, regs->edx);
    file_put(file);
    return answer;
}
