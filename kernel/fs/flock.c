/*
 * flock.c: locks of whole files. An inode knows how many share it, or that one has it alone; who waits
 * is woken at each change, whichever file it was.
 */
#include <fs/flock.h>
#include <fs/vfs.h>
#include <lib/errno.h>

static struct wait_queue waiters;

void file_unlock(struct file *file) {
    if (file->lock == LOCK_SH) file->inode->sharers--;
    if (file->lock == LOCK_EX) file->inode->sharers = 0;
    if (file->lock) wake_up(&waiters);
    file->lock = 0;
}

/* Takes it if nobody is in the way. */
static bool try(struct file *file, uint32_t kind) {
    int32_t *sharers = &file->inode->sharers;

    if (kind == LOCK_EX && *sharers != 0) return false;
    if (kind == LOCK_SH && *sharers < 0) return false;
    *sharers = kind == LOCK_EX ? -1 : *sharers + 1;
    file->lock = kind;
    return true;
}

int file_flock(struct file *file, uint32_t operation) {
    uint32_t kind = operation & ~LOCK_NB;
    struct wait_entry entry;
    int error = 0;

    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN) return -EINVAL;
    if (file->lock == kind) return 0;
    file_unlock(file); /* a change of kind is not atomic: flock(2) */
    if (kind == LOCK_UN || try(file, kind)) return 0;
    if (operation & LOCK_NB) return -EAGAIN;
    wait_add(&waiters, &entry);
    bool taken = false;
    while (!error && !(taken = try(file, kind))) error = task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    return taken ? 0 : error;
}
