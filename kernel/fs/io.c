/*
 * io.c: moves bytes between the kernel and where a read or write wants them.
 */
#include <fs/io.h>
#include <lib/string.h>
#include <mm/uaccess.h>

struct io io_kernel(void *memory, uint32_t bytes) {
    return (struct io){.kernel = memory, .here = bytes, .left = bytes};
}

struct io io_user(uint32_t address, uint32_t bytes) {
    return (struct io){.user = address, .here = bytes, .left = bytes};
}

struct io io_vector(const struct iovec *pieces, uint32_t count, uint32_t bytes) {
    if (count == 0) return io_user(0, 0);
    return (struct io){
        .user = pieces->base, .here = pieces->length, .more = pieces + 1, .left = bytes};
}

enum io_way { IO_PUT, IO_ZERO, IO_TAKE };

/* Moves within one piece; answers how many bytes could be. */
static uint32_t move(struct io *io, void *memory, uint32_t bytes, enum io_way way) {
    if (io->kernel) {
        if (way == IO_PUT && memory) memcpy(io->kernel, memory, bytes);
        if (way == IO_ZERO) memset(io->kernel, 0, bytes);
        if (way == IO_TAKE && memory) memcpy(memory, io->kernel, bytes);
        io->kernel += bytes;
        return bytes;
    }
    size_t left = way == IO_PUT    ? copy_to_user_left(io->user, memory, bytes)
                  : way == IO_ZERO ? clear_user_left(io->user, bytes)
                                   : copy_from_user_left(memory, io->user, bytes);
    io->user += bytes - (uint32_t)left;
    return bytes - (uint32_t)left;
}

static uint32_t move_all(struct io *io, uint8_t *memory, uint32_t bytes, enum io_way way) {
    uint32_t done = 0;

    if (bytes > io->left) bytes = io->left;
    while (done < bytes) {
        if (io->here == 0) {
            io->user = io->more->base;
            io->here = io->more->length;
            io->more++;
            continue;
        }
        uint32_t part = bytes - done < io->here ? bytes - done : io->here;
        uint32_t moved = move(io, memory ? memory + done : 0, part, way);
        io->here -= moved;
        io->left -= moved;
        done += moved;
        if (moved < part) break;
    }
    return done;
}

uint32_t io_put(struct io *io, const void *from, uint32_t bytes) {
    return move_all(io, (uint8_t *)from, bytes, IO_PUT);
}

uint32_t io_put_zeros(struct io *io, uint32_t bytes) {
    return move_all(io, 0, bytes, IO_ZERO);
}

uint32_t io_take(struct io *io, void *to, uint32_t bytes) {
    return move_all(io, to, bytes, IO_TAKE);
}
