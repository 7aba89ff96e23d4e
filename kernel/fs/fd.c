/*
 * fd.c: descriptors: the numbers by which a process names its open files.
 */
#include <fs/fd.h>
#include <fs/record_lock.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <proc/task.h>

#define FIRST_SIZE 16

struct files_struct *files_alloc(void) {
    struct files_struct *files = kzalloc(sizeof *files, GFP_KERNEL);

    if (!files) return 0;
    files->references = 1;
    files->fds = kzalloc(FIRST_SIZE * sizeof *files->fds, GFP_KERNEL);
    if (!files->fds) {
        kfree(files);
        return 0;
    }
    files->size = FIRST_SIZE;
    return files;
}

struct files_struct *files_copy(const struct files_struct *from) {
    struct files_struct *files = kzalloc(sizeof *files, GFP_KERNEL);
    struct fd *fds = kmalloc(from->size * sizeof *fds, GFP_KERNEL);

    if (!files || !fds) {
        kfree(files);
        kfree(fds);
        return 0;
    }
    memcpy(fds, from->fds, from->size * sizeof *fds);
    for (uint32_t i = 0; i < from->size; i++)
        if (fds[i].file) file_get(fds[i].file);
    *files = (struct files_struct){.references = 1, .size = from->size, .fds = fds};
    return files;
}

/* A descriptor of `files` names the file no more: its locks of parts of the file go (fcntl(2)). */
static void let_go(struct files_struct *files, struct file *file) {
    record_release(file->inode, files);
    file_put(file);
}

void files_get(struct files_struct *files) {
    files->references++;
}

void files_put(struct files_struct *files) {
    if (--files->references) return;
    for (uint32_t i = 0; i < files->size; i++)
        if (files->fds[i].file) let_go(files, files->fds[i].file);
    kfree(files->fds);
    kfree(files);
}

void files_close_on_exec(struct files_struct *files) {
    for (uint32_t i = 0; i < files->size; i++) {
        struct file *file = files->fds[i].file;
        if (!file || !files->fds[i].close_on_exec) continue;
        files->fds[i].file = 0;
        let_go(files, file);
    }
}

struct fd *fd_entry(uint32_t fd) {
    struct files_struct *files = current->files;
    return files && fd < files->size && files->fds[fd].file ? &files->fds[fd] : 0;
}

struct file *fd_file(uint32_t fd) {
    struct fd *entry = fd_entry(fd);
    if (!entry) return 0;
    file_get(entry->file);
    return entry->file;
}

/* Room for descriptor `fd`. */
static int grow(struct files_struct *files, uint32_t fd) {
    uint32_t size = files->size;

    while (size <= fd) size *= 2;
    if (size == files->size) return 0;
    struct fd *fds = krealloc(files->fds, size * sizeof *fds, GFP_KERNEL);
    if (!fds) return -ENOMEM;
    memset(fds + files->size, 0, (size - files->size) * sizeof *fds);
    files->fds = fds;
    files->size = size;
    return 0;
}

uint32_t fd_limit(void) {
    uint32_t limit = current->rlimit[RLIMIT_NOFILE].now;
    return limit < FDS_MAX ? limit : FDS_MAX;
}

int fd_install(struct file *file, uint32_t from, bool close_on_exec) {
    struct files_struct *files = current->files;
    uint32_t fd = from;

    while (fd < files->size && files->fds[fd].file) fd++;
    if (fd >= fd_limit()) return -EMFILE;
    int error = grow(files, fd);
    if (error) return error;
    files->fds[fd] = (struct fd){file, close_on_exec};
    return (int)fd;
}

int fd_replace(struct file *file, uint32_t fd, bool close_on_exec) {
    struct files_struct *files = current->files;

    if (fd >= fd_limit()) return -EBADF;
    int error = grow(files, fd);
    if (error) return error;
    struct file *old = files->fds[fd].file;
    files->fds[fd] = (struct fd){file, close_on_exec};
    if (old) let_go(files, old);
    return (int)fd;
}

int fd_close(uint32_t fd) {
    struct fd *entry = fd_entry(fd);
    if (!entry) return -EBADF;
    struct file *file = entry->file;
    entry->file = 0;
    let_go(current->files, file);
    return 0;
}
