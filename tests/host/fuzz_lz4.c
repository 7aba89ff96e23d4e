/*
 * fuzz_lz4.c: any bytes as a file in LZ4's frame format: what is read and what is written?
 *
 * The file and its content lie in buffers of just their length (AddressSanitizer), with bytes around
 * the content that must stay. A file that is accepted is unpacked twice, over different memory, to the
 * same: nothing comes from what was there before.
 *
 * The input is a file; or, if it does not start like one, flags, the length of the content, and blocks
 * for a header that is right: so the fuzzer gets to the blocks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lz4.h"
#include "xxhash32.h"

#define CONTENT_MAX 0x30000
#define AROUND 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Blocks behind a header: the first byte of the input is FLG's bits 5, 4 and 2; four are the length. */
static uint32_t make_file(uint8_t *file, const uint8_t *data, size_t size) {
    static const uint8_t front[] = {0x04, 0x22, 0x4D, 0x18};

    if (size < 6 || !memcmp(data, front, 3)) {
        memcpy(file, data, size);
        return (uint32_t)size;
    }
    memcpy(file, front, 4);
    file[4] = 0x48 | (data[0] & 0x34);
    file[5] = data[0] & 1 ? 0x50 : 0x40;
    memset(file + 6, 0, 8);
    memcpy(file + 6, data + 1, 3);
    file[14] = (uint8_t)(xxhash32(file + 4, 10) >> 8);
    memcpy(file + 15, data + 4, size - 4);
    return (uint32_t)(15 + size - 4);
}

static enum boot_error unpack_over(uint8_t value, const uint8_t *file, uint32_t bytes,
                                   const struct lz4_frame *frame, uint8_t *room) {
    memset(room, value, frame->content_bytes + 2 * AROUND);
    enum boot_error error = lz4_unpack(file, bytes, frame, room + AROUND);
    for (int i = 0; i < AROUND; i++)
        if (room[i] != value || room[AROUND + frame->content_bytes + i] != value) abort();
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lz4_frame frame;
    uint8_t *file = malloc(size + 16);
    uint32_t bytes = make_file(file, data, size);
    uint8_t *exact = malloc(bytes);

    memcpy(exact, file, bytes);
    free(file);
    if (!lz4_header(exact, bytes, &frame) && frame.is_lz4 && frame.content_bytes <= CONTENT_MAX) {
        uint32_t room_bytes = frame.content_bytes + 2 * AROUND;
        uint8_t *one = malloc(room_bytes), *two = malloc(room_bytes);
        enum boot_error error = unpack_over(0xA5, exact, bytes, &frame, one);
        if (unpack_over(0x5A, exact, bytes, &frame, two) != error) abort();
        if (!error && memcmp(one + AROUND, two + AROUND, frame.content_bytes)) abort();
        uint8_t *tight = malloc(frame.content_bytes); /* a word too far is seen here */
        if (lz4_unpack(exact, bytes, &frame, tight) != error) abort();
        free(tight), free(one), free(two);
    }
    free(exact);
    return 0;
}
