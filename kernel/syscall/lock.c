/*
 * lock.c: locks of parts of files, as fcntl(2) gives them: F_GETLK, F_SETLK, F_SETLKW.
 */
#include <fs/fd.h>
#include <fs/record_lock.h>
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/task.h>
#include <syscall/lock.h>

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

/* struct flock64 of i386; struct flock has 32 bits for start and length. */
struct flock64 {
    int16_t type, whence;
    int64_t start, length;
    uint32_t pid;
} __attribute__((packed));

struct flock32 {
    int16_t type, whence;
    int32_t start, length;
    uint32_t pid;
};

static int read_lock(uint32_t user, bool wide, struct flock64 *lock) {
    struct flock32 narrow;

    if (wide) return copy_from_user(lock, user, sizeof *lock);
    int error = copy_from_user(&narrow, user, sizeof narrow);
    if (!error)
        *lock = (struct flock64){narrow.type, narrow.whence, narrow.start, narrow.length, 0};
    return error;
}

static int write_lock(uint32_t user, bool wide, const struct flock64 *lock) {
    struct flock32 narrow = {lock->type, lock->whence, (int32_t)lock->start, (int32_t)lock->length,
                             lock->pid};
    return wide ? copy_to_user(user, lock, sizeof *lock)
                : copy_to_user(user, &narrow, sizeof narrow);
}

/* The bytes it is about. A length below 0 goes back from the start, 0 goes to the end of all files. */
static int range_of(const struct file *file, const struct flock64 *lock,
                    struct record_lock *record) {
    uint64_t from = lock->whence == 0   ? 0
                    : lock->whence == 1 ? file->offset
                                        : file->inode->size;

    if (lock->whence < 0 || lock->whence > 2) return -EINVAL;
    int64_t start = (int64_t)(from + (uint64_t)lock->start);
    int64_t last = lock->length ? (int64_t)((uint64_t)start + (uint64_t)lock->length - 1) : INT64_MAX;
    if (lock->length < 0) {
        last = start - 1;
        start = (int64_t)((uint64_t)start + (uint64_t)lock->length);
    }
    if (start < 0) return -EINVAL;
    if (last < start) return lock->length < 0 ? -EINVAL : -EOVERFLOW;
    record->start = (uint64_t)start;
    record->last = (uint64_t)last;
    return 0;
}

static int record_of(const struct file *file, const struct flock64 *lock,
                     struct record_lock *record) {
    if (lock->type < F_RDLCK || lock->type > F_UNLCK) return -EINVAL;
    *record = (struct record_lock){.owner = current->files, .pid = current->tgid};
    record->kind = lock->type == F_RDLCK   ? RECORD_READ
                   : lock->type == F_WRLCK ? RECORD_WRITE
                                           : RECORD_NONE;
    return range_of(file, lock, record);
}

int32_t file_get_lock(struct file *file, uint32_t user, bool wide) {
    struct record_lock wanted;
    struct flock64 lock;

    int error = read_lock(user, wide, &lock);
    if (!error && lock.type == F_UNLCK) error = -EINVAL;
    if (!error) error = record_of(file, &lock, &wanted);
    if (error) return error;
    const struct record_lock *other = record_in_the_way(file->inode, &wanted);
    if (!other) {
        lock.type = F_UNLCK;
    } else {
        uint64_t length = other->last == INT64_MAX ? 0 : other->last - other->start + 1;
        lock = (struct flock64){other->kind == RECORD_READ ? F_RDLCK : F_WRLCK, 0,
                                (int64_t)other->start, (int64_t)length, other->pid};
    }
    return write_lock(user, wide, &lock);
}

/* Another thread may have closed the descriptor meanwhile: nobody would take the lock away again. */
static int32_t check_is_open(uint32_t fd, struct file *file) {
    const struct fd *entry = fd_entry(fd);

    if (entry && entry->file == file) return 0;
    record_release(file->inode, current->files);
    return -EBADF;
}

int32_t file_set_lock(uint32_t fd, struct file *file, uint32_t user, bool wide, bool wait) {
    struct record_lock wanted;
    struct flock64 lock;

    int error = read_lock(user, wide, &lock);
    if (!error) error = record_of(file, &lock, &wanted);
    if (error) return error;
    if (wanted.kind == RECORD_READ && !file_readable(file)) return -EBADF;
    if (wanted.kind == RECORD_WRITE && !file_writable(file)) return -EBADF;
    error = record_set(file->inode, &wanted, wait);
    return error ? error : check_is_open(fd, file);
}
