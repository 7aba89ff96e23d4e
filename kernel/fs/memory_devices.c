/*
 * memory_devices.c: /dev/null, zero, full, random and urandom (null(4), full(4), random(4)).
 */
#include <fs/device.h>
#include <lib/errno.h>
#include <lib/random.h>
#include <proc/long_call.h>

#define CHUNK 65536u /* bytes between two looks at the clock */

static int32_t read_nothing(struct file *file, struct io *io, uint64_t *offset) {
    (void)file, (void)io, (void)offset;
    return 0;
}

static int32_t write_nowhere(struct file *file, struct io *io, uint64_t *offset) {
    (void)file, (void)offset;
    return (int32_t)io->left;
}

static int32_t write_full(struct file *file, struct io *io, uint64_t *offset) {
    (void)file, (void)offset;
    return io->left ? -ENOSPC : 0;
}

static int32_t read_zeros(struct file *file, struct io *io, uint64_t *offset) {
    int32_t done = 0;
    (void)file, (void)offset;

    while (io->left && !(done && long_call_check())) {
        uint32_t bytes = io->left < CHUNK ? io->left : CHUNK;
        uint32_t moved = io_put_zeros(io, bytes);
        done += (int32_t)moved;
        if (moved < bytes) return done ? done : -EFAULT;
    }
    return done;
}

static int32_t read_random(struct file *file, struct io *io, uint64_t *offset) {
    uint8_t some[64];
    int32_t done = 0;
    (void)file, (void)offset;

    while (io->left && !(done && long_call_check())) {
        uint32_t bytes = io->left < sizeof some ? io->left : (uint32_t)sizeof some;
        random_bytes(some, bytes);
        uint32_t moved = io_put(io, some, bytes);
        done += (int32_t)moved;
        if (moved < bytes) return done ? done : -EFAULT;
    }
    return done;
}

const struct file_operations null_device = {.read = read_nothing, .write = write_nowhere};
const struct file_operations zero_device = {.read = read_zeros, .write = write_nowhere};
const struct file_operations full_device = {.read = read_zeros, .write = write_full};
const struct file_operations random_device = {.read = read_random, .write = write_nowhere};
