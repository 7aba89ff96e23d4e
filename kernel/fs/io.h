/*
 * io.h: where the bytes of a read go to, or those of a write come from: memory of a program, in one
 * piece or several (readv), or of the kernel.
 */
#ifndef FS_IO_H
#define FS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As programs give it. */
struct iovec {
    uint32_t base, length;
};

struct io {
    uint8_t *kernel; /* or a null pointer: then a program's */
    uint32_t user;   /* the next byte, */
    uint32_t here;   /* with so many in this piece */
    const struct iovec *more; /* the pieces behind it */
    uint32_t left;   /* in all */
};

struct io io_kernel(void *memory, uint32_t bytes);
struct io io_user(uint32_t address, uint32_t bytes);
struct io io_vector(const struct iovec *pieces, uint32_t count, uint32_t bytes);

/* Moves up to `bytes`, as far as there is room; answers how many could be moved. Fewer than
 * min(bytes, left): the rest is no memory of the program (EFAULT). */
uint32_t io_put(struct io *io, const void *from, uint32_t bytes);
uint32_t io_put_zeros(struct io *io, uint32_t bytes);
uint32_t io_take(struct io *io, void *to, uint32_t bytes);

#endif
