/*
 * no_files.c: what the memory of processes asks of files, until there are any.
 */
#include <fs/file.h>
#include <lib/errno.h>

#define UNTIL_THERE_ARE_FILES __attribute__((weak))

UNTIL_THERE_ARE_FILES void file_get(struct file *file) {
    (void)file;
}

UNTIL_THERE_ARE_FILES void file_put(struct file *file) {
    (void)file;
}

UNTIL_THERE_ARE_FILES bool file_writable(const struct file *file) {
    (void)file;
    return false;
}

UNTIL_THERE_ARE_FILES int file_page(struct file *file, uint32_t index, struct page **page) {
    (void)file, (void)index, (void)page;
    return -ENXIO;
}

UNTIL_THERE_ARE_FILES int file_may_map(const struct file *file, bool *anonymous) {
    (void)file, (void)anonymous;
    return -ENODEV;
}

UNTIL_THERE_ARE_FILES struct file *file_anonymous(uint32_t bytes) {
    (void)bytes;
    return NULL;
}
