/*
 * filesum.c: filesum FILE [OFFSET BYTES]: the Adler-32 sum (RFC 1950 §8.2) of a file, or of a part of it,
 * three times: read, mapped privately, mapped shared. They are the same, however the kernel gets them. What
 * cannot be read is said, and mapped all the same: that ends the program (SIGBUS).
 */
#include "lib.h"

#define BASE 65521
#define PAGE 4096u
#define PIECE 65536u

struct sum {
    uint32_t a, b;
};

static void add(struct sum *sum, const uint8_t *bytes, uint32_t count) {
    while (count) {
        uint32_t part = count < 2048 ? count : 2048; /* as many as 32 bits hold */
        for (uint32_t i = 0; i < part; i++) {
            sum->a += bytes[i];
            sum->b += sum->a;
        }
        sum->a %= BASE;
        sum->b %= BASE;
        bytes += part;
        count -= part;
    }
}

static void show(const char *how, const struct sum *sum) {
    printf("%s %08x\n", how, sum->b << 16 | sum->a);
}

static int32_t sum_read(int32_t fd, uint32_t offset, uint32_t bytes) {
    static uint8_t buffer[PIECE];
    struct sum sum = {1, 0};

    while (bytes) {
        int32_t got = syscall(NR_pread64, fd, buffer, bytes < PIECE ? bytes : PIECE, offset, 0);
        if (got == 0) break;
        if (got < 0) return got;
        add(&sum, buffer, (uint32_t)got);
        offset += (uint32_t)got;
        bytes -= (uint32_t)got;
    }
    show("read", &sum);
    return 0;
}

/* Piece by piece: a file may be larger than what is left of the address space. */
static int32_t sum_mapped(const char *how, int32_t fd, uint32_t flags, uint32_t offset, uint32_t bytes) {
    struct sum sum = {1, 0};

    while (bytes) {
        uint32_t within = offset % PAGE, part = bytes < 16 * PIECE ? bytes : 16 * PIECE;
        uint32_t at = mmap(0, part + within, PROT_READ, flags, fd, offset / PAGE);
        if (at > 0xFFFFF000) return (int32_t)at;
        add(&sum, (const uint8_t *)at + within, part);
        munmap(at, part + within);
        offset += part;
        bytes -= part;
    }
    show(how, &sum);
    return 0;
}

/* The size as statx() says it: a file may have 4 GB. */
static uint32_t size_of(int32_t fd) {
    uint32_t low = 0, result[2] = {0, 0};

    if (syscall(NR__llseek, fd, 0, 0, result, 2) == 0) low = result[0];
    return low;
}

static int failed(const char *how, int32_t error) {
    if (error) complain("filesum: %s: %s\n", how, error_name(error));
    return error != 0;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) {
        complain("filesum FILE [OFFSET BYTES]\n");
        return 2;
    }
    int32_t fd = open(argv[1], O_RDONLY, 0);
    uint32_t offset = argc == 4 ? parse_number(argv[2], 10) : 0, size = fd < 0 ? 0 : size_of(fd);
    uint32_t bytes = argc == 4 ? parse_number(argv[3], 10) : size;
    if (fd < 0) return failed("open", fd);
    if (bytes > size - offset) bytes = size - offset;
    return failed("read", sum_read(fd, offset, bytes)) |
           failed("private", sum_mapped("private", fd, MAP_PRIVATE, offset, bytes)) |
           failed("shared", sum_mapped("shared", fd, MAP_SHARED, offset, bytes));
}
